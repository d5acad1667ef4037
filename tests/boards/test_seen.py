"""The chain of a feed's pages: complete, or where it breaks."""

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from fashiongen.boards import grid
from fashiongen.boards.pins import Pin
from fashiongen.boards.seen import Seen
from fashiongen.boards.traffic import Response
from fashiongen.errors import SessionEnded

PIN = Pin("1", "image", "", "", None, None, None, None, None)


def url(bookmark=None, board="/a/b/"):
    options = json.dumps({"options": {"board_url": board, "bookmarks": [bookmark] if bookmark else []}})
    return f"https://x.test/resource/BoardFeedResource/get/?{urlencode({'data': options})}"


def page(*pin_ids, asked=None, bookmark, board="/a/b/"):
    """The answer with these pins to the request with the bookmark `asked`."""
    data = [{"id": pin_id, "type": "pin"} for pin_id in pin_ids]
    return Response(url(asked, board), 200, json.dumps({"resource_response": {"data": data, "bookmark": bookmark}}))


def ids(pins):
    return [pin.pin_id for pin in pins]


@pytest.fixture
def seen():
    return Seen(lambda request: request.board == "/a/b/")


def test_a_pin_that_comes_twice_counts_once(seen):
    assert ids(seen.add_response(page("1", "2", bookmark="a"))) == ["1", "2"]
    assert ids(seen.add_response(page("2", "3", asked="a", bookmark="b"))) == ["3"]


def test_an_answer_of_another_board_is_ignored(seen):
    assert seen.add_response(page("1", bookmark="a", board="/c/d/")) == ()
    assert seen.state == "unseen"


@pytest.mark.parametrize("status", [401, 403])
def test_a_session_that_ends_during_a_board_is_an_error(seen, status):
    with pytest.raises(SessionEnded, match=f"answers {status}: the session has ended"):
        seen.add_response(Response(url(), status, None))


LOST = [(200, None), (200, "<html>"), (200, "{}"), (500, ""), (429, ""), (0, None), (302, "")]


@pytest.mark.parametrize(("status", "body"), LOST)
def test_a_page_that_was_lost_is_asked_for_next(seen, status, body):
    seen.add_response(page("1", bookmark="a"))
    assert seen.add_response(Response(url("a"), status, body)) == ()
    assert (seen.state, seen.lost_status) == ("open", status)
    assert seen.next_request.bookmark == "a"
    seen.add_response(page("2", asked="a", bookmark=None))
    assert (seen.state, seen.next_request) == ("end", None)


def test_a_first_page_that_was_lost_is_asked_for_next(seen):
    seen.add_response(Response(url(), 500, ""))
    assert (seen.state, seen.next_request.bookmark) == ("open", None)


def test_the_order_in_which_the_answers_arrive_does_not_matter(seen):
    seen.add_response(Response(url(), 500, ""))
    seen.add_response(page("3", asked="b", bookmark="-end-"))
    seen.add_response(page("2", asked="a", bookmark="b"))
    assert seen.next_request.bookmark is None
    seen.add_response(page("1", bookmark="a"))
    assert seen.state == "end"


def test_a_bookmark_that_leads_back_is_doubted_and_then_a_loop(seen):
    seen.add_response(page("1", bookmark="a"))
    seen.add_response(page("2", asked="a", bookmark="a"))
    assert (seen.state, seen.next_request) == ("loop", None)
    assert [request.bookmark for request in seen.doubtful_requests] == ["a"]
    seen.add_response(page("2", asked="a", bookmark="b"))
    assert (seen.state, seen.next_request.bookmark, seen.doubtful_requests) == ("open", "b", [])


def test_an_empty_page_is_doubted_unless_it_is_the_only_one(seen):
    seen.add_response(page(bookmark=None))
    assert (seen.state, seen.doubtful_requests) == ("end", [])
    seen.add_response(page("1", bookmark="a"))
    seen.add_response(page(asked="a", bookmark="b"))
    seen.add_response(page(asked="b", bookmark=None))
    assert seen.state == "end"
    assert [request.bookmark for request in seen.doubtful_requests] == ["a", "b"]


def test_an_empty_page_hides_pins_if_others_follow_or_the_board_claims_more(seen):
    seen.add_response(page("1", "2", bookmark="a"))
    seen.add_response(page(asked="a", bookmark="b"))
    seen.add_response(page("3", asked="b", bookmark=None))
    assert seen.misses_pins(None)
    seen.add_response(page("4", asked="a", bookmark="b"))
    assert not seen.misses_pins(100)
    seen.add_response(page(asked="b", bookmark=None))
    assert not seen.misses_pins(4)
    assert seen.misses_pins(5)


def test_the_feed_overrides_a_card_and_a_card_gains_its_image_later(seen):
    loaded = replace(PIN, signature="0" * 32)
    assert seen.add_view(grid.GridView((PIN, replace(PIN, pin_id="2")), is_loading=True, at_divider=False))
    assert not seen.add_view(grid.GridView((loaded,), is_loading=False, at_divider=False))
    seen.add_response(page("2", bookmark="a"))
    assert seen.cards_only() == (loaded,)
