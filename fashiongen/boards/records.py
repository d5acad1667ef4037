"""The rows of pins.csv: what became of each pin of a board."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from fashiongen.boards.archive import ORIGINALS, Stored, copy_image
from fashiongen.boards.catalogue import Board
from fashiongen.boards.downloads import Downloads
from fashiongen.boards.harvest import Ending
from fashiongen.boards.pins import Pin
from fashiongen.errors import DownloadFailed
from fashiongen.images.manifest import PinRecord


@dataclass(frozen=True)
class Started:
    """A pin whose download is under way, or the outcome that it has without one."""

    pin: Pin
    download: Future[Stored] | None
    outcome: str


def start_download(pin: Pin, downloads: Downloads, *, min_side_px: int) -> Started:
    """Ask for a pin's image, unless the pin is none to save."""
    if pin.kind != "image":
        return Started(pin, None, f"skipped_{pin.kind}")
    if pin.signature is None:
        return Started(pin, None, "failed_no_image")
    if pin.width_px and pin.height_px and min(pin.width_px, pin.height_px) < min_side_px:
        return Started(pin, None, "skipped_small")
    return Started(pin, downloads.submit(pin), "")


def finish_download(started: Started, board: Board, folder: Path, *, min_side_px: int) -> PinRecord:
    """Wait for a pin's image and put it below `folder`; the pin's row, whatever became of it."""
    if started.download is None:
        return _record(started.pin, board, started.outcome, None)
    outcome, stored = _await(started.download, min_side_px)
    if stored:
        copy_image(stored, folder / board.folder)
    return _record(started.pin, board, outcome, stored)


def _await(download: Future[Stored], min_side_px: int) -> tuple[str, Stored | None]:
    """The outcome of a download, and the image where it is to be kept."""
    try:
        stored = download.result()
    except DownloadFailed as error:
        return f"failed_{error.reason}", None
    if min(stored.facts.width_px, stored.facts.height_px) < min_side_px:
        return "skipped_small", None
    return ("saved" if stored.size == ORIGINALS else f"saved_{stored.size}"), stored


def _record(pin: Pin, board: Board, outcome: str, stored: Stored | None) -> PinRecord:
    facts = stored.facts if stored else None
    return PinRecord(
        pin_id=pin.pin_id,
        board=board.url,
        brand=board.brand,
        season=board.season,
        title=pin.title,
        link=pin.link,
        signature=pin.signature or "",
        file=f"{board.folder}/{stored.path.name}" if stored else "",
        width_px=facts.width_px if facts else pin.width_px,
        height_px=facts.height_px if facts else pin.height_px,
        bytes=facts.bytes if facts else None,
        sha256=facts.sha256 if facts else "",
        outcome=outcome,
    )


def summarise(board: Board, expected: int | None, ending: Ending | None, records: Sequence[PinRecord]) -> str:
    """One line on a board: what its page says it has, what was found, and what became of it."""
    outcomes = Counter(record.outcome for record in records)
    parts = [f"page says {'nothing' if expected is None else expected}", f"found {len(records)}"]
    parts += [_count(kind, outcomes) for kind in ("saved", "skipped", "failed")]
    if ending != "end":
        parts.append(f"its end was not reached ({ending})")
    return f"{board.url}: {', '.join(parts)}"


def _count(kind: str, outcomes: Counter[str]) -> str:
    """As in `skipped 3 (story 1, video 2)`."""
    total = sum(count for outcome, count in outcomes.items() if outcome.split("_")[0] == kind)
    reasons = [f"{name.split('_', 1)[1]} {outcomes[name]}" for name in sorted(outcomes) if name.startswith(f"{kind}_")]
    return f"{kind} {total}" + (f" ({', '.join(reasons)})" if reasons else "")
