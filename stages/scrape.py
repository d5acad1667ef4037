"""Scrape the boards of the catalogue: images by brand, and one row of pins.csv for each pin seen."""

import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from selenium.webdriver import Chrome
from tqdm import tqdm

from fashiongen import config
from fashiongen.boards.archive import Archive, archive_folder
from fashiongen.boards.browser import open_browser
from fashiongen.boards.catalogue import STANDIN, Board, Catalogue, read_catalogue, require_chosen
from fashiongen.boards.credentials import Credentials, read_credentials
from fashiongen.boards.downloads import Downloads, open_downloads
from fashiongen.boards.fetch import ImageFetcher, open_client
from fashiongen.boards.harvest import harvest, open_board
from fashiongen.boards.hosts import HostPolicy
from fashiongen.boards.local_site import read_account, serve_locally
from fashiongen.boards.login import sign_in
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.records import finish_download, start_download, summarise
from fashiongen.boards.selectors import IMAGE_HOST
from fashiongen.errors import SiteError
from fashiongen.files import CHECKPOINTS, write_csv
from fashiongen.folders import fresh_folder
from fashiongen.images.manifest import PinRecord
from stages.entry import run

SCRAPED = Path("data/scraped")
COOKIES = Path.home() / ".local/state/fashiongen/cookies.json"  # a secret, so outside the repository

NOTICE = "scraping the live site, slowly: its terms and the rights in its images are yours to mind; share no image"


class Source(NamedTuple):
    """The site that has the boards, and how to be let in."""

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
        # Cookies may do without an account; where there are none, it is asked for before the site is.
        credentials = None if COOKIES.is_file() else read_credentials()
        print(NOTICE, file=sys.stderr)
        yield Source(catalogue.site, hosts, lambda: credentials or read_credentials(), COOKIES)


def scrape_board(
    driver: Chrome, site: str, board: Board, downloads: Downloads, params: ScrapeParams
) -> list[PinRecord]:
    """The rows of one board, in the order of its feed, with the images saved."""
    expected = open_board(driver, site, board.url, timeout_s=params.page_timeout_s)
    started = []
    with tqdm(desc=board.url, total=expected, unit="pin") as bar:
        for step in harvest(driver, params):
            started += [start_download(pin, downloads, min_side_px=params.min_side_px) for pin in step.pins]
            bar.update(len(step.pins))
    if not started:
        raise SiteError(f"{site}{board.url}: no pin was found; is the board empty? see boards/selectors.py")
    records = [finish_download(one, board, SCRAPED, min_side_px=params.min_side_px) for one in started]
    print(summarise(board, expected, step.ending, records), flush=True)
    return records


def main() -> None:
    """Scrape every board with one browser; what was downloaded before a kill is kept and used by the next run."""
    logging.getLogger("stamina").setLevel(logging.ERROR)  # each retry would break the bar with a line of its own
    params = config.load(ScrapeParams, "scrape")
    catalogue = read_catalogue(params.boards)
    require_chosen(catalogue, params.boards)
    kept = archive_folder(CHECKPOINTS / "scrape", params.boards)
    is_live = catalogue.site != STANDIN
    with (
        open_source(catalogue, params.boards) as source,
        open_client(params, trust_environment=is_live) as client,
        open_browser(width_px=params.window_width_px, height_px=params.window_height_px) as driver,
    ):
        fetcher = ImageFetcher(client, source.hosts, params)
        sign_in(driver, source.url, account=source.account, cookies=source.cookies, timeout_s=params.page_timeout_s)
        fresh_folder(SCRAPED)
        with open_downloads(fetcher, Archive(kept), max_downloads=params.max_downloads) as downloads:
            boards = [scrape_board(driver, source.url, board, downloads, params) for board in catalogue.boards]
    write_csv(SCRAPED / "pins.csv", PinRecord, [record for records in boards for record in records])
    shutil.rmtree(kept, ignore_errors=True)


if __name__ == "__main__":
    run(main)
