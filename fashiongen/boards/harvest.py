"""Scroll down a board and yield its pins."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from fashiongen.boards import selectors
from fashiongen.boards.feed import board_of, parse_feed
from fashiongen.boards.grid import GridView, read_grid, scroll
from fashiongen.boards.login import is_signed_in
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.pins import Pin
from fashiongen.boards.traffic import Response, Traffic
from fashiongen.errors import BoardNotFound, SiteError

Ending = Literal["end", "max_steps", "patience_steps"]

POLL_S = 0.05
MAX_DIGITS = 18  # of a count: Python converts no number of thousands of digits


@dataclass(frozen=True)
class Step:
    """The new pins of one scroll step; for the last step, the reason why it was the last."""

    pins: tuple[Pin, ...]
    ending: Ending | None


class Seen:
    """The pins of one board that have been seen.

    A pin of the feed has a title, a link and sizes, and the feed has the order. A card that no answer of the feed holds
    (an answer was lost, or the page held its first pins itself) is yielded at the board's end.
    """

    def __init__(self, board_url: str) -> None:
        self.board_path = urlsplit(board_url).path
        self.feed: dict[str, Pin] = {}
        self.cards: dict[str, Pin] = {}
        self.has_feed_ended = False
        self._bookmarks: set[str | None] = set()

    def add_response(self, response: Response) -> tuple[Pin, ...]:
        """The pins of an answer of the feed that were not in an earlier answer.

        Raises:
            SiteError: the answer says that the session has ended.
        """
        if not self._is_of_this_board(response.url):
            return ()
        if response.status in (401, 403):
            raise SiteError(f"{self.board_path}: the feed answers {response.status}: the session has ended; run again")
        if response.status != 200 or response.body is None:
            return ()
        page = parse_feed(response.body)
        self.has_feed_ended |= page.is_last or page.bookmark in self._bookmarks  # a repeated bookmark is a loop
        self._bookmarks.add(page.bookmark)
        new = {pin.pin_id: pin for pin in page.pins if pin.pin_id not in self.feed}
        self.feed |= new
        return tuple(new.values())

    def _is_of_this_board(self, feed_url: str) -> bool:
        """Whether an answer is of this board's feed; an answer that names no board is, since no other board is open."""
        named = board_of(feed_url)
        return named is None or unquote(named).casefold() == unquote(self.board_path).casefold()

    def add_view(self, view: GridView) -> bool:
        """Whether the page shows a card that it had not shown before."""
        before = len(self.cards)
        for pin in view.pins:
            if pin.pin_id not in self.cards or self.cards[pin.pin_id].signature is None:
                self.cards[pin.pin_id] = pin
        return len(self.cards) > before

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been seen yet."""
        return not (self.feed or self.cards)

    def cards_only(self) -> tuple[Pin, ...]:
        """The pins that no answer of the feed held."""
        return tuple(pin for pin in self.cards.values() if pin.pin_id not in self.feed)


def open_board(driver: Chrome, site: str, board_path: str, *, timeout_s: float) -> int | None:
    """Load a board's page and return the number of pins that it claims, which is often more than there are.

    Raises:
        BoardNotFound: the site has no such board.
        SiteError: the page is not a board's, even after `timeout_s`.
    """
    driver.get(site + board_path)
    try:
        WebDriverWait(driver, timeout_s, POLL_S).until(lambda _: _is_loaded(driver))
    except TimeoutException:
        missing = selectors.BOARD_HEADER if is_signed_in(driver) else selectors.SIGNED_IN
        raise SiteError(
            f"{driver.current_url}: no {missing} after {timeout_s:g} s; the session has ended or the page has changed: "
            "run again, then see boards/selectors.py"
        ) from None
    if selectors.NOT_FOUND_MARK in driver.current_url:
        raise BoardNotFound(f"{site}{board_path}: no such board; correct its url in catalogue.yaml")
    counts = driver.find_elements(By.CSS_SELECTOR, selectors.PIN_COUNT)
    return parse_count(counts[0].text) if counts else None


def _is_loaded(driver: Chrome) -> bool:
    if selectors.NOT_FOUND_MARK in driver.current_url:
        return True
    return is_signed_in(driver) and bool(driver.find_elements(By.CSS_SELECTOR, selectors.BOARD_HEADER))


def parse_count(text: str) -> int | None:
    """The number in a text such as "8,945 Pins", with any thousands separator.

    None if there is none, or if it has more than MAX_DIGITS digits.
    """
    digits = "".join(filter(str.isdecimal, text))
    return int(digits) if 0 < len(digits) <= MAX_DIGITS else None


def harvest(driver: Chrome, params: ScrapeParams) -> Iterator[Step]:
    """Scroll down the board that the browser shows, step by step, until its end.

    It ends when a step brings nothing new and the divider below the board is in sight, or a second such step follows
    the feed's last page; after `patience_steps` steps in a row without a new pin; or after `max_steps` steps.
    """
    seen, traffic = Seen(driver.current_url), Traffic(driver, selectors.FEED_RESOURCE)
    idle = 0
    for number in range(1, params.max_steps + 1):
        found = _settle(driver, seen, traffic, params.settle_timeout_s)
        idle = 0 if found.is_new else idle + 1
        ending = _ending(found, seen, idle, number, params)
        yield Step((*found.pins, *seen.cards_only()) if ending else found.pins, ending)
        if ending:
            return
        scroll(driver, params.step_viewports)


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


def _ending(found: _Found, seen: Seen, idle: int, number: int, params: ScrapeParams) -> Ending | None:
    """Why the step is the last one, or None."""
    if idle and not seen.is_empty and (found.at_divider or (seen.has_feed_ended and idle > 1)):
        return "end"
    if idle >= params.patience_steps:
        return "patience_steps"
    return "max_steps" if number == params.max_steps else None
