"""The harvest in a real browser: the database behind the site is the oracle."""

import pytest
from selenium.webdriver.support.wait import WebDriverWait

from fashiongen.boards import grid, selectors
from fashiongen.boards.catalogue import Board
from fashiongen.boards.harvest import harvest, open_board, parse_count
from fashiongen.boards.login import sign_in
from fashiongen.errors import BoardNotFound, PageFailed

LONG, SHORT, PARTS = "/aurore/runway-ss26/", "/nord/runway-fw26/", "/nord/parts/"


@pytest.fixture(scope="module")
def session_cookies(browser, site, account):
    """Those of one login, for all tests of this file."""
    browser.delete_all_cookies()
    sign_in(browser, site.url, account=lambda: account, cookies=None, timeout_s=60.0)
    return browser.get_cookies()


@pytest.fixture
def member(browser, session_cookies):
    """A page of the site is open, whichever test ran before."""
    for cookie in session_cookies:
        browser.add_cookie(cookie)
    return browser


def board_at(path):
    return Board(brand="A", season="SS26", url=path)


def walk(driver, site, path, params):
    """The pins of a board, why the walk ended, and how many steps it took."""
    board = board_at(path) if isinstance(path, str) else path
    open_board(driver, site.url, board, timeout_s=60.0)
    steps = list(harvest(driver, board, params))
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
def test_the_sections_of_a_board_are_walked_and_named(member, site, boards_folder, params):
    pins, ending, _ = walk(member, site, PARTS, params)
    board = boards_folder.boards[PARTS]
    assert [(pin.pin_id, pin.section) for pin in pins] == [
        *((pin.id, "") for pin in board.feed),
        *((pin.id, section.title) for section in board.sections for pin in section.feed),
    ]
    assert ending == "end"


@pytest.mark.browser
def test_the_results_of_a_search_are_found_in_their_order(member, site, boards_folder, params):
    search = Board(brand="Nord", season="FW26", search="look runway-fw26", max_pins=300)
    pins, ending, _ = walk(member, site, search, params)
    assert ids(pins) == ids_of(boards_folder.boards[SHORT].feed)
    assert ending == "end"


@pytest.mark.browser
def test_a_long_search_scrolls_on(member, site, boards_folder, params):
    pins, ending, _ = walk(member, site, Board(brand="A", season="", search="Look SS26", max_pins=300), params)
    assert ids(pins) == ids_of(own_pins(boards_folder.boards[LONG]))
    assert ending == "end"


def ids_of(site_pins):
    return [pin.id for pin in site_pins]


@pytest.mark.browser
def test_the_page_does_show_promoted_cards_and_more_ideas(member, site, boards_folder, params):
    """The test above would prove little otherwise."""
    own = {pin.id for pin in boards_folder.boards[LONG].feed}
    open_board(member, site.url, board_at(LONG), timeout_s=60.0)
    shown = set()

    def look(driver):
        cards = driver.execute_script("return [...document.querySelectorAll('[data-test-pin-id]')].map(c => c.dataset)")
        shown.update(card["testPinId"] for card in cards)
        return shown

    for _ in harvest(member, board_at(LONG), params):
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
    assert (ending, steps) == ("limit", 3)
    assert pins


@pytest.mark.browser
def test_scrolling_ends_after_so_many_steps_without_a_new_pin(member, site, params, monkeypatch):
    monkeypatch.setattr(selectors, "FEED_RESOURCE", "/resource/Renamed/get/")
    monkeypatch.setattr(grid, "_SELECTORS", grid._SELECTORS | {"GRID": "#renamed", "DIVIDER": "#renamed"})
    short = params.model_copy(update={"settle_timeout_s": 0.05, "patience_steps": 3})
    assert walk(member, site, LONG, short) == ([], "patience", 5)


@pytest.mark.browser
def test_the_feeds_end_ends_the_board_without_a_divider(member, site, boards_folder, params, monkeypatch):
    """So a drifted selector costs two waits, not an endless scroll through other people's pins."""
    monkeypatch.setattr(grid, "_SELECTORS", grid._SELECTORS | {"DIVIDER": "#renamed"})
    pins, ending, _ = walk(member, site, LONG, params)
    assert ids(pins) == [pin.id for pin in own_pins(boards_folder.boards[LONG])]
    assert ending == "end"


@pytest.mark.browser
def test_the_page_says_how_many_pins_it_has(member, site):
    assert open_board(member, site.url, board_at(LONG), timeout_s=60.0) == 8945


@pytest.mark.browser
def test_an_unknown_board_is_named_with_its_remedy(member, site):
    with pytest.raises(BoardNotFound, match=r"/no/such/: no such board; correct its url in catalogue\.yaml"):
        open_board(member, site.url, board_at("/no/such/"), timeout_s=60.0)


@pytest.mark.browser
def test_a_visitor_is_shown_only_a_part_so_that_is_an_error(member, site):
    member.delete_all_cookies()
    with pytest.raises(PageFailed, match=r"no #HeaderContent after 0\.5 s; the session has ended"):
        open_board(member, site.url, board_at(LONG), timeout_s=0.5)


@pytest.mark.browser
def test_a_page_without_a_boards_header_names_the_file_to_correct(member, site, monkeypatch):
    monkeypatch.setattr(selectors, "BOARD_HEADER", "#renamed")
    with pytest.raises(PageFailed, match=r"no #renamed after 0\.2 s; .* see boards/selectors\.py"):
        open_board(member, site.url, board_at(LONG), timeout_s=0.2)


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
        ("1.2k Pins", 1200),
        ("1,2 K", 1200),
        ("12k", 12_000),
        ("3M Pins", 3_000_000),
        ("12 mal gemerkt", 12),
        (f"{'9' * 5000}k", None),
    ],
)
def test_a_count_is_read_in_any_language(text, count):
    assert parse_count(text) == count
