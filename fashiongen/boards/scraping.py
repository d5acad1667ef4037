"""Scrape the boards of a catalogue with one browser: what fails costs its own row, and the others go on."""

from collections import deque
from collections.abc import Collection, Generator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from fashiongen.boards.archive import Archive, Stored
from fashiongen.boards.browser import load_page, report_browser_faults
from fashiongen.boards.catalogue import PINTEREST, Board, Catalogue
from fashiongen.boards.content import Inspector
from fashiongen.boards.downloads import Downloads, open_downloads
from fashiongen.boards.events import DownloadsLeft, EntryFinished, EntryOpened, Event, Events, ImagesFound, Notice
from fashiongen.boards.fetch import ImageFetcher, open_client
from fashiongen.boards.harvest import harvest, list_boards, open_board
from fashiongen.boards.known import KnownBoards
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.pins import Pin
from fashiongen.boards.records import Started, describe_entry, finish_download, retry_download, start_download
from fashiongen.boards.session import Session, open_session
from fashiongen.boards.site import open_site
from fashiongen.errors import (
    BoardNotFound,
    BrowserError,
    DownloadFailed,
    FashiongenError,
    LoginFailed,
    MissingInput,
    PageFailed,
    SessionEnded,
)
from fashiongen.images.manifest import Ending

NOTICE = "scraping the live site, slowly: you answer for its terms and the rights in its images; do not share them"
UNKNOWN = 404
TRIES = 2  # of a board whose browser died or whose session ended


@dataclass(frozen=True)
class Walk:
    """What a walk over one board found, and why it ended."""

    board: Board
    expected: int | None
    pins: tuple[Started, ...]
    ending: Ending
    detail: str = ""


def scrape_boards(
    catalogue: Catalogue, params: ScrapeParams, *, archive: Path, cookies: Path, dry_run: bool = False
) -> Events:
    """Scrape all boards, one after the other; their images are downloaded into the folder `archive`.

    A board that fails is a row of its own, and the others go on. Downloads that failed in a way that time can mend are
    tried again after the last board. Closing the generator ends the browser and the local test site. `cookies` is the
    file for the live site's session. A dry run walks over the boards, requests no image and writes nothing.

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
    inspector = Inspector(max_megapixels=params.max_megapixels, timeout_s=params.decode_timeout_s)
    with (
        open_site(catalogue, params.boards, cookies) as site,
        open_client(params, site.hosts, proxy=site.proxy) as client,
        open_session(site, params) as session,
    ):
        fetcher = ImageFetcher(client, site.hosts, inspector, params)
        with open_downloads(fetcher, Archive(archive, inspector), max_downloads=params.max_downloads) as downloads:
            known = KnownBoards(archive, enough=params.known_pins)
            walker = _Walker(session, site.url, None if dry_run else downloads, known, params)
            walks, refusal = yield from walker.walk_all(catalogue.boards)
            yield from _await_downloads(walks)
            walks = [replace(walk, pins=tuple(retry_download(pin, downloads) for pin in walk.pins)) for walk in walks]
            yield from _finish(walks, params)
    if refusal:
        raise refusal


class _Walker:
    """Walks over boards in a member's browser, and requests the images of their pins."""

    def __init__(
        self, session: Session, site_url: str, downloads: Downloads | None, known: KnownBoards, params: ScrapeParams
    ) -> None:
        """Without `downloads` no image is requested."""
        self._session = session
        self._site_url = site_url
        self._downloads = downloads
        self._known = known
        self._params = params
        self._refusal: FashiongenError | None = None  # of a browser that does not start again, or of the site

    def walk_all(self, boards: tuple[Board, ...]) -> Generator[Event, None, tuple[list[Walk], FashiongenError | None]]:
        """The walk over each board, and the error that ended the session for good, if one did.

        In place of a member, its boards are walked; those that the catalogue lists as well are walked once.
        """
        walks: list[Walk] = []
        left, listed = deque(boards), {board.name for board in boards}
        while left and self._refusal is None:
            board = left.popleft()
            walk, owned = yield from self._visit(board)
            walks += [walk] if walk else []
            new = [one for one in owned if one.name not in listed]
            listed |= {one.name for one in new}
            left.extendleft(reversed(new))
        walks += [Walk(board, None, (), "session_ended", str(self._refusal)) for board in left]
        return walks, self._refusal

    def _visit(self, board: Board) -> Generator[Event, None, tuple[Walk | None, list[Board]]]:
        """Walk over a board, or list a member's; again, with what was found so far, if the browser or session ends."""
        found: dict[str, Started] = {}
        walk = Walk(board, None, (), "browser_failed")
        for _ in range(TRIES):
            try:
                with report_browser_faults():
                    if board.member:
                        return self._list(board)
                    return (yield from self._walk(board, found)), []
            except (SessionEnded, BrowserError) as error:
                has_session_ended = isinstance(error, SessionEnded)
                ending: Ending = "session_ended" if has_session_ended else "browser_failed"
                walk = Walk(board, None, tuple(found.values()), ending, str(error))
                renew = self._session.sign_in_again if has_session_ended else self._session.renew_browser
                try:
                    renew()
                except (LoginFailed, MissingInput, BrowserError) as refusal:
                    self._refusal = refusal
                    break
        return walk, []

    def _list(self, member: Board) -> tuple[Walk | None, list[Board]]:
        """The boards of a member, and a walk that says why it may have more."""
        driver = self._session.driver
        try:
            load_page(driver, f"{self._site_url}/")
        except PageFailed as error:
            return Walk(member, None, (), "page_failed", str(error)), []
        listing = list_boards(driver, self._site_url, str(member.member), self._params)
        boards = [member.at(path) for path in listing.paths]
        if listing.ending == "end" and boards:
            return None, boards
        detail = f"the site lists {len(boards)} boards, and its last answer has status {listing.status}"
        is_unknown = not boards and (listing.ending == "end" or listing.status == UNKNOWN)
        return Walk(member, None, (), "not_found" if is_unknown else listing.ending, detail), boards

    def _walk(self, board: Board, found: dict[str, Started]) -> Generator[Event, None, Walk]:
        """Walk over a board from its top, and add the pins that are not in `found` yet."""
        driver, params = self._session.driver, self._params
        try:
            expected = open_board(driver, self._site_url, board, timeout_s=params.page_timeout_s)
        except BoardNotFound as error:
            return Walk(board, None, (), "not_found", str(error))
        except PageFailed as error:
            return Walk(board, None, (), "page_failed", str(error))
        yield EntryOpened(board.name, board.max_pins or expected, "pin")
        tally, known = _Tally(), self._known.find(board)
        yield tally.count(found.values())
        ending: Ending = "patience"
        for step in harvest(driver, board, params, expected=expected):
            new = {pin.pin_id: self._start(pin) for pin in step.pins if pin.pin_id not in found}
            found |= new
            ending = step.ending or ending
            yield tally.count(new.values())
            if board.max_pins and len(found) >= board.max_pins:
                kept = tuple(found.values())[: board.max_pins]
                return Walk(board, expected, kept, "max_pins")
            rest = self._known.complete(known, expected, [one.pin for one in found.values()]) if known else None
            if rest is not None:
                found |= {pin.pin_id: self._start(pin) for pin in rest}
                yield tally.count([found[pin.pin_id] for pin in rest])
                ending = "end"
                break
        if found and ending == "end" and self._downloads:
            self._known.keep(board, expected, [one.pin for one in found.values()])
        return Walk(board, expected, tuple(found.values()), ending if found else "empty")

    def _start(self, pin: Pin) -> Started:
        params = self._params
        return start_download(pin, self._downloads, min_side_px=params.min_side_px, story_images=params.story_images)


class _Tally:
    """How many of a board's images are saved, and how many have failed."""

    def __init__(self) -> None:
        self._running: list[Future[Stored]] = []
        self._saved = self._failed = 0

    def count(self, new: Collection[Started]) -> ImagesFound:
        """The numbers with `new` pins.

        Raises:
            OSError: an image could not be written, so none that follows can be.
        """
        running, self._running = [*self._running, *(pin.download for pin in new if pin.download)], []
        for download in running:
            if not download.done():
                self._running.append(download)
            elif error := download.exception():
                if not isinstance(error, DownloadFailed):
                    raise error
                self._failed += 1
            else:
                self._saved += 1
        return ImagesFound(len(new), self._saved, self._failed)


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
