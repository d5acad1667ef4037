"""What is planted on the boards is what the truth tells."""

import hashlib
from collections import Counter

import numpy as np
import pytest
import yaml
from PIL import Image

from fashiongen.sources.boards import (
    BoardEntry,
    Picture,
    PlantingParams,
    deal,
    draw,
    lay_out,
    pin_again,
    store_image,
    tell_truth,
    write_boards,
)
from fashiongen.sources.encoding import encode
from fashiongen.sources.standin.database import read_site

ENTRIES = [BoardEntry(brand=f"Rue {name}", season="SS26") for name in ("Là", "Bas", "Haut")]
PARAMS = PlantingParams(
    repeated_frac=0.1, near_frac=0.1, near_quality=60, near_scale=0.5, forbidden_frac=0.2, more_ideas=4, overcount=3
)


def picture(name: str) -> Picture:
    return Picture(hashlib.md5(name.encode()).hexdigest(), "jpg", 20, 30, f"title {name}", "", "full", "1 2 3 4")


@pytest.fixture
def laid():
    """Three boards of ten pictures, one of which is pinned again and one encoded again."""
    rng = np.random.default_rng(3)
    pictures = [picture(str(number)) for number in range(30)]
    repeats = {pictures[0]: pictures[0]}
    copies = {pictures[1]: picture("copy of 1")}
    boards = pin_again(deal(pictures, 3, rng), repeats | copies, rng)
    site_boards = lay_out(ENTRIES, boards, PARAMS, rng)
    return pictures, boards, site_boards, list(tell_truth(ENTRIES, boards, site_boards, copies))


def test_every_picture_is_dealt_once():
    pictures = [picture(str(number)) for number in range(31)]
    boards = deal(pictures, 3, np.random.default_rng(0))
    assert sorted(map(len, boards)) == [10, 10, 11]
    assert {p for board in boards for p in board} == set(pictures)


def test_a_draw_keeps_the_order_and_has_no_repeats():
    pictures = [picture(str(number)) for number in range(40)]
    drawn = draw(pictures, 0.25, np.random.default_rng(0))
    assert len(drawn) == len(set(drawn)) == 10
    assert drawn == sorted(drawn, key=pictures.index)


def test_a_repeat_goes_to_another_board(laid):
    pictures, boards, _, _ = laid
    assert sum(pictures[0] in board for board in boards) == 2
    assert sum(pictures[1] in board and picture("copy of 1") in board for board in boards) == 0
    assert sum(map(len, boards)) == 32


def test_the_truth_names_each_duplicate_and_no_other_pin(laid):
    pictures, _, _, truth = laid
    by_pin = {row.pin_id: row for row in truth}
    assert len(by_pin) == 32
    planted = {row.rule: row for row in truth if row.rule}
    assert Counter(row.rule for row in truth) == {"": 30, "name": 1, "near": 1}
    assert by_pin[planted["name"].duplicate_of].signature == planted["name"].signature == pictures[0].signature
    assert by_pin[planted["near"].duplicate_of].signature == pictures[1].signature
    assert all(row.duplicate_of == "" for row in truth if not row.rule)


def test_more_ideas_show_only_what_the_board_has_not(laid):
    _, _, site_boards, truth = laid
    for board in site_boards:
        assert len(board.more_ideas) == 4
        assert not {pin.signature for pin in board.more_ideas} & {pin.signature for pin in board.feed}
        assert not {pin.id for pin in board.more_ideas} & {row.pin_id for row in truth}
        assert board.pin_count == len(board.feed) + 3


def test_an_original_is_forbidden_on_every_board_or_on_none(laid):
    _, _, site_boards, _ = laid
    refused: dict[str, set[str]] = {}
    for board in site_boards:
        for pin in (*board.feed, *board.more_ideas):
            refused.setdefault(pin.signature, set()).add(pin.original)
    assert all(len(states) == 1 for states in refused.values())
    assert sum(states == {"forbidden"} for states in refused.values()) == round(0.2 * 31)


def test_what_is_written_is_read_back_by_the_site(tmp_path):
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 255, (30, 20, 3), dtype=np.uint8))
    signature = store_image(tmp_path / "site", encode(image, "jpg", 90), "jpg")
    boards = [[Picture(signature, "jpg", 20, 30, "coat", "", "", "")] for _ in ENTRIES]
    site_boards = lay_out(ENTRIES, boards, PARAMS, rng)
    write_boards(tmp_path, [(entry.brand, entry.season) for entry in ENTRIES], site_boards)
    assert read_site(tmp_path / "site") == site_boards
    catalogue = yaml.safe_load((tmp_path / "catalogue.yaml").read_text())
    assert catalogue["site"] == "standin"
    assert catalogue["boards"][0] == {"brand": "Rue Là", "season": "SS26", "url": "/rue-la/ss26/"}
