"""Scrape the boards of a catalogue with one browser."""

from pathlib import Path

from selenium.webdriver import Chrome

from fashiongen.boards.archive import Archive
from fashiongen.boards.browser import open_browser
from fashiongen.boards.catalogue import PINTEREST, STANDIN, Board, Catalogue
from fashiongen.boards.downloads import Downloads, open_downloads
from fashiongen.boards.events import EntryFinished, EntryOpened, Events, ImagesFound, Notice
from fashiongen.boards.fetch import ImageFetcher, open_client
from fashiongen.boards.harvest import harvest, open_board
from fashiongen.boards.login import sign_in
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.records import finish_download, start_download, summarise
from fashiongen.boards.site import open_site
from fashiongen.errors import SiteError

NOTICE = "scraping the live site, slowly: you answer for its terms and the rights in its images; do not share them"


def scrape_boards(catalogue: Catalogue, params: ScrapeParams, *, archive: Path, cookies: Path) -> Events:
    """Scrape all boards, one after the other; their images are downloaded into the folder `archive`.

    Closing the generator ends the browser and the local test site. `cookies` is the file for the live site's session.

    Raises:
        SiteError: the browser or the site failed, or a board has no pin.
        MissingInput: there is no account to sign in with.
    """
    if not catalogue.boards:
        return
    if catalogue.site == PINTEREST:
        yield Notice(NOTICE)
    with (
        open_site(catalogue, params.boards, cookies) as site,
        open_client(params, trust_environment=catalogue.site != STANDIN) as client,
        open_browser(width_px=params.window_width_px, height_px=params.window_height_px) as driver,
    ):
        sign_in(driver, site.url, account=site.account, cookies=site.cookies, timeout_s=params.page_timeout_s)
        fetcher = ImageFetcher(client, site.hosts, params)
        with open_downloads(fetcher, Archive(archive), max_downloads=params.max_downloads) as downloads:
            for board in catalogue.boards:
                yield from _scrape_board(driver, site.url, board, downloads, params)


def _scrape_board(driver: Chrome, site_url: str, board: Board, downloads: Downloads, params: ScrapeParams) -> Events:
    expected = open_board(driver, site_url, board.url, timeout_s=params.page_timeout_s)
    yield EntryOpened(board.url, expected, "pin")
    started, ending = [], None
    for step in harvest(driver, params):
        started += [start_download(pin, downloads, min_side_px=params.min_side_px) for pin in step.pins]
        ending = step.ending
        yield ImagesFound(len(step.pins))
    if not started:
        raise SiteError(f"{site_url}{board.url}: no pin was found; is the board empty? see boards/selectors.py")
    pins = [finish_download(one, board, min_side_px=params.min_side_px) for one in started]
    yield EntryFinished(pins, summarise(board, expected, ending, [pin.record for pin in pins]))
