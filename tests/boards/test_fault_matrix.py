"""What the scraper does about each fault of a site: docs/boards.md has the table for people.

Every case runs the whole scrape of two boards in a real browser against the local test site, which plays the fault. In
each, all pins of the feed are rows of the tables, or the board is called incomplete.
"""

import json
import re
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from fashiongen.boards import scraping, session, site
from fashiongen.boards.catalogue import read_catalogue
from fashiongen.boards.events import EntryFinished
from fashiongen.boards.local_site import LocalSite
from fashiongen.sources.standin.disturbances import FILE
from fashiongen.sources.standin.server import serve

pytestmark = pytest.mark.browser

LONG, SHORT = "/aurore/runway-ss26/", "/nord/runway-fw26/"
FEED = "BoardFeedResource.*runway-ss26"
LAST = f"{FEED}.*bookmarks%22%3A%5B%22"  # any page but the first
WAIT = {"Retry-After": "0"}
PINS = {LONG: 90, SHORT: 4}


@pytest.fixture
def scrape(boards_folder, browser, params, tmp_path, monkeypatch):
    """Scrape both boards while the site plays the faults: the rows of both tables by board, and what was requested."""
    quick = params.model_copy(update={"settle_timeout_s": 0.3, "patience_steps": 4, "page_timeout_s": 10.0})
    asked = []

    @contextmanager
    def serve_here(folder):
        with serve(folder) as running:
            yield LocalSite(running.url, running.image_host)
            asked.extend(running.requests)

    monkeypatch.setattr(site, "serve_locally", serve_here)
    monkeypatch.setattr(session, "open_browser", lambda **_: nullcontext(browser))

    def run(*faults, boards=None, **changes):
        path = boards_folder.path / "site" / FILE
        path.write_text(yaml.safe_dump([json.loads(json.dumps(fault)) for fault in faults]))
        browser.delete_all_cookies()
        browser.set_page_load_timeout(changes.get("page_timeout_s", quick.page_timeout_s))
        catalogue = read_catalogue(boards_folder.path)
        if boards:
            catalogue = catalogue.model_copy(update={"boards": boards(catalogue.boards)})
        mine = quick.model_copy(update={"boards": boards_folder.path, **changes})
        result = SimpleNamespace(entries={}, rows={}, asked=asked, error=None)
        try:
            for event in scraping.scrape_boards(
                catalogue, mine, archive=tmp_path / "archive", cookies=Path("no cookies")
            ):
                if isinstance(event, EntryFinished):
                    result.entries[event.record.board] = event.record
                    result.rows[event.record.board] = [image.record for image in event.images]
        except scraping.FashiongenError as error:
            result.error = error
        finally:
            path.unlink()
        return result

    return run


def require_all_found(result):
    assert {board: (entry.found, entry.ending) for board, entry in result.entries.items()} == {
        LONG: (PINS[LONG], "end"),
        SHORT: (PINS[SHORT], "end"),
    }
    assert result.error is None


PASSING = {
    "429": {"answer": {"status": 429, "headers": WAIT}},
    "500": {"answer": {"status": 500}},
    "html instead of JSON": {"answer": {"body": "<html>please wait</html>"}},
    "bytes that are no text": {"answer": {"body": "\x89PNG\udc80".encode(errors="ignore").decode("latin-1")}},
    "JSON of another form": {"answer": {"body": '{"resource_response": {"data": null}}'}},
    "a cut connection": {"cut_frac": 0.5},
    "an empty page": {"feed": "empty"},
    "a bookmark that leads back": {"feed": "repeat"},
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_page_of_the_feed_that_was_lost_is_asked_for_again(scrape, fault):
    require_all_found(scrape({"match": LAST, "times": 1} | fault))


@pytest.mark.parametrize("name", ["500", "a cut connection", "an empty page"])
def test_a_first_page_that_was_lost_is_asked_for_again(scrape, name):
    require_all_found(scrape({"match": FEED, "times": 1} | PASSING[name]))


EMPTY = '{"resource_response": {"data": [], "bookmark": "-end-"}}'
LASTING = {
    "429": ({"answer": {"status": 429, "headers": WAIT}}, "throttled"),
    "a long Retry-After": ({"answer": {"status": 429, "headers": {"Retry-After": "9" * 400}}}, "throttled"),
    "500": ({"answer": {"status": 500}}, "feed_failed"),
    "a cut connection": ({"cut_frac": 0.5}, "feed_failed"),
    "a bookmark that leads back": ({"feed": "repeat"}, "looped"),
    "empty pages": ({"feed": "empty"}, "feed_failed"),
    "an empty page in place of the rest": ({"answer": {"body": EMPTY}}, "feed_failed"),
    "a stall": ({"stall_s": 30.0}, "feed_failed"),
}


@pytest.mark.parametrize(("fault", "ending"), LASTING.values(), ids=LASTING)
def test_a_feed_that_stays_broken_makes_its_board_incomplete_and_no_other(scrape, fault, ending):
    result = scrape({"match": LAST, "skip": 1} | fault, page_timeout_s=1.0)
    board = result.entries[LONG]
    assert (board.ending, board.is_complete, board.expected) == (ending, False, 8945)
    assert 25 <= board.found < PINS[LONG]
    assert result.entries[SHORT].is_complete
    assert result.error is None


def test_an_item_that_says_nothing_is_a_row_with_its_reason(scrape):
    result = scrape(*({"match": FEED, "skip": n, "times": 1, "item": item} for n, item in enumerate([{"a": 1}] * 2)))
    assert result.entries[LONG].found == PINS[LONG] + 1  # the same item, twice
    assert "failed_unreadable 1" in result.entries[LONG].reasons


def replace_url(url):
    return lambda boards: (boards[0].model_copy(update={"url": url}), *boards[1:])


GONE = {
    "gone": ([], "not_found"),
    "an error page": ([{"match": "^/gone/", "answer": {"status": 500, "body": "<p>Oops"}}], "page_failed"),
    "a page without a board": ([{"match": "^/gone/", "answer": {"body": "<p>Who?"}}], "page_failed"),
    "a page that hangs": ([{"match": "^/gone/", "stall_s": 20.0}], "page_failed"),
    "an alert": ([{"match": "^/gone/", "answer": {"body": "<script>alert(1)</script>"}}], "page_failed"),
    "a redirect in a loop": (
        [{"match": "^/gone/", "answer": {"status": 302, "headers": {"Location": "/gone/board/"}}}],
        "page_failed",
    ),
}


@pytest.mark.parametrize(("faults", "ending"), GONE.values(), ids=GONE)
def test_a_board_without_its_page_is_a_row_and_the_others_go_on(scrape, faults, ending):
    answers = [
        fault | {"answer": {"headers": {"Content-Type": "text/html"}} | fault["answer"]} if "answer" in fault else fault
        for fault in faults
    ]
    result = scrape(*answers, boards=replace_url("/gone/board/"), page_timeout_s=1.5)
    gone = result.entries["/gone/board/"]
    assert (gone.ending, gone.found) == (ending, 0)
    assert gone.detail
    assert result.entries[SHORT].is_complete
    assert result.error is None


def test_a_session_that_ends_is_renewed_and_loses_nothing(scrape):
    result = scrape({"match": LAST, "times": 1, "answer": {"status": 401}})
    require_all_found(result)
    assert sum("UserSessionResource" in request.path for request in result.asked) == 2


def test_a_session_that_ends_again_and_again_ends_the_run_and_keeps_its_rows(scrape):
    result = scrape({"match": LAST, "answer": {"status": 403}}, boards=lambda boards: boards[::-1])
    assert result.entries[SHORT].is_complete
    assert result.entries[LONG].ending == "session_ended"
    assert 0 < result.entries[LONG].found < PINS[LONG]


IMAGES = {
    "404": ({"answer": {"status": 404}}, "saved_736x"),
    "html": ({"answer": {"body": "<html>"}}, "saved_736x"),
    "cut off": ({"cut_frac": 0.5}, "failed_connection"),
    "429 for a moment": ({"answer": {"status": 429, "headers": WAIT}, "times": 3}, "saved"),
    "503": ({"answer": {"status": 503}}, "failed_http_503"),
}


@pytest.mark.parametrize(("fault", "outcome"), IMAGES.values(), ids=IMAGES)
def test_an_image_that_fails_is_a_row_with_its_reason(scrape, boards_folder, fault, outcome):
    pin = boards_folder.boards[SHORT].feed[1]
    result = scrape({"match": f"/originals/.*{pin.signature}"} | fault)
    require_all_found(result)
    outcomes = {row.pin_id: row.outcome for row in result.rows[SHORT]}
    assert outcomes.pop(pin.id) == outcome
    assert set(outcomes.values()) == {"saved"}


def test_what_fails_for_a_while_is_tried_again_after_the_last_board(scrape, boards_folder, params):
    pin = boards_folder.boards[SHORT].feed[1]
    fault = {"match": f"/originals/.*{pin.signature}", "times": params.attempts, "answer": {"status": 503}}
    result = scrape(fault)
    assert {row.outcome for row in result.rows[SHORT]} == {"saved"}


def test_no_cookie_of_the_site_reaches_the_image_host(scrape):
    result = scrape()
    images = [request for request in result.asked if re.search(r"/(originals|736x)/", request.path)]
    assert len(images) > 80
    assert {request.cookies for request in images} == {""}
