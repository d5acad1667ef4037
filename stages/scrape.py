"""Collect the catalogue's images by brand: from boards of a site and from the user's own photographs."""

import logging
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from fashiongen import config
from fashiongen.boards.archive import archive_folder
from fashiongen.boards.catalogue import read_catalogue, require_photographs
from fashiongen.boards.events import (
    Collected,
    DownloadsLeft,
    EntryFinished,
    EntryOpened,
    Events,
    ImagesFound,
    Notice,
)
from fashiongen.boards.inspection import inspect_catalogue
from fashiongen.boards.login import COOKIES
from fashiongen.boards.output import require_own_files, write_incomplete, write_scrape
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.records import explain_entry, require_complete, require_some
from fashiongen.boards.scraping import scrape_boards
from fashiongen.errors import BadArgument, FashiongenError
from fashiongen.files import CHECKPOINTS, lock_alone, remove_unfinished
from fashiongen.images.manifest import BoardRecord
from fashiongen.images.params import StorageParams
from fashiongen.report.table import Column, Table, to_text
from stages.entry import run

DRY_RUN = "--dry-run"
SCRAPED = Path("data/scraped")
INCOMPLETE = Path("data/incomplete_scrape")  # the tables of a run that failed


@dataclass
class Collection:
    """What was collected so far."""

    images: list[Collected] = field(default_factory=list)
    entries: list[BoardRecord] = field(default_factory=list)

    def add(self, events: Events) -> None:
        """Add the images of all entries; shows a progress bar for each."""
        bar = tqdm(disable=True)
        with closing(events):
            for event in events:
                match event:
                    case Notice(text):
                        print(text, file=sys.stderr)
                    case EntryOpened(name, expected, unit):
                        bar.close()
                        bar = tqdm(desc=name, total=expected, unit=unit)
                    case DownloadsLeft(number):
                        bar.close()
                        bar = tqdm(desc="downloads", total=number, unit="image", disable=not number)
                    case ImagesFound(new, saved, failed):
                        bar.set_postfix({"saved": saved, "failed": failed} if saved or failed else {}, refresh=False)
                        bar.update(new)
                    case EntryFinished(images, entry):
                        bar.close()
                        self.images += images
                        self.entries.append(entry)


def main(option: str = "") -> None:
    """Collect everything first, then replace data/scraped; the archive keeps all downloads for later runs.

    With `--dry-run`, walk over the boards and show what a scrape would get.
    """
    is_dry = option == DRY_RUN
    if option and not is_dry:
        raise BadArgument(f"{option}: no option of the scrape; there is {DRY_RUN}")
    logging.getLogger("stamina").setLevel(logging.ERROR)  # a line for each retry would break the progress bar
    params, storage = config.load(ScrapeParams, "scrape"), config.load(StorageParams, "storage")
    catalogue = read_catalogue(params.boards)
    require_photographs(catalogue, params.boards)
    kept = CHECKPOINTS / "scrape"
    archive = archive_folder(kept, params.boards, catalogue)
    photographs, pins = Collection(), Collection()
    with ExitStack() as opened:
        opened.enter_context(lock_alone(CHECKPOINTS / "scrape.lock", "scrapes here"))
        remove_unfinished(kept)
        if not is_dry:
            require_own_files(SCRAPED)
            photographs.add(inspect_catalogue(catalogue, params, scraped=SCRAPED, opened=opened))
        try:
            pins.add(scrape_boards(catalogue, params, archive=archive, cookies=COOKIES, dry_run=is_dry))
            require_some(pins.entries)
            if params.on_incomplete == "fail":
                require_complete(pins.entries, table=INCOMPLETE / "boards.csv")
        except FashiongenError:
            if not is_dry:
                write_incomplete(INCOMPLETE, pins.images, pins.entries)
            raise
        finally:
            print_entries([*pins.entries, *photographs.entries])
        if not is_dry:
            images, entries = [*pins.images, *photographs.images], [*pins.entries, *photographs.entries]
            write_scrape(SCRAPED, images, entries, images_per_shard=storage.images_per_shard)
            shutil.rmtree(INCOMPLETE, ignore_errors=True)


def print_entries(entries: Sequence[BoardRecord]) -> None:
    """A closing table with a row for each entry, and below it a line about each that lacks something."""
    if entries:
        titles = ("board", "page says", "found", "saved", "skipped", "failed", "ended")
        table = Table("", tuple(map(Column, titles)), tuple(map(_cells, entries)))
        print("\n".join([to_text(table), *filter(None, map(explain_entry, entries))]), flush=True)


def _cells(entry: BoardRecord) -> tuple[str, ...]:
    counts = (entry.found, entry.saved, entry.skipped, entry.failed)
    expected = "" if entry.expected is None else f"{entry.expected:,}"
    return (entry.board, expected, *(f"{count:,}" for count in counts), entry.ending)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the browser and its profile go, as after Ctrl-C
    run(main)
