"""The saved state of an unfinished training or detection, keyed by everything that its result depends on."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from fashiongen.errors import CheckpointError
from fashiongen.files import CHECKPOINTS, atomic_path, lock_alone
from fashiongen.runtime.devices import is_first_process


def fingerprint(parts: Mapping[str, Any]) -> str:
    """Twelve hexadecimal digits that change if any part changes; parts are JSON values and params models."""
    canonical = json.dumps(parts, sort_keys=True, default=lambda model: model.model_dump(mode="json"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


class Checkpoint:
    """The saved state of an unfinished training: tensors, numbers and containers of them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state.pt"

    def load(self) -> dict[str, Any] | None:
        """The saved state, or None if nothing was saved yet.

        Raises:
            CheckpointError: the file does not load.
        """
        if not self.path.exists():
            return None
        try:
            state: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
        except Exception as error:
            raise CheckpointError(f"{self.path}: does not load ({error}); delete it to start afresh") from error
        return state

    def save(self, state: Mapping[str, Any]) -> None:
        """Replace the saved state atomically."""
        with atomic_path(self.path) as temporary:
            torch.save(dict(state), temporary)


@contextmanager
def resumable(stage: str, parts: Mapping[str, Any], root: Path = CHECKPOINTS) -> Iterator[Checkpoint]:
    """A checkpoint keyed by `fingerprint(parts)`, deleted at the end of the block unless an error or a kill ends it.

    The parts must name all that the result depends on: params, hashes of the inputs, `hash_code` of the sources.

    Raises:
        AlreadyRunning: another process uses this checkpoint.
    """
    folder = root / stage / fingerprint(parts)
    folder.mkdir(parents=True, exist_ok=True)
    if not is_first_process():  # the first one holds the lock, saves and deletes
        yield Checkpoint(folder)
        return
    with lock_alone(root / stage / f"{folder.name}.lock", "trains this"):
        checkpoint = Checkpoint(folder)
        yield checkpoint
        checkpoint.path.unlink(missing_ok=True)  # before the files beside it, on which a resumed training relies
        shutil.rmtree(folder)
