"""The boards that earlier runs walked to their end: an unchanged one need not be walked to its end again."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from fashiongen.boards.catalogue import Board
from fashiongen.boards.pins import Pin
from fashiongen.files import write_text

FOLDER = "boards"  # below the archive


class KnownBoard(BaseModel):
    """A board as a whole walk has found it."""

    model_config = ConfigDict(frozen=True)

    name: str
    expected: int | None  # the number of pins that its page claimed
    pins: tuple[Pin, ...]  # in the order of its feed, then of its sections


class KnownBoards:
    """A file for each board of which the end was reached. A file that does not hold one counts as absent."""

    def __init__(self, archive: Path, *, enough: int) -> None:
        """`enough` known pins in a row end a walk; 0 for never."""
        self._folder = archive / FOLDER
        self._enough = enough

    def find(self, board: Board) -> KnownBoard | None:
        """The board as an earlier run has found it. The results of a search change with each request, so: None."""
        if board.search or not self._enough:
            return None
        try:
            known = KnownBoard.model_validate_json(self._path(board).read_bytes())
        except (OSError, ValidationError):
            return None
        return known if known.name == board.name else None

    def keep(self, board: Board, expected: int | None, pins: Sequence[Pin]) -> None:
        """Remember a board of which the end was reached."""
        if not board.search:
            known = KnownBoard(name=board.name, expected=expected, pins=tuple(pins))
            write_text(self._path(board), known.model_dump_json())

    def complete(self, known: KnownBoard, expected: int | None, found: Sequence[Pin]) -> tuple[Pin, ...] | None:
        """The pins that follow those `found` at the top of a board that is known from there on; None if it may not be.

        A board grows at its top. It is taken as known if new pins, or none, are followed by enough of its first known
        pins in their order, and if its page claims as many pins more than before as are new.
        """
        ids = [pin.pin_id for pin in known.pins]
        before = set(ids)
        new = next((place for place, pin in enumerate(found) if pin.pin_id in before), len(found))
        again = [pin.pin_id for pin in found[new:]]
        grown = None if known.expected is None else known.expected + new
        if len(again) < min(self._enough, len(ids)) or again != ids[: len(again)] or expected != grown:
            return None
        return known.pins[len(again) :]

    def _path(self, board: Board) -> Path:
        return self._folder / f"{hashlib.sha256(board.name.encode()).hexdigest()[:16]}.json"
