"""Look for everything in the table of selectors on the site's own pages, to see which entry has drifted."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from selenium.webdriver import Chrome

from fashiongen.boards import selectors
from fashiongen.boards.browser import load_page, open_browser, read_address, report_browser_faults
from fashiongen.boards.catalogue import Board, Catalogue
from fashiongen.boards.feed import parse_feed
from fashiongen.boards.login import sign_in
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.site import open_site
from fashiongen.boards.traffic import Traffic
from fashiongen.errors import LoginFailed, MissingInput, SiteError

POLL_S = 0.2
OF_LOGIN = ("EMAIL_FIELD", "PASSWORD_FIELD")
OF_PINS = ("GRID", "CARD", "CARD_LINK", "CARD_IMAGE")
OF_BOARD = ("BOARD_HEADER", "PIN_COUNT", *OF_PINS)
NOT_EVERYWHERE = ("CARD_VIDEO", "PROMOTED", "HIDDEN_COPY", "DIVIDER")  # a board may have none in sight

_COUNT = "return arguments[0].map(selector => document.querySelectorAll(selector).length);"
_REQUESTED = """
const paths = performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname);
return [...new Set(paths.filter(path => path.startsWith('/resource/')))];
"""


class Probe(NamedTuple):
    """One entry of the table of selectors, looked for on a page."""

    name: str  # in boards/selectors.py
    selector: str
    is_found: bool
    is_needed: bool  # every such page must have it
    detail: str


def probe_site(catalogue: Catalogue, params: ScrapeParams, *, cookies: Path) -> Iterator[Probe]:
    """Sign in, open the catalogue's first board, and look for what the scraper looks for; stops where it cannot go on.

    Raises:
        MissingInput: the catalogue has no board, or there is no account to sign in with.
        SiteError: the site refuses the account, the browser does not start, or a page does not come.
    """
    board = next((board for board in catalogue.boards if not board.member), None)
    if board is None:
        raise MissingInput(f"{params.boards}: its catalogue lists no board or search to look at")
    with (
        open_site(catalogue, params.boards, cookies) as site,
        open_browser(
            width_px=params.window_width_px, height_px=params.window_height_px, page_timeout_s=params.page_timeout_s
        ) as driver,
        report_browser_faults(),
    ):
        load_page(driver, site.url + selectors.LOGIN_PATH)
        found = list(_look(driver, OF_LOGIN, params.page_timeout_s))
        yield from found
        if not all(one.is_found for one in found):
            return
        try:
            sign_in(driver, site.url, account=site.account, cookies=site.cookies, timeout_s=params.page_timeout_s)
        except LoginFailed as error:
            yield Probe("SIGNED_IN", selectors.SIGNED_IN, is_found=False, is_needed=True, detail=str(error))
        else:
            yield from _look(driver, ["SIGNED_IN"], params.page_timeout_s)
        yield from _look_at_board(driver, site.url, board, params)


def _look_at_board(driver: Chrome, site: str, board: Board, params: ScrapeParams) -> Iterator[Probe]:
    name = "SEARCH_RESOURCE" if board.search else "FEED_RESOURCE"
    traffic = Traffic(driver, getattr(selectors, name))
    load_page(driver, site + board.path)
    yield from _look(driver, OF_PINS if board.search else OF_BOARD, params.page_timeout_s)
    yield _await_feed(driver, name, traffic, params.page_timeout_s)
    yield from _look(driver, NOT_EVERYWHERE, 0.0, is_needed=False)


def _look(driver: Chrome, names: Sequence[str], timeout_s: float, *, is_needed: bool = True) -> Iterator[Probe]:
    """Wait until all are there, or the time is over."""
    wanted = [str(getattr(selectors, name)) for name in names]
    deadline_s = time.monotonic() + timeout_s
    while not all(counts := driver.execute_script(_COUNT, wanted)) and time.monotonic() < deadline_s:
        time.sleep(POLL_S)
    where = urlsplit(read_address(driver)).path
    for name, selector, count in zip(names, wanted, counts, strict=True):
        yield Probe(name, selector, bool(count), is_needed, f"{count} on {where}")


def _await_feed(driver: Chrome, name: str, traffic: Traffic, timeout_s: float) -> Probe:
    """Whether the page's script asks for its feed, and the answer is one."""
    deadline_s = time.monotonic() + timeout_s
    detail = ""
    while True:
        for response in traffic.poll():
            try:
                pins = parse_feed(response.body or "").pins
                return Probe(name, getattr(selectors, name), True, True, f"{len(pins)} pins in the first answer")
            except SiteError as error:
                detail = f"status {response.status}: {error}"
        if time.monotonic() > deadline_s:
            asked = ", ".join(driver.execute_script(_REQUESTED)) or "nothing"
            return Probe(name, getattr(selectors, name), False, True, detail or f"the page asks for {asked}")
        time.sleep(POLL_S)
