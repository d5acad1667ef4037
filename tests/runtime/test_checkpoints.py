"""The checkpoint that survives a kill, and what makes it unusable."""

import os
import pickle
import shutil
import subprocess
import sys

import pytest
import torch

from fashiongen.config import Params
from fashiongen.errors import AlreadyRunning, CheckpointError
from fashiongen.runtime.checkpoints import fingerprint, resumable


class TrainParams(Params):
    """Params of a training."""

    epochs: int
    lr: float


PARTS = {"params": TrainParams(epochs=2, lr=0.1), "inputs": ["aa", "bb"], "code": "cc"}


def test_a_fingerprint_is_the_same_for_the_same_parts_in_any_order():
    assert fingerprint(PARTS) == fingerprint(dict(reversed(PARTS.items())))
    assert len(fingerprint(PARTS)) == 12


@pytest.mark.parametrize(
    "change",
    [
        {"params": TrainParams(epochs=3, lr=0.1)},
        {"params": TrainParams(epochs=2, lr=0.2)},
        {"inputs": ["bb", "aa"]},
        {"inputs": ["aa"]},
        {"code": "cd"},
        {"more": None},
    ],
)
def test_a_fingerprint_changes_with_every_part(change):
    assert fingerprint({**PARTS, **change}) != fingerprint(PARTS)


def test_what_was_saved_comes_back(tmp_path):
    state = {"epoch": 3, "weights": {"w": torch.arange(6.0).reshape(2, 3)}, "rng": torch.get_rng_state(), "none": None}
    with resumable("train", PARTS, tmp_path) as checkpoint:
        assert checkpoint.load() is None
        checkpoint.save({"epoch": 2})
        checkpoint.save(state)
        loaded = checkpoint.load()
    assert loaded["epoch"] == 3
    assert torch.equal(loaded["weights"]["w"], state["weights"]["w"])
    assert torch.equal(loaded["rng"], state["rng"])


def test_an_error_keeps_the_checkpoint_for_the_next_run(tmp_path):
    with pytest.raises(RuntimeError), resumable("train", PARTS, tmp_path) as checkpoint:
        checkpoint.save({"epoch": 1})
        raise RuntimeError
    with resumable("train", PARTS, tmp_path) as checkpoint:
        assert checkpoint.load() == {"epoch": 1}


def test_success_deletes_the_checkpoint(tmp_path):
    with resumable("train", PARTS, tmp_path) as checkpoint:
        checkpoint.save({"epoch": 1})
    with resumable("train", PARTS, tmp_path) as checkpoint:
        assert checkpoint.load() is None
    assert not list(tmp_path.rglob("*.pt"))


def test_a_kill_while_the_folder_is_deleted_leaves_no_state_beside_half_of_what_belongs_to_it(tmp_path, monkeypatch):
    """A training that resumed from it would take its grids for saved."""

    def killed(folder):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(shutil, "rmtree", killed)
        with resumable("stage", {"a": 1}, tmp_path) as checkpoint:
            checkpoint.save({"step": 1})
    with resumable("stage", {"a": 1}, tmp_path) as checkpoint:
        assert checkpoint.load() is None


def test_other_parts_and_other_stages_have_their_own_checkpoints(tmp_path):
    with resumable("train", PARTS, tmp_path) as checkpoint:
        checkpoint.save({"epoch": 1})
        with resumable("train", {**PARTS, "code": "cd"}, tmp_path) as other:
            assert other.load() is None
        with resumable("crop", PARTS, tmp_path) as other:
            assert other.load() is None


OTHER_PROCESS = """
import sys
from pathlib import Path
from fashiongen.runtime.checkpoints import resumable
with resumable("train", {}, Path(sys.argv[1])) as checkpoint:
    checkpoint.save({"epoch": 1})
    print("saved", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_a_second_process_is_refused_until_the_first_is_killed_and_then_goes_on_from_it(tmp_path):
    command = [sys.executable, "-c", OTHER_PROCESS, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "saved\n"
        with pytest.raises(AlreadyRunning, match="another process trains this"), resumable("train", {}, tmp_path):
            pytest.fail("entered beside the other process")
        process.kill()
    with resumable("train", {}, tmp_path) as checkpoint:
        assert checkpoint.load() == {"epoch": 1}


class Exploit:
    """Runs code where a pickle is trusted."""

    def __reduce__(self):
        return os.mkdir, ("exploited",)


def test_a_checkpoint_runs_no_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with resumable("train", PARTS, tmp_path) as checkpoint:
        torch.save({"epoch": Exploit()}, checkpoint.path)
        with pytest.raises(CheckpointError, match=r"state\.pt: does not load"):
            checkpoint.load()
    assert not (tmp_path / "exploited").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", pickle.dumps({"epoch": 1})])
def test_a_damaged_checkpoint_is_an_error_with_the_remedy(tmp_path, content):
    with resumable("train", PARTS, tmp_path) as checkpoint:
        checkpoint.path.write_bytes(content)
        with pytest.raises(CheckpointError, match="delete it to start afresh"):
            checkpoint.load()
