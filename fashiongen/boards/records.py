"""The rows of pins.csv, one for each pin of a board, with its outcome; and those of boards.csv, which count them."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from fashiongen.boards.archive import ORIGINALS, Stored
from fashiongen.boards.catalogue import Board, Photographs
from fashiongen.boards.downloads import Downloads
from fashiongen.boards.output import IMAGES
from fashiongen.boards.pins import Pin
from fashiongen.errors import DownloadFailed, IncompleteBoards, SiteError
from fashiongen.images.manifest import BoardRecord, Ending, PinRecord

NAMED = 5  # boards, in an error message


@dataclass(frozen=True)
class Started:
    """A pin with its download, or the outcome that it has without one."""

    pin: Pin
    download: Future[Stored] | None
    outcome: str


def start_download(pin: Pin, downloads: Downloads | None, *, min_side_px: int, story_images: bool) -> Started:
    """Request a pin's image, unless the pin is one that is not saved, or there are no downloads in a dry run."""
    if pin.kind == "unreadable":
        return Started(pin, None, "failed_unreadable")
    if pin.kind in ("video", "story") or (pin.kind == "story_image" and not story_images):
        return Started(pin, None, f"skipped_{pin.kind.removesuffix('_image')}")
    if pin.signature is None:
        return Started(pin, None, "failed_no_image")
    if pin.width_px and pin.height_px and min(pin.width_px, pin.height_px) < min_side_px:
        return Started(pin, None, "skipped_small")
    return Started(pin, downloads.submit(pin), "") if downloads else Started(pin, None, "skipped_dry_run")


def retry_download(started: Started, downloads: Downloads) -> Started:
    """Request an image once more if its download failed in a way that time can mend."""
    error = started.download.exception() if started.download else None
    if isinstance(error, DownloadFailed) and error.is_passing:
        return Started(started.pin, downloads.retry(started.pin), "")
    return started


@dataclass(frozen=True)
class Finished:
    """A pin's row, and its image where it is to be saved."""

    record: PinRecord
    stored: Stored | None

    def read(self) -> bytes:
        """The bytes of the image, if there is one to save."""
        return self.stored.path.read_bytes() if self.stored else b""


def finish_download(started: Started, board: Board, *, min_side_px: int) -> Finished:
    """Wait for a pin's image; a pin has a row whatever its outcome."""
    if started.download is None:
        return Finished(_record(started.pin, board, started.outcome, None), None)
    outcome, stored = _await(started.download, min_side_px)
    return Finished(_record(started.pin, board, outcome, stored), stored)


def _await(download: Future[Stored], min_side_px: int) -> tuple[str, Stored | None]:
    """The outcome of a download, and the image where it is to be saved."""
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
        board=board.name,
        brand=board.brand,
        season=board.season,
        pinned_on=pin.pinned_on,
        section=pin.section,
        title=pin.title,
        link=pin.link,
        signature=pin.signature or "",
        file=f"{IMAGES}/{board.folder}/{stored.path.name}" if stored else "",
        width_px=facts.width_px if facts else pin.width_px,
        height_px=facts.height_px if facts else pin.height_px,
        bytes=facts.bytes if facts else None,
        sha256=facts.sha256 if facts else "",
        outcome=outcome,
    )


def describe_entry(
    entry: Board | Photographs,
    name: str,
    records: Sequence[PinRecord],
    *,
    expected: int | None,
    ending: Ending,
    detail: str = "",
) -> BoardRecord:
    """The row of an entry of the catalogue; `records` are the rows of its images."""
    outcomes = Counter(record.outcome for record in records)
    kinds = Counter(record.outcome.split("_")[0] for record in records)
    return BoardRecord(
        board=name,
        brand=entry.brand,
        season=entry.season,
        expected=expected,
        found=len(records),
        saved=kinds["saved"],
        skipped=kinds["skipped"],
        failed=kinds["failed"],
        reasons=", ".join(f"{name} {number}" for name, number in sorted(outcomes.items()) if name != "saved"),
        ending=ending,
        detail=detail,
    )


def explain_entry(record: BoardRecord) -> str:
    """One line about what an entry lacks, as in `/a/b/: INCOMPLETE (throttled): failed_timeout 1`; empty if nothing."""
    parts = [] if record.is_complete else [f"INCOMPLETE ({record.ending})"]
    parts += filter(None, (record.reasons, record.detail))
    return ": ".join((record.board, *parts)) if parts else ""


def count_outcomes(records: Sequence[PinRecord]) -> str:
    """As in `found 9, saved 5 (736x 1), skipped 3 (story 1, video 2), failed 1 (timeout 1)`."""
    outcomes = Counter(record.outcome for record in records)
    return ", ".join([f"found {len(records)}", *(_count(kind, outcomes) for kind in ("saved", "skipped", "failed"))])


def _count(kind: str, outcomes: Counter[str]) -> str:
    """As in `skipped 3 (story 1, video 2)`."""
    total = sum(count for outcome, count in outcomes.items() if outcome.split("_")[0] == kind)
    reasons = [f"{name.split('_', 1)[1]} {outcomes[name]}" for name in sorted(outcomes) if name.startswith(f"{kind}_")]
    return f"{kind} {total}" + (f" ({', '.join(reasons)})" if reasons else "")


def require_some(entries: Sequence[BoardRecord]) -> None:
    """Refuse a scrape that found no pin on any of the boards.

    Raises:
        SiteError: the message says why the first of them has none.
    """
    if entries and not any(entry.found for entry in entries):
        first = entries[0]
        raise SiteError(
            f"no board has a pin: {first.board}: {first.ending}"
            + (f" ({first.detail})" if first.detail else "")
            + "; correct the urls in catalogue.yaml, or boards/selectors.py if the site's pages have changed"
        )


def require_complete(entries: Sequence[BoardRecord], *, table: Path) -> None:
    """Refuse a scrape of which the end of an entry was not reached.

    Raises:
        IncompleteBoards: the message names the entries and the table that has them.
    """
    incomplete = [f"{entry.board} ({entry.ending})" for entry in entries if not entry.is_complete]
    if incomplete:
        raise IncompleteBoards(
            f"{len(incomplete)} of {len(entries)} boards are incomplete: {', '.join(incomplete[:NAMED])}"
            f"{', …' if len(incomplete) > NAMED else ''}; {table} has them all. Run again to go on with what is there, "
            "or set scrape.on_incomplete to keep"
        )
