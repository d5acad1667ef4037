"""Ask for the rest of a board's feed, where the page's own script has stopped or one of its answers was lost."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome

from fashiongen.boards.feed import FeedRequest, parse_list
from fashiongen.boards.fetch import parse_retry_after
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.pins import Pin
from fashiongen.boards.seen import REFUSED, THROTTLED, Seen
from fashiongen.boards.traffic import Response
from fashiongen.errors import SessionEnded, SiteError
from fashiongen.images.manifest import Ending

MAX_EMPTY_PAGES = 5  # in a row, though each has a next one
NO_ANSWER = 0  # in place of a status

# The headers that the site's own script sends; the cookies are the page's.
_HEADERS = {
    "Accept": "application/json",
    "X-Pinterest-PWS-Handler": "www/[username]/[slug].js",
    "X-Requested-With": "XMLHttpRequest",
}
_FETCH = """
const [url, headers, timeoutMs, done] = arguments;
const control = new AbortController();
setTimeout(() => control.abort(), timeoutMs);
fetch(url, {headers, signal: control.signal}).then(async answer => done({
  status: answer.status, body: await answer.text(), retryAfter: answer.headers.get('Retry-After') || ''
})).catch(() => done(null));
"""


def ask_for_the_rest(driver: Chrome, seen: Seen, params: ScrapeParams) -> Iterator[tuple[Pin, ...]]:
    """The new pins of each page that the chain of `seen` lacks, until its end or a page that does not come.

    A page is asked for again as often as the params allow, each time after a longer pause. A page without pins, and one
    that leads back to an earlier page, are asked for once more before they are believed.
    """
    doubted: set[str] = set()
    empty = 0
    while request := seen.next_request or _choose(seen.doubtful_requests, doubted):
        response = ask(driver, request, params)
        pins = seen.add_response(response)
        if pins:
            yield pins
        empty = 0 if pins else empty + 1
        if seen.next_request == request or empty > MAX_EMPTY_PAGES:
            return
        time.sleep(params.feed_interval_s)


class Listing(NamedTuple):
    """The items of a list, and whether its end was reached."""

    items: list[Mapping[str, Any]]
    ending: Ending
    status: int  # of the last answer


def ask_for_list(driver: Chrome, request: FeedRequest, params: ScrapeParams) -> Listing:
    """All pages of a list.

    Raises:
        SessionEnded: the site does not know the session any more.
    """
    listed: list[Mapping[str, Any]] = []
    asked: set[str] = set()
    while True:
        answer = ask(driver, request, params)
        if answer.status in REFUSED:
            raise SessionEnded(f"{request.path} answers {answer.status}: the session has ended; run again")
        try:
            page = parse_list(answer.body or "")
        except SiteError:
            return Listing(listed, lost_ending(answer.status), answer.status)
        listed += page.items
        if page.following is None or page.following in asked:
            return Listing(listed, "end" if page.following is None else "looped", answer.status)
        asked.add(page.following)
        request = request.at(page.following)
        time.sleep(params.feed_interval_s)


def lost_ending(status: int) -> Ending:
    """Why a feed or a list ended whose page did not come, by the status of the last answer."""
    return "throttled" if status == THROTTLED else "feed_failed"


def _choose(requests: list[FeedRequest], doubted: set[str]) -> FeedRequest | None:
    """The first request that was not chosen before."""
    for request in requests:
        if request.url not in doubted:
            doubted.add(request.url)
            return request
    return None


def ask(driver: Chrome, request: FeedRequest, params: ScrapeParams) -> Response:
    """The answer of the last attempt: the first that has the page, or the site's refusal."""
    pause_s = params.backoff_s
    for attempt in range(1, params.attempts + 1):
        answer = _fetch(driver, request.url, params.page_timeout_s)
        status = int(answer.get("status", NO_ANSWER))
        response = Response(request.url, status, answer.get("body"))
        if status in (200, *REFUSED) or attempt == params.attempts:
            break
        asked_s = parse_retry_after(str(answer.get("retryAfter", "")))
        if asked_s is not None and asked_s > params.max_backoff_s:
            break
        time.sleep(min(max(pause_s, asked_s or 0.0), params.max_backoff_s))
        pause_s *= 2
    return response


def _fetch(driver: Chrome, url: str, timeout_s: float) -> dict[str, Any]:
    try:
        driver.set_script_timeout(timeout_s + 5)  # the browser's own limit comes first
        return driver.execute_async_script(_FETCH, url, _HEADERS, timeout_s * 1000) or {}
    except TimeoutException:
        return {}
