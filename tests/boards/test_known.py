"""A board that an earlier run has walked is walked until its pins are known, and no further."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashiongen.boards.catalogue import Board
from fashiongen.boards.known import KnownBoard, KnownBoards
from fashiongen.boards.pins import Pin

BOARD = Board(brand="Maison Aurore", season="SS26", url="/aurore/runway-ss26/")
ENOUGH = 3


def pins(*numbers):
    image = Pin("", "image", 'Coat "α", red', "https://a.example/1", "0" * 32, "https://i/o.jpg", None, 200, 300)
    return tuple(replace(image, pin_id=str(number)) for number in numbers)


@pytest.fixture
def boards(tmp_path):
    return KnownBoards(tmp_path, enough=ENOUGH)


def test_a_board_comes_back_as_it_was_kept(boards):
    boards.keep(BOARD, 8945, pins(1, 2, 3))
    assert boards.find(BOARD) == KnownBoard(name=BOARD.name, expected=8945, pins=pins(1, 2, 3))


def test_a_board_that_was_kept_before_pins_had_days_is_known_without_them(boards, tmp_path):
    boards.keep(BOARD, 3, pins(1, 2, 3))
    (path,) = tmp_path.rglob("*.json")
    before = path.read_text().replace(',"pinned_on":""', "")
    assert "pinned_on" not in before
    path.write_text(before)
    assert [pin.pinned_on for pin in boards.find(BOARD).pins] == ["", "", ""]


def test_another_board_a_search_or_a_damaged_file_is_not_known(boards, tmp_path):
    search = Board(brand="A", season="", search="a", max_pins=9)
    boards.keep(search, None, pins(1))
    boards.keep(BOARD, 1, pins(1))
    assert boards.find(search) is None
    assert boards.find(BOARD.model_copy(update={"url": "/b/c/"})) is None
    assert KnownBoards(tmp_path, enough=0).find(BOARD) is None
    (path,) = tmp_path.rglob("*.json")
    path.write_text(path.read_text()[:-5])
    assert boards.find(BOARD) is None


@pytest.mark.parametrize(
    ("found", "expected", "rest"),
    [
        ((1, 2, 3), 5, (4, 5)),
        ((1, 2), 5, None),  # too few of them
        ((9, 8, 1, 2, 3, 4), 7, (5,)),
        ((9, 8, 1, 2, 3, 4), 6, None),  # one is gone
        ((9, 8, 1, 2, 3, 4), None, None),
        ((1, 3, 4), 5, None),
        ((2, 3, 4), 5, None),
        ((9, 8, 7), 8, None),
        ((1, 2, 9, 3), 6, None),  # not at the top
        ((), 5, None),
    ],
)
def test_a_board_is_known_from_where_its_pins_follow_the_new_ones(boards, found, expected, rest):
    known = KnownBoard(name=BOARD.name, expected=5, pins=pins(1, 2, 3, 4, 5))
    assert boards.complete(known, expected, pins(*found)) == (None if rest is None else pins(*rest))


@given(old=st.integers(0, 12), new=st.integers(0, 4), gone=st.sets(st.integers(0, 11)), seen=st.integers(0, 16))
def test_what_is_taken_as_known_is_what_the_board_has(boards_of_any_folder, old, new, gone, seen):
    """The board has got new pins at its top and lost some anywhere; its page tells the truth."""
    known = KnownBoard(name=BOARD.name, expected=old, pins=pins(*range(old)))
    now = pins(*range(100, 100 + new), *(number for number in range(old) if number not in gone))
    found = now[:seen]
    rest = boards_of_any_folder.complete(known, len(now), found)
    assert rest is None or (*found, *rest) == now


@pytest.fixture(scope="module")
def boards_of_any_folder(tmp_path_factory):
    return KnownBoards(tmp_path_factory.mktemp("known"), enough=ENOUGH)
