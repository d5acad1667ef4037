"""Collect the catalogue's images by brand: from boards of a site and from the user's own photographs."""

import logging
import shutil
import sys
from contextlib import ExitStack, closing
from pathlib import Path

from tqdm import tqdm

from fashiongen import config
from fashiongen.boards.archive import archive_folder
from fashiongen.boards.catalogue import read_catalogue, require_chosen
from fashiongen.boards.events import Collected, EntryFinished, EntryOpened, Events, ImagesFound, Notice
from fashiongen.boards.inspection import inspect_catalogue
from fashiongen.boards.output import require_own_files, write_scrape
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.scraping import scrape_boards
from fashiongen.files import CHECKPOINTS
from stages.entry import run

SCRAPED = Path("data/scraped")
COOKIES = Path.home() / ".local/state/fashiongen/cookies.json"  # a secret, so outside the repository


def main() -> None:
    """Collect everything first, then replace data/scraped; a run that is killed leaves its downloads to the next."""
    logging.getLogger("stamina").setLevel(logging.ERROR)  # a line for each retry would break the progress bar
    params = config.load(ScrapeParams, "scrape")
    catalogue = read_catalogue(params.boards)
    require_chosen(catalogue, params.boards)
    require_own_files(SCRAPED)
    archive = archive_folder(CHECKPOINTS / "scrape", params.boards)
    with ExitStack() as opened:
        photographs = collect(inspect_catalogue(catalogue, params, scraped=SCRAPED, opened=opened))
        pins = collect(scrape_boards(catalogue, params, archive=archive, cookies=COOKIES))
        write_scrape(SCRAPED, [*pins, *photographs])
    shutil.rmtree(archive, ignore_errors=True)


def collect(events: Events) -> list[Collected]:
    """The images of all entries; shows a progress bar and then a line for each entry."""
    images: list[Collected] = []
    with closing(events), ExitStack() as bars:
        for event in events:
            match event:
                case Notice(text):
                    print(text, file=sys.stderr)
                case EntryOpened(name, expected, unit):
                    bar = bars.enter_context(tqdm(desc=name, total=expected, unit=unit))
                case ImagesFound(new):
                    bar.update(new)
                case EntryFinished(found, summary):
                    bar.close()
                    print(summary, flush=True)
                    images += found
    return images


if __name__ == "__main__":
    run(main)
