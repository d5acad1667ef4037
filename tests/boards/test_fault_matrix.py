"""What the scraper does about each fault of a site: docs/boards.md has the table for people.

One scrape in a real browser walks over a board for each fault, which the local test site plays on this board alone. All
pins of the feed are rows of the tables, or the board is called incomplete; no fault touches another board.
"""

import json
import re
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from fashiongen.boards import scraping, session, site
from fashiongen.boards.catalogue import Board, Catalogue
from fashiongen.boards.events import EntryFinished
from fashiongen.boards.local_site import LocalSite
from fashiongen.errors import FashiongenError
from fashiongen.sources.standin.database import SiteBoard, write_site
from fashiongen.sources.standin.disturbances import FILE
from fashiongen.sources.standin.server import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PINS = 55  # three pages of the feed
WAIT = {"Retry-After": "0"}
EMPTY = '{"resource_response": {"data": [], "bookmark": "-end-"}}'
ODD = {"id": {}, "title": ["?"]}

FAULTS = {  # of a page of the feed
    "429": {"answer": {"status": 429, "headers": WAIT}},
    "500": {"answer": {"status": 500}},
    "html": {"answer": {"body": "<html>please wait</html>"}},
    "other JSON": {"answer": {"body": '{"resource_response": {"data": null}}'}},
    "cut": {"cut_frac": 0.5},
    "empty": {"feed": "empty"},
    "repeat": {"feed": "repeat"},
}
LASTING = {  # the same, each time that the page is asked for: why the board is incomplete
    "429": (FAULTS["429"], "throttled"),
    "long pause": ({"answer": {"status": 429, "headers": {"Retry-After": "9" * 400}}}, "throttled"),
    "500": (FAULTS["500"], "feed_failed"),
    "cut": (FAULTS["cut"], "feed_failed"),
    "empty": (FAULTS["empty"], "feed_failed"),
    "nothing more": ({"answer": {"body": EMPTY}}, "feed_failed"),
    "repeat": (FAULTS["repeat"], "looped"),
    "stall": ({"stall_s": 30.0}, "feed_failed"),
}
GONE = {  # the board's own page
    "no such board": (None, "not_found"),
    "an error": ({"answer": {"status": 500, "body": "<p>Oops"}}, "page_failed"),
    "no board": ({"answer": {"body": "<p>Who?"}}, "page_failed"),
    "hangs": ({"stall_s": 20.0}, "page_failed"),
    "alert": ({"answer": {"body": "<script>alert(1)</script>"}}, "page_failed"),
    "redirects": ({"answer": {"status": 302, "headers": {"Location": "/gone/redirects/"}}}, "page_failed"),
}
IMAGES = {  # an original, by the number of its pin
    1: ({"answer": {"status": 404}}, "saved_736x"),
    2: ({"answer": {"body": "<html>"}}, "saved_736x"),
    3: ({"cut_frac": 0.5}, "failed_connection"),
    4: ({"answer": {"status": 503}}, "failed_http_503"),
    5: ({"answer": {"status": 429, "headers": WAIT}, "times": 2}, "saved"),
    6: ({"answer": {"status": 503}, "times": 3}, "saved"),  # after the last board
}


def slug(name):
    return re.sub(r"\W+", "-", name)


def in_feed(board, page=2):
    """The requests for a page of a board's feed: the first, or any later one."""
    return f"BoardFeedResource.*{board}%2F" + ("" if page == 1 else ".*bookmarks%22%3A%5B%22")


def list_boards():
    """Each board's url, and the faults that the site plays on it."""
    once = {"times": 1}
    yield "/image/faults/", [{"match": f"/originals/.*{number:032x}"} | fault for number, (fault, _) in IMAGES.items()]
    yield "/odd/item/", [{"match": in_feed("item"), "item": ODD} | once]
    yield "/first/page/", [{"match": in_feed("page", 1)} | FAULTS["500"] | once]
    for name, fault in FAULTS.items():
        yield f"/once/{slug(name)}/", [{"match": in_feed(f"once%2F{slug(name)}")} | fault | once]
    for name, (fault, _) in LASTING.items():
        yield f"/always/{slug(name)}/", [{"match": in_feed(f"always%2F{slug(name)}")} | fault]
    for name, (fault, _) in GONE.items():
        url = f"/gone/{slug(name)}/"
        yield url, [{"match": f"^{url}$"} | as_page(fault)] if fault else []
    yield "/last/board/", []


def as_page(fault):
    """The fault, with the header that makes the browser show its answer."""
    if "answer" not in fault:
        return fault
    headers = {"Content-Type": "text/html"} | fault["answer"].get("headers", {})
    return {"answer": fault["answer"] | {"headers": headers}}


@pytest.fixture(scope="module")
def scrape(tmp_path_factory, make_pin, browser, params):
    """Scrape boards while the site plays faults: the rows of both tables by board, and what was requested."""
    folder = tmp_path_factory.mktemp("faults")
    pins = [make_pin(folder / "site", number, signature=f"{number:032x}") for number in range(PINS)]

    def run(boards, entries=None):
        made = [
            SiteBoard(board_id=url, url=url, name=url, pin_count=PINS, feed=tuple(pins), more_ideas=())
            for url in boards
            if url != "/gone/no-such-board/"
        ]
        write_site(folder / "site", made)
        faults = [fault for found in boards.values() for fault in found]
        (folder / "site" / FILE).write_text(yaml.safe_dump(json.loads(json.dumps(faults))))
        quick = {"settle_timeout_s": 0.2, "patience_steps": 3, "page_timeout_s": 1.5, "attempts": 2}
        mine = params.model_copy(update={"boards": folder} | quick)
        entries = entries or tuple(Board(brand="A", season="", url=url) for url in boards)
        return walk(Catalogue(site="standin", boards=entries), mine, folder / f"archive-{len(boards)}")

    def walk(catalogue, mine, archive):
        result = SimpleNamespace(entries={}, rows={}, asked=[], error=None)

        @contextmanager
        def serve_here(folder):
            with serve(folder) as running:
                yield LocalSite(running.url, running.image_host)
                result.asked += running.requests

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(site, "serve_locally", serve_here)
            patch.setattr(session, "open_browser", lambda **_: nullcontext(browser))
            browser.delete_all_cookies()
            browser.set_page_load_timeout(mine.page_timeout_s)
            try:
                for event in scraping.scrape_boards(catalogue, mine, archive=archive, cookies=Path("no cookies")):
                    if isinstance(event, EntryFinished):
                        result.entries[event.record.board] = event.record
                        result.rows[event.record.board] = [image.record for image in event.images]
            except FashiongenError as error:
                result.error = error
            finally:
                browser.set_page_load_timeout(60.0)
        return result

    return run


@pytest.fixture(scope="module")
def scraped(scrape):
    """The one scrape over all faults."""
    return scrape(dict(list_boards()))


def test_no_fault_of_a_board_ends_the_run_or_touches_another_board(scraped):
    assert scraped.error is None
    assert list(scraped.entries) == [url for url, _ in list_boards()]
    assert (scraped.entries["/last/board/"].found, scraped.entries["/last/board/"].ending) == (PINS, "end")


@pytest.mark.parametrize("url", ["/first/page/", *(f"/once/{slug(name)}/" for name in FAULTS)])
def test_a_page_of_the_feed_that_was_lost_is_asked_for_again(scraped, url):
    entry = scraped.entries[url]
    assert (entry.found, entry.expected, entry.ending) == (PINS, PINS, "end")


@pytest.mark.parametrize("name", LASTING)
def test_a_feed_that_stays_broken_makes_its_board_incomplete(scraped, name):
    entry = scraped.entries[f"/always/{slug(name)}/"]
    assert (entry.ending, entry.is_complete, entry.expected) == (LASTING[name][1], False, PINS)
    assert 25 <= entry.found < PINS


def test_an_item_that_says_nothing_is_a_row_with_its_reason(scraped):
    entry = scraped.entries["/odd/item/"]
    assert (entry.found, entry.ending) == (PINS + 1, "end")
    assert "failed_unreadable 1" in entry.reasons


@pytest.mark.parametrize("name", GONE)
def test_a_board_without_its_page_is_a_row_with_the_reason(scraped, name):
    entry = scraped.entries[f"/gone/{slug(name)}/"]
    assert (entry.ending, entry.found) == (GONE[name][1], 0)
    assert entry.detail


def test_an_image_that_fails_is_a_row_with_its_reason(scraped):
    outcomes = [row.outcome for row in scraped.rows["/image/faults/"]]
    expected = [IMAGES[number][1] if number in IMAGES else "saved" for number in range(PINS)]
    assert outcomes == expected


def test_no_cookie_of_the_site_reaches_the_image_host(scraped):
    images = [request for request in scraped.asked if re.search(r"/(originals|736x)/", request.path)]
    assert len(images) >= PINS
    assert {request.cookies for request in images} == {""}


def test_a_session_that_ends_is_renewed_and_loses_nothing(scrape):
    fault = {"match": in_feed("board"), "times": 1, "answer": {"status": 401}}
    result = scrape({"/one/board/": [fault], "/two/parts/": []})
    assert {url: (entry.found, entry.ending) for url, entry in result.entries.items()} == {
        "/one/board/": (PINS, "end"),
        "/two/parts/": (PINS, "end"),
    }
    assert sum("UserSessionResource" in request.path for request in result.asked) == 2


def test_a_session_that_ends_again_and_again_ends_the_run_and_keeps_its_rows(scrape):
    boards = {"/one/parts/": []} | {
        f"/{name}/board/": [{"match": in_feed(f"{name}%2Fboard"), "answer": {"status": 403}}] for name in "abc"
    }
    result = scrape(boards)
    assert "session ended 3 times" in str(result.error)
    assert [entry.ending for entry in result.entries.values()] == ["end", *["session_ended"] * 3]
    assert 0 < result.entries["/a/board/"].found < PINS


def test_a_members_boards_are_walked_each_once_and_a_lost_page_of_their_list_is_a_row(scrape):
    lost = {"match": "BoardsResource.*username%22%3A%22two.*bookmarks%22%3A%5B%22", "answer": {"status": 500}}
    boards = {f"/{member}/{name}/": [] for member in ("one", "two") for name in "abc"} | {"/other/board/": [lost]}
    members = [Board(brand="A", season="", member=name) for name in ("one", "two", "nobody")]
    result = scrape(boards, (members[0], Board(brand="A", season="", url="/one/b/"), *members[1:]))
    assert {name: (entry.found, entry.ending) for name, entry in result.entries.items()} == {
        "/one/a/": (PINS, "end"),
        "/one/c/": (PINS, "end"),
        "/one/b/": (PINS, "end"),
        "member: two": (0, "feed_failed"),
        "/two/a/": (PINS, "end"),
        "/two/b/": (PINS, "end"),
        "member: nobody": (0, "not_found"),
    }
