"""The harvest in a real browser: the database behind the site is the oracle."""

from dataclasses import replace

import pytest
from selenium.webdriver.support.wait import WebDriverWait

from fashiongen.boards import grid, selectors
from fashiongen.boards.grid import read_grid, scroll
from fashiongen.boards.harvest import Seen, harvest, open_board, parse_count
from fashiongen.boards.pins import Pin
from fashiongen.boards.traffic import Response
from fashiongen.errors import BoardNotFound, SiteError

LONG, SHORT = "/aurore/runway-ss26/", "/nord/runway-fw26/"


def walk(driver, site, path, params):
    """The pins of a board, why the walk ended, and how many steps it took."""
    open_board(driver, site.url, path, timeout_s=60.0)
    steps = list(harvest(driver, params))
    assert [step.ending for step in steps[:-1]] == [None] * (len(steps) - 1)
    return [pin for step in steps for pin in step.pins], steps[-1].ending, len(steps)


def ids(pins):
    return [pin.pin_id for pin in pins]


def own_pins(board):
    """A board's pins in the order of its feed; a module such as "shop the look" is none."""
    return [item for item in board.feed if item.type == "pin"]


@pytest.mark.browser
@pytest.mark.parametrize("path", [LONG, SHORT])
def test_every_pin_of_the_feed_is_found_in_its_order_and_nothing_else(member, site, boards_folder, params, path):
    """So none is promoted, and none is of "more ideas", though the browser has shown both."""
    pins, ending, _ = walk(member, site, path, params)
    assert ids(pins) == [pin.id for pin in own_pins(boards_folder.boards[path])]
    assert ending == "end"


@pytest.mark.browser
def test_the_page_does_show_promoted_cards_and_more_ideas(member, site, boards_folder, params):
    """The test above would prove little otherwise."""
    own = {pin.id for pin in boards_folder.boards[LONG].feed}
    open_board(member, site.url, LONG, timeout_s=60.0)
    shown = set()

    def look(driver):
        cards = driver.execute_script("return [...document.querySelectorAll('[data-test-pin-id]')].map(c => c.dataset)")
        shown.update(card["testPinId"] for card in cards)
        return shown

    for _ in harvest(member, params):
        look(member)
    ideas = {pin.id for pin in boards_folder.boards[LONG].more_ideas}
    WebDriverWait(member, 60).until(lambda driver: look(driver) & ideas)  # drawn last, perhaps after the walk's end
    assert shown - ideas - own  # promoted


@pytest.mark.browser
def test_the_cards_alone_give_every_pin_too(member, site, boards_folder, params, monkeypatch):
    """As when the feed's answers cannot be read: the grid is virtualised, so each card is there only for a while."""
    monkeypatch.setattr(selectors, "FEED_RESOURCE", "/resource/Renamed/get/")
    pins, ending, _ = walk(member, site, LONG, params)
    expected = own_pins(boards_folder.boards[LONG])
    assert sorted(ids(pins)) == sorted(pin.id for pin in expected)
    assert ending == "end"
    signatures = {pin.pin_id: pin.signature for pin in pins if pin.kind == "image"}
    assert signatures == {pin.id: pin.signature for pin in expected if pin.kind != "video"}
    assert {pin.title for pin in pins} == {pin.title for pin in expected}


@pytest.mark.browser
def test_max_steps_ends_the_scrolling(member, site, params):
    pins, ending, steps = walk(member, site, LONG, params.model_copy(update={"max_steps": 2}))
    assert (ending, steps) == ("max_steps", 2)
    assert pins


@pytest.mark.browser
def test_scrolling_ends_after_so_many_steps_without_a_new_pin(member, site, params, monkeypatch):
    monkeypatch.setattr(selectors, "FEED_RESOURCE", "/resource/Renamed/get/")
    monkeypatch.setattr(grid, "_SELECTORS", grid._SELECTORS | {"GRID": "#renamed", "DIVIDER": "#renamed"})
    short = params.model_copy(update={"settle_timeout_s": 0.05, "patience_steps": 3})
    assert walk(member, site, LONG, short) == ([], "patience_steps", 3)


@pytest.mark.browser
def test_the_feeds_end_ends_the_board_without_a_divider(member, site, boards_folder, params, monkeypatch):
    """So a drifted selector costs two waits, not an endless scroll through other people's pins."""
    monkeypatch.setattr(grid, "_SELECTORS", grid._SELECTORS | {"DIVIDER": "#renamed"})
    pins, ending, _ = walk(member, site, LONG, params)
    assert ids(pins) == [pin.id for pin in own_pins(boards_folder.boards[LONG])]
    assert ending == "end"


@pytest.mark.browser
def test_the_page_says_how_many_pins_it_has(member, site):
    assert open_board(member, site.url, LONG, timeout_s=60.0) == 8945


@pytest.mark.browser
def test_an_unknown_board_is_named_with_its_remedy(member, site):
    with pytest.raises(BoardNotFound, match=r"/no/such/: no such board; correct its url in catalogue\.yaml"):
        open_board(member, site.url, "/no/such/", timeout_s=60.0)


@pytest.mark.browser
def test_a_visitor_is_shown_only_a_part_so_that_is_an_error(member, site):
    member.delete_all_cookies()
    with pytest.raises(SiteError, match=r"no #HeaderContent after 0\.5 s; the session has ended"):
        open_board(member, site.url, LONG, timeout_s=0.5)


@pytest.mark.browser
def test_a_page_without_a_boards_header_names_the_file_to_correct(member, site, monkeypatch):
    monkeypatch.setattr(selectors, "BOARD_HEADER", "#renamed")
    with pytest.raises(SiteError, match=r"no #renamed after 0\.2 s; .* see boards/selectors\.py"):
        open_board(member, site.url, LONG, timeout_s=0.2)


@pytest.mark.browser
def test_a_jump_to_the_bottom_would_lose_pins(member, site, boards_folder):
    """Why the walk goes step by step."""
    open_board(member, site.url, LONG, timeout_s=60.0)
    seen = set()
    for _ in range(20):
        seen |= set(ids(read_grid(member).pins))
        scroll(member, 100.0)
    assert seen < {pin.id for pin in boards_folder.boards[LONG].feed}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("8,945 Pins", 8945),
        ("8.945 Pins", 8945),
        ("8 945 épingles", 8945),
        ("12", 12),
        ("", None),
        ("no pins", None),
        ("9" * 5000, None),
    ],
)
def test_a_count_is_read_in_any_language(text, count):
    assert parse_count(text) == count


PIN = Pin("1", "image", "", "", None, None, None, None, None)
FEED = "https://x.test/resource/BoardFeedResource/get/"


def page(*pin_ids, bookmark):
    items = ",".join(f'{{"id": "{pin_id}", "type": "pin"}}' for pin_id in pin_ids)
    return Response(FEED, 200, f'{{"resource_response": {{"data": [{items}], "bookmark": "{bookmark}"}}}}')


def test_a_pin_that_comes_twice_counts_once():
    seen = Seen(LONG)
    assert ids(seen.add_response(page("1", "2", bookmark="a"))) == ["1", "2"]
    assert ids(seen.add_response(page("2", "3", bookmark="b"))) == ["3"]


def test_an_answer_of_another_board_is_ignored():
    other = f"{FEED}?data=%7B%22options%22%3A%7B%22board_url%22%3A%22%2Fa%2Fb%2F%22%7D%7D"
    assert Seen(LONG).add_response(page("1", bookmark="a")._replace(url=other)) == ()


@pytest.mark.parametrize("named", ["%2FAurore%2FCaf%C3%A9%2F", "%2Faurore%2Fcaf%25C3%25A9%2F"])
def test_a_board_is_the_same_however_its_address_is_written(named):
    url = f"{FEED}?data=%7B%22options%22%3A%7B%22board_url%22%3A%22{named}%22%7D%7D"
    assert ids(Seen("https://x.test/aurore/caf%C3%A9/").add_response(page("1", bookmark="a")._replace(url=url))) == [
        "1"
    ]


@pytest.mark.parametrize("status", [401, 403])
def test_a_session_that_ends_during_a_board_ends_the_run(status):
    with pytest.raises(SiteError, match=f"answers {status}: the session has ended"):
        Seen(LONG).add_response(Response(FEED, status, None))


@pytest.mark.parametrize("response", [Response(FEED, 200, None), Response(FEED, 500, ""), Response(FEED, 429, "")])
def test_an_answer_that_was_lost_is_no_error(response):
    assert Seen(LONG).add_response(response) == ()


def test_the_feed_overrides_a_card_and_a_card_gains_its_image_later():
    seen = Seen(LONG)
    loaded = replace(PIN, signature="0" * 32)
    assert seen.add_view(grid.GridView((PIN, replace(PIN, pin_id="2")), is_loading=True, at_divider=False))
    assert not seen.add_view(grid.GridView((loaded,), is_loading=False, at_divider=False))
    seen.add_response(page("2", bookmark="a"))
    assert seen.cards_only() == (loaded,)
