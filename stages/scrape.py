"""Collect the catalogue's images by brand: from boards of a site and from the user's own photographs."""

import logging
import shutil
import signal
import sys
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
from fashiongen.boards.output import require_own_files, write_incomplete, write_scrape
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.records import require_complete, require_some, summarise
from fashiongen.boards.scraping import scrape_boards
from fashiongen.errors import FashiongenError
from fashiongen.files import CHECKPOINTS, lock_alone
from fashiongen.images.manifest import BoardRecord
from stages.entry import run

SCRAPED = Path("data/scraped")
INCOMPLETE = Path("data/incomplete_scrape")  # the tables of a run that failed
COOKIES = Path.home() / ".local/state/fashiongen/cookies.json"  # a secret, so outside the repository


@dataclass
class Collection:
    """What was collected so far."""

    images: list[Collected] = field(default_factory=list)
    entries: list[BoardRecord] = field(default_factory=list)

    def add(self, events: Events) -> None:
        """Add the images of all entries; shows a progress bar and then a line for each entry."""
        with closing(events), ExitStack() as bars:
            for event in events:
                match event:
                    case Notice(text):
                        print(text, file=sys.stderr)
                    case EntryOpened(name, expected, unit):
                        bar = bars.enter_context(tqdm(desc=name, total=expected, unit=unit))
                    case DownloadsLeft(number):
                        bar = bars.enter_context(tqdm(desc="downloads", total=number, unit="image"))
                    case ImagesFound(new):
                        bar.update(new)
                    case EntryFinished(images, entry):
                        bar.close()
                        print(summarise(entry, [image.record for image in images]), flush=True)
                        self.images += images
                        self.entries.append(entry)


def main() -> None:
    """Collect everything first, then replace data/scraped; the archive keeps all downloads for later runs."""
    logging.getLogger("stamina").setLevel(logging.ERROR)  # a line for each retry would break the progress bar
    params = config.load(ScrapeParams, "scrape")
    catalogue = read_catalogue(params.boards)
    require_photographs(catalogue, params.boards)
    require_own_files(SCRAPED)
    archive = archive_folder(CHECKPOINTS / "scrape", params.boards, catalogue)
    photographs, pins = Collection(), Collection()
    with ExitStack() as opened:
        opened.enter_context(lock_alone(CHECKPOINTS / "scrape.lock", "scrapes here"))
        photographs.add(inspect_catalogue(catalogue, params, scraped=SCRAPED, opened=opened))
        try:
            pins.add(scrape_boards(catalogue, params, archive=archive, cookies=COOKIES))
            require_some(pins.entries)
            if params.on_incomplete == "fail":
                require_complete(pins.entries, table=INCOMPLETE / "boards.csv")
        except FashiongenError:
            write_incomplete(INCOMPLETE, pins.images, pins.entries)
            raise
        write_scrape(SCRAPED, [*pins.images, *photographs.images], [*pins.entries, *photographs.entries])
        shutil.rmtree(INCOMPLETE, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the browser and its profile go, as after Ctrl-C
    run(main)
