"""Pages cut a feed without loss; bookmarks lead from each to the next; ideas never end."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashiongen.errors import BadInput
from fashiongen.sources.standin import feed
from fashiongen.sources.standin.database import SiteBoard
from fashiongen.sources.standin.faults import USUAL


@pytest.fixture(scope="module")
def modules(make_module):
    """Makes so many feed items."""
    return lambda count: [make_module(number) for number in range(count)]


def board(*, board_id="9001", pins=(), ideas=()):
    return SiteBoard(board_id=board_id, url="/u/b/", name="B", pin_count=9, feed=tuple(pins), more_ideas=tuple(ideas))


def pages(read_page):
    """The pages from the first to the last, each asked for by the bookmark that the one before gave."""
    start = feed.START
    while start is not None:
        page = read_page(start)
        yield page.pins
        start = feed.decode_bookmark(board(), feed.encode_bookmark(board(), page.following))


@given(count=st.integers(0, 130), size=st.integers(1, 25), every=st.integers(0, 4))
def test_the_pages_together_are_the_feed_in_its_order(modules, count, size, every):
    pins = modules(count)
    faults = USUAL.model_copy(update={"short_page_every": every})
    read = list(pages(lambda start: feed.board_page(pins, start, size=size, faults=faults)))
    assert [pin for page in read for pin in page] == pins


def test_each_third_page_is_short(modules):
    read = list(pages(lambda start: feed.board_page(modules(100), start, size=25, faults=USUAL)))
    assert [len(page) for page in read] == [25, 25, 8, 25, 17]


def test_ideas_repeat_under_new_ids(modules):
    ideas = modules(4)
    read = [pin for page in islice(pages(lambda start: feed.ideas_page(ideas, start, size=5)), 8) for pin in page]
    assert len({pin.id for pin in read}) == len(read) == 40
    assert [pin.id for pin in read[:4]] == [pin.id for pin in ideas]


def test_a_board_without_ideas_ends_at_once():
    assert list(pages(lambda start: feed.ideas_page((), start, size=5))) == [()]


@pytest.mark.parametrize("bookmark", ["", "abc", "é", "NQ==", "WzEsMl0=", "WyI5MDAxIiwieCIsMV0="])
def test_a_made_up_bookmark_is_refused(bookmark):
    with pytest.raises(BadInput, match="bookmark"):
        feed.decode_bookmark(board(), bookmark)


def test_a_bookmark_of_another_board_is_refused():
    bookmark = feed.encode_bookmark(board(board_id="9002"), feed.Position(25, 1))
    with pytest.raises(BadInput, match="another board"):
        feed.decode_bookmark(board(), bookmark)


def test_promoted_pins_have_ids_that_no_feed_has(modules):
    crowd = board(pins=modules(45), ideas=modules(3))
    promoted = {pin.id for pin in feed.promoted_pins(crowd, USUAL)}
    assert len(promoted) == 2
    assert not promoted & {pin.id for pin in (*crowd.feed, *crowd.more_ideas)}
