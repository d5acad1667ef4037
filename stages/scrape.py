"""Collect the catalogue's images by brand: from boards of a site and from the user's own photographs.

pins.csv has a row for each pin and each photograph, saved or not.
"""

import logging
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from selenium.webdriver import Chrome
from tqdm import tqdm

from fashiongen import config
from fashiongen.boards.archive import Archive, archive_folder
from fashiongen.boards.browser import open_browser
from fashiongen.boards.catalogue import (
    PINTEREST,
    STANDIN,
    Board,
    Catalogue,
    Photographs,
    read_catalogue,
    require_chosen,
)
from fashiongen.boards.credentials import Credentials, read_credentials
from fashiongen.boards.downloads import Downloads, open_downloads
from fashiongen.boards.fetch import ImageFetcher, open_client
from fashiongen.boards.harvest import harvest, open_board
from fashiongen.boards.hosts import HostPolicy
from fashiongen.boards.local_site import read_account, serve_locally
from fashiongen.boards.login import sign_in
from fashiongen.boards.output import replace_table, require_own_files
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.photographs import Original, copy_original, inspect_original, open_photographs
from fashiongen.boards.records import (
    Finished,
    count_outcomes,
    finish_download,
    save_image,
    start_download,
    summarise,
)
from fashiongen.boards.selectors import IMAGE_HOST
from fashiongen.errors import BadInput, SiteError
from fashiongen.files import CHECKPOINTS
from fashiongen.images.manifest import PinRecord
from stages.entry import run

SCRAPED = Path("data/scraped")
COOKIES = Path.home() / ".local/state/fashiongen/cookies.json"  # a secret, so outside the repository

NOTICE = "scraping the live site, slowly: you answer for its terms and the rights in its images; do not share them"


class Source(NamedTuple):
    """The site that has the boards, and how to sign in."""

    url: str
    hosts: HostPolicy
    account: Callable[[], Credentials]
    cookies: Path | None


@contextmanager
def open_source(catalogue: Catalogue, boards: Path) -> Iterator[Source]:
    """The live site, or the stand-in that serves `boards`/site, with that folder's account and never the user's."""
    if catalogue.site == STANDIN:
        account = read_account(boards / "site")
        with serve_locally(boards / "site") as site:
            hosts = HostPolicy(frozenset({urlsplit(site.image_host).netloc}), allow_local=True)
            yield Source(site.url, hosts, lambda: account, cookies=None)
    else:
        hosts = HostPolicy(frozenset({IMAGE_HOST}), allow_local=False)
        # With cookies no account may be needed. Without, it is read before anything is requested from the site.
        credentials = None if COOKIES.is_file() else read_credentials()
        print(NOTICE, file=sys.stderr)
        yield Source(PINTEREST, hosts, lambda: credentials or read_credentials(), COOKIES)


def scrape_boards(catalogue: Catalogue, params: ScrapeParams, kept: Path) -> list[Finished]:
    """The pins of all boards, scraped with one browser; the images are in the archive at `kept`."""
    is_live = catalogue.site != STANDIN
    with (
        open_source(catalogue, params.boards) as source,
        open_client(params, trust_environment=is_live) as client,
        open_browser(width_px=params.window_width_px, height_px=params.window_height_px) as driver,
    ):
        fetcher = ImageFetcher(client, source.hosts, params)
        sign_in(driver, source.url, account=source.account, cookies=source.cookies, timeout_s=params.page_timeout_s)
        with open_downloads(fetcher, Archive(kept), max_downloads=params.max_downloads) as downloads:
            boards = [scrape_board(driver, source.url, board, downloads, params) for board in catalogue.boards]
    return [pin for pins in boards for pin in pins]


def scrape_board(driver: Chrome, site: str, board: Board, downloads: Downloads, params: ScrapeParams) -> list[Finished]:
    """The pins of one board in the order of its feed."""
    expected = open_board(driver, site, board.url, timeout_s=params.page_timeout_s)
    started = []
    with tqdm(desc=board.url, total=expected, unit="pin") as bar:
        for step in harvest(driver, params):
            started += [start_download(pin, downloads, min_side_px=params.min_side_px) for pin in step.pins]
            bar.update(len(step.pins))
    if not started:
        raise SiteError(f"{site}{board.url}: no pin was found; is the board empty? see boards/selectors.py")
    finished = [finish_download(one, board, min_side_px=params.min_side_px) for one in started]
    print(summarise(board, expected, step.ending, [pin.record for pin in finished]), flush=True)
    return finished


def inspect_photographs(
    entry: Photographs, originals: Sequence[Original], params: ScrapeParams
) -> list[tuple[Original, PinRecord]]:
    """Each file of one entry with its row."""
    inspect = partial(inspect_original, entry=entry, max_bytes=params.max_bytes, min_side_px=params.min_side_px)
    with ThreadPoolExecutor(params.max_downloads) as pool:
        records = list(tqdm(pool.map(inspect, originals), desc=entry.path, total=len(originals), unit="file"))
    print(f"{entry.path}: {count_outcomes(records)}", flush=True)
    if not any(record.file for record in records):
        raise BadInput(f"{entry.locate(params.boards)}: no image there can be used: {count_outcomes(records)}")
    return list(zip(originals, records, strict=True))


def require_apart(path: Path, boards: Path) -> None:
    """Refuse photographs in the folder that this stage empties; say where DVC does not see that photographs change."""
    resolved, scraped = path.resolve(), SCRAPED.resolve()
    if resolved.is_relative_to(scraped) or scraped.is_relative_to(resolved):
        raise BadInput(f"{path}: overlaps {SCRAPED}, which this stage empties; move the photographs to another folder")
    if not resolved.is_relative_to(boards.resolve()):
        print(
            f"{path} lies outside {boards}, so DVC does not see when it changes: then run `dvc repro --force scrape`",
            file=sys.stderr,
        )


def main() -> None:
    """Collect everything first, then replace data/scraped: a run that fails leaves the last one's images alone.

    What was downloaded before a kill is kept and used by the next run.
    """
    logging.getLogger("stamina").setLevel(logging.ERROR)  # each retry would break the bar with a line of its own
    params = config.load(ScrapeParams, "scrape")
    catalogue = read_catalogue(params.boards)
    require_chosen(catalogue, params.boards)
    require_own_files(SCRAPED)
    kept = archive_folder(CHECKPOINTS / "scrape", params.boards)
    photographs = []
    with ExitStack() as opened:
        for entry in catalogue.photographs:
            require_apart(entry.locate(params.boards), params.boards)
            originals = opened.enter_context(open_photographs(entry.locate(params.boards)))
            photographs += inspect_photographs(entry, originals, params)
        pins = scrape_boards(catalogue, params, kept) if catalogue.boards else []
        replace_table(SCRAPED, [*(pin.record for pin in pins), *(record for _, record in photographs)])
        for pin in pins:
            save_image(pin, SCRAPED)
        for original, record in photographs:
            if record.file:
                copy_original(original, record, SCRAPED, max_bytes=params.max_bytes)
    shutil.rmtree(kept, ignore_errors=True)


if __name__ == "__main__":
    run(main)
