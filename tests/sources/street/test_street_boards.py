"""The photographs are dealt over the boards, and some are repeated on another board."""

import hashlib

import numpy as np
import pytest

from fashiongen.sources.planting import Picture, PlannedPin, state_truth
from fashiongen.sources.street.boards import add_repeats, deal, make_boards, sample_fraction
from fashiongen.sources.street.params import BoardEntry, StreetPlantingParams

ENTRIES = [BoardEntry(brand=f"Rue {name}", season="SS26") for name in ("Là", "Bas", "Haut")]
PARAMS = StreetPlantingParams(
    repeated_frac=0.1,
    near_duplicate_frac=0.1,
    near_duplicate_quality=60,
    near_duplicate_scale=0.5,
    forbidden_frac=0.2,
    more_ideas_per_board=4,
    overstated_pin_count=3,
)


def sign(name: str) -> str:
    return hashlib.md5(name.encode()).hexdigest()


def plan(name: str, near_to: str | None = None) -> PlannedPin:
    return PlannedPin(Picture(sign(name), "jpg", 20, 30, "", None, near_to), f"title {name}", "", "", "image")


PINS = [plan(str(number)) for number in range(30)]


@pytest.fixture
def boards():
    """Three boards of ten pins; pin 0 is repeated, and pin 1 has a near-duplicate."""
    rng = np.random.default_rng(3)
    repeats = {PINS[0]: PINS[0], PINS[1]: plan("copy of 1", near_to=sign("1"))}
    return make_boards(ENTRIES, add_repeats(deal(PINS, 3, rng), repeats, rng), PARAMS, rng)


def test_every_pin_is_dealt_once():
    pins = [plan(str(number)) for number in range(31)]
    dealt = deal(pins, 3, np.random.default_rng(0))
    assert sorted(map(len, dealt)) == [10, 10, 11]
    assert {pin for board in dealt for pin in board} == set(pins)


def test_a_sample_keeps_the_order_and_has_no_repeats():
    sampled = sample_fraction(PINS, 0.2, np.random.default_rng(0))
    assert len(sampled) == len(set(sampled)) == 6
    assert sampled == sorted(sampled, key=PINS.index)


def test_a_repeat_goes_to_another_board(boards):
    shown = [[pin.picture.signature for pin in board.pins] for board in boards]
    assert sum(sign("0") in board for board in shown) == 2
    assert not any(sign("1") in board and sign("copy of 1") in board for board in shown)
    assert sum(map(len, shown)) == 32


def test_the_truth_names_each_duplicate_and_no_other_pin(boards):
    truth = state_truth(boards)
    assert len({row.pin_id for row in truth}) == 32
    repeats = {row.rule: (row.signature, row.duplicate_of) for row in truth if row.rule}
    assert repeats == {"name": (sign("0"), sign("0")), "near": (sign("copy of 1"), sign("1"))}
    assert sum(row.rule is None and row.duplicate_of is None for row in truth) == 30


def test_more_ideas_show_only_what_the_board_does_not(boards):
    ids = {row.pin_id for row in state_truth(boards)}
    for board in (board.site_board for board in boards):
        assert len(board.more_ideas) == 4
        assert not {pin.signature for pin in board.more_ideas} & {pin.signature for pin in board.feed}
        assert not {pin.id for pin in board.more_ideas} & ids
        assert board.pin_count == len(board.feed) + 3


def test_an_original_is_forbidden_on_every_board_or_on_none(boards):
    refused: dict[str, set[str]] = {}
    for board in (board.site_board for board in boards):
        for pin in (*board.feed, *board.more_ideas):
            refused.setdefault(pin.signature, set()).add(pin.original)
    assert all(len(states) == 1 for states in refused.values())
    assert sum(states == {"forbidden"} for states in refused.values()) == round(0.2 * 31)
