"""Scrape the boards of a catalogue with one browser: what fails costs its own row, and the others go on."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from fashiongen.boards.archive import Archive
from fashiongen.boards.browser import report_browser_faults
from fashiongen.boards.catalogue import PINTEREST, Board, Catalogue
from fashiongen.boards.content import Inspector
from fashiongen.boards.downloads import Downloads, open_downloads
from fashiongen.boards.events import DownloadsLeft, EntryFinished, EntryOpened, Event, Events, ImagesFound, Notice
from fashiongen.boards.fetch import ImageFetcher, open_client
from fashiongen.boards.harvest import harvest, open_board
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.records import Started, describe_entry, finish_download, retry_download, start_download
from fashiongen.boards.session import Session, open_session
from fashiongen.boards.site import open_site
from fashiongen.errors import (
    BoardNotFound,
    BrowserError,
    FashiongenError,
    LoginFailed,
    MissingInput,
    PageFailed,
    SessionEnded,
)
from fashiongen.images.manifest import Ending

NOTICE = "scraping the live site, slowly: you answer for its terms and the rights in its images; do not share them"
TRIES = 2  # of a board whose browser died or whose session ended


@dataclass(frozen=True)
class Walk:
    """What a walk over one board found, and why it ended."""

    board: Board
    expected: int | None
    pins: tuple[Started, ...]
    ending: Ending
    detail: str = ""


def scrape_boards(catalogue: Catalogue, params: ScrapeParams, *, archive: Path, cookies: Path) -> Events:
    """Scrape all boards, one after the other; their images are downloaded into the folder `archive`.

    A board that fails is a row of its own, and the others go on. Downloads that failed in a way that time can mend are
    tried again after the last board. Closing the generator ends the browser and the local test site. `cookies` is the
    file for the live site's session.

    Raises:
        LoginFailed: the site refuses the account, or has ended the session too often; boards that were walked before
            have had their event.
        BrowserError: the browser does not start.
        MissingInput: there is no account to sign in with.
    """
    if not catalogue.boards:
        return
    if catalogue.site == PINTEREST:
        yield Notice(NOTICE)
    inspector = Inspector(params.max_megapixels)
    with (
        open_site(catalogue, params.boards, cookies) as site,
        open_client(params, site.hosts, proxy=site.proxy) as client,
        open_session(site, params) as session,
    ):
        fetcher = ImageFetcher(client, site.hosts, inspector, params)
        with open_downloads(fetcher, Archive(archive, inspector), max_downloads=params.max_downloads) as downloads:
            walker = _Walker(session, site.url, downloads, params)
            walks, refusal = yield from walker.walk_all(catalogue.boards)
            yield from _await_downloads(walks)
            walks = [replace(walk, pins=tuple(retry_download(pin, downloads) for pin in walk.pins)) for walk in walks]
            yield from _finish(walks, params)
    if refusal:
        raise refusal


class _Walker:
    """Walks over boards in a member's browser, and requests the images of their pins."""

    def __init__(self, session: Session, site_url: str, downloads: Downloads, params: ScrapeParams) -> None:
        self._session = session
        self._site_url = site_url
        self._downloads = downloads
        self._params = params

    def walk_all(self, boards: tuple[Board, ...]) -> Generator[Event, None, tuple[list[Walk], FashiongenError | None]]:
        """The walk over each board, and the error that ended the session for good, if one did."""
        walks: list[Walk] = []
        refusal: FashiongenError | None = None
        for board in boards:
            if refusal:
                walks.append(Walk(board, None, (), "session_ended", str(refusal)))
            else:
                walk, refusal = yield from self._walk(board)
                walks.append(walk)
        return walks, refusal

    def _walk(self, board: Board) -> Generator[Event, None, tuple[Walk, FashiongenError | None]]:
        """Walk over a board; again, with what was found so far, if the browser dies or the session ends.

        The error is that of a browser that does not start again, or of a site that refuses the login.
        """
        found: dict[str, Started] = {}
        walk = Walk(board, None, (), "browser_failed")
        for _ in range(TRIES):
            try:
                with report_browser_faults():
                    return (yield from self._walk_once(board, found)), None
            except (SessionEnded, BrowserError) as error:
                has_session_ended = isinstance(error, SessionEnded)
                ending: Ending = "session_ended" if has_session_ended else "browser_failed"
                walk = Walk(board, None, tuple(found.values()), ending, str(error))
                renew = self._session.sign_in_again if has_session_ended else self._session.renew_browser
                try:
                    renew()
                except (LoginFailed, MissingInput, BrowserError) as refusal:
                    return walk, refusal
        return walk, None

    def _walk_once(self, board: Board, found: dict[str, Started]) -> Generator[Event, None, Walk]:
        """Walk over a board from its top, and add the pins that are not in `found` yet."""
        driver, params = self._session.driver, self._params
        try:
            expected = open_board(driver, self._site_url, board, timeout_s=params.page_timeout_s)
        except BoardNotFound as error:
            return Walk(board, None, (), "not_found", str(error))
        except PageFailed as error:
            return Walk(board, None, (), "page_failed", str(error))
        yield EntryOpened(board.name, board.max_pins or expected, "pin")
        yield ImagesFound(len(found))
        ending: Ending = "patience"
        for step in harvest(driver, board, params, expected=expected):
            new = [pin for pin in step.pins if pin.pin_id not in found]
            for pin in new:
                found[pin.pin_id] = start_download(
                    pin, self._downloads, min_side_px=params.min_side_px, story_images=params.story_images
                )
            ending = step.ending or ending
            yield ImagesFound(len(new))
            if board.max_pins and len(found) >= board.max_pins:
                kept = tuple(found.values())[: board.max_pins]
                return Walk(board, expected, kept, "max_pins")
        return Walk(board, expected, tuple(found.values()), ending if found else "empty")


def _await_downloads(walks: list[Walk]) -> Iterator[Event]:
    running = [pin.download for walk in walks for pin in walk.pins if pin.download and not pin.download.done()]
    yield DownloadsLeft(len(running))
    for download in running:
        download.exception()  # waits for its end
        yield ImagesFound(1)


def _finish(walks: list[Walk], params: ScrapeParams) -> Iterator[Event]:
    for walk in walks:
        images = [finish_download(one, walk.board, min_side_px=params.min_side_px) for one in walk.pins]
        records = [image.record for image in images]
        record = describe_entry(
            walk.board, walk.board.name, records, expected=walk.expected, ending=walk.ending, detail=walk.detail
        )
        yield EntryFinished(images, record)
