"""Scroll down a board and yield its pins; where its page stops too early, ask for the rest."""

import re
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from fashiongen.boards import selectors
from fashiongen.boards.browser import load_page, read_address
from fashiongen.boards.catalogue import Board
from fashiongen.boards.feed import FeedRequest, read_board_paths, read_sections
from fashiongen.boards.grid import read_grid, scroll
from fashiongen.boards.login import is_signed_in
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.pins import Pin
from fashiongen.boards.rest import ask_for_list, ask_for_the_rest, lost_ending
from fashiongen.boards.seen import Seen
from fashiongen.boards.traffic import Traffic
from fashiongen.errors import BoardNotFound, PageFailed
from fashiongen.images.manifest import Ending

POLL_S = 0.05
SECTION_PAGE_PINS = 25
LIST_PAGE_ITEMS = 25
MAX_DIGITS = 18  # of a count: Python converts no number of thousands of digits


@dataclass(frozen=True)
class Step:
    """The new pins of one scroll step; for the last step, the reason why it was the last."""

    pins: tuple[Pin, ...]
    ending: Ending | None


def open_board(driver: Chrome, site: str, board: Board, *, timeout_s: float) -> int | None:
    """Load the page of a board or a search; return the number of pins that a board's claims: often more than there are.

    Raises:
        BoardNotFound: the site has no such board.
        PageFailed: the page is not a board's, even after `timeout_s`.
    """
    load_page(driver, site + board.path)
    try:
        WebDriverWait(driver, timeout_s, POLL_S).until(lambda _: _is_loaded(driver, board))
    except TimeoutException:
        missing = selectors.BOARD_HEADER if is_signed_in(driver) else selectors.SIGNED_IN
        raise PageFailed(
            f"{read_address(driver)}: no {missing} after {timeout_s:g} s; the session has ended or the page has "
            "changed: run again, then see boards/selectors.py"
        ) from None
    if selectors.NOT_FOUND_MARK in read_address(driver):
        raise BoardNotFound(f"{site}{board.path}: no such board; correct its url in catalogue.yaml")
    counts = driver.find_elements(By.CSS_SELECTOR, selectors.PIN_COUNT)
    return parse_count(counts[0].text) if counts else None


def _is_loaded(driver: Chrome, board: Board) -> bool:
    if selectors.NOT_FOUND_MARK in read_address(driver):
        return True
    has_header = board.search is not None or driver.find_elements(By.CSS_SELECTOR, selectors.BOARD_HEADER)
    return is_signed_in(driver) and bool(has_header)


def parse_count(text: str) -> int | None:
    """The number in a text such as "8,945 Pins" or "1.2k Pins", with any thousands separator.

    None if there is none, or if it has more than MAX_DIGITS digits.
    """
    if short := re.search(r"(\d+)(?:[.,](\d))?\s?([km])\b", text, re.IGNORECASE):
        whole, tenth, unit = short.groups()
        digits = f"{whole}{tenth or 0}" + {"k": "00", "m": "00000"}[unit.lower()]
    else:
        digits = "".join(filter(str.isdecimal, text))
    return int(digits) if 0 < len(digits) <= MAX_DIGITS else None


class MemberBoards(NamedTuple):
    """The paths of a member's boards, and whether the end of their list was reached."""

    paths: list[str]
    ending: Ending
    status: int  # of the site's last answer


def list_boards(driver: Chrome, site: str, member: str, params: ScrapeParams) -> MemberBoards:
    """Ask for the list of a member's boards; the browser shows a page of the site.

    Raises:
        SessionEnded: the site does not know the session any more.
    """
    options = {"username": member, "page_size": LIST_PAGE_ITEMS, "bookmarks": []}
    request = FeedRequest.first(site, selectors.MEMBER_BOARDS_RESOURCE, f"/{member}/", options)
    listing = ask_for_list(driver, request, params)
    return MemberBoards(read_board_paths(listing.items), listing.ending, listing.status)


def harvest(driver: Chrome, board: Board, params: ScrapeParams, *, expected: int | None = None) -> Iterator[Step]:
    """Scroll down the page that the browser shows, step by step, until its end; ask for what it left out.

    The scrolling ends when a step brings nothing new and the divider below the board is in sight, or a second such step
    follows the feed's last page; after `patience_steps` steps in a row without a new pin; or after `max_steps` steps.
    If the feed has not ended then, the rest of its pages is requested one by one; so are those of the board's sections.
    `expected` is the number of pins that the board's page claims.

    Raises:
        SessionEnded: the site does not know the session any more.
    """
    resource = selectors.SEARCH_RESOURCE if board.search else selectors.FEED_RESOURCE
    seen, traffic = Seen(_is_feed_of(board, read_address(driver))), Traffic(driver, resource)
    idle = 0
    for _ in range(params.max_steps):
        found = _settle(driver, seen, traffic, params.settle_timeout_s)
        idle = 0 if found.is_new else idle + 1
        yield Step(found.pins, None)
        if _is_over(found, seen, idle, params):
            break
        scroll(driver, params.step_viewports)
    else:
        yield Step(seen.cards_only(), "limit")
        return
    for pins in ask_for_the_rest(driver, seen, params):
        yield Step(pins, None)
    yield Step(seen.cards_only(), None)
    ending = _ending(found, seen, expected)
    if seen.request and not board.search:
        of_sections = yield from _harvest_sections(driver, seen.request, params)
        ending = of_sections if ending == "end" else ending
    yield Step((), ending)


def _harvest_sections(driver: Chrome, request: FeedRequest, params: ScrapeParams) -> Generator[Step, None, Ending]:
    """Ask for the pins of a board's sections, by a request of the board's own feed.

    The end is that of the first section that is not complete, if there is one.
    """
    board_id = request.options.get("board_id")
    if not isinstance(board_id, str):
        return "end"
    listing = ask_for_list(driver, request.of(selectors.SECTIONS_RESOURCE, {"board_id": board_id}), params)
    endings = [listing.ending]
    for section in read_sections(listing.items):
        options = {"section_id": section.section_id, "page_size": SECTION_PAGE_PINS, "bookmarks": []}
        seen = Seen(lambda _: True, request.of(selectors.SECTION_PINS_RESOURCE, options))
        for pins in ask_for_the_rest(driver, seen, params):
            yield Step(tuple(replace(pin, section=section.title or section.section_id) for pin in pins), None)
        endings.append(_sum_up(seen, section.expected))
    return next((ending for ending in endings if ending != "end"), "end")


def _is_feed_of(board: Board, page_url: str) -> Callable[[FeedRequest], bool]:
    """Whether a request is for this board's feed; one that names no board is, since no other board is open."""
    if board.search:
        return lambda request: True
    path = unquote(urlsplit(page_url).path).casefold()
    return lambda request: request.board is None or unquote(request.board).casefold() == path


class _Found(NamedTuple):
    """The result of one step."""

    pins: tuple[Pin, ...]  # the feed's
    is_new: bool  # whether there was anything new, in the feed or on the page
    at_divider: bool


def _settle(driver: Chrome, seen: Seen, traffic: Traffic, timeout_s: float) -> _Found:
    """Wait until something new or the divider is there, and the cards in sight are loaded."""
    deadline = time.monotonic() + timeout_s
    pins: list[Pin] = []
    has_new_card = False
    while True:
        view = read_grid(driver)
        pins += [pin for response in traffic.poll() for pin in seen.add_response(response)]
        has_new_card |= seen.add_view(view)
        is_over = view.at_divider and not traffic.is_waiting
        is_settled = (has_new_card or pins or is_over) and not view.is_loading
        if is_settled or time.monotonic() > deadline:
            return _Found(tuple(pins), has_new_card or bool(pins), view.at_divider)
        time.sleep(POLL_S)


def _is_over(found: _Found, seen: Seen, idle: int, params: ScrapeParams) -> bool:
    """Whether more scrolling brings nothing: the page is at its end, or it has stopped."""
    has_lost = seen.lost_status is not None and seen.state == "open"
    at_end = not seen.is_empty and (found.at_divider or (seen.state in ("end", "loop") and idle > 1))
    return idle >= params.patience_steps or (idle > 0 and (at_end or has_lost))


def _ending(found: _Found, seen: Seen, expected: int | None) -> Ending:
    """Why the walk ended: the feed knows, and the page does where no answer of the feed was seen."""
    if seen.state == "unseen":
        return "end" if found.at_divider and not seen.is_empty else "patience"
    return _sum_up(seen, expected)


def _sum_up(seen: Seen, expected: int | None) -> Ending:
    """Why the pages of a feed ended, of which so many pins are expected."""
    if seen.misses_pins(expected):
        return "feed_failed"
    if seen.state in ("end", "loop"):
        return "end" if seen.state == "end" else "looped"
    return "patience" if seen.lost_status is None else lost_ending(seen.lost_status)
