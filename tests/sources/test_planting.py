"""What is written of the boards: the catalogue, the site's folder, and the truth."""

import csv

import numpy as np
import pytest
import yaml
from PIL import Image

from fashiongen.sources.encoding import encode
from fashiongen.sources.planting import (
    Picture,
    PlannedPin,
    PlantedBoard,
    choose_forbidden,
    make_site_pin,
    sample_ideas,
    state_truth,
    store_image,
    write_boards,
)
from fashiongen.sources.program import hash_program
from fashiongen.sources.standin.database import ACCOUNT, SiteBoard, SitePin, read_account, read_site


def plan(signature: str, *, near_to: str | None = None, box=None) -> PlannedPin:
    return PlannedPin(Picture(signature, "jpg", 20, 30, "full", box, near_to), "coat", "", "", "image")


def plant(url: str, pins: list[PlannedPin]) -> PlantedBoard:
    """A board with a module between its pins."""
    feed = [make_site_pin(pin, f"{url}{number}", forbidden=()) for number, pin in enumerate(pins)]
    module = SitePin.model_validate(feed[0].model_dump() | {"id": f"{url}-module", "type": "story", "signature": None})
    site_board = SiteBoard(
        board_id=url, url=url, name="Rue SS26", pin_count=9, feed=(feed[0], module, *feed[1:]), more_ideas=()
    )
    return PlantedBoard("Rue Là", "SS26", site_board, pins)


@pytest.fixture
def signature(tmp_path):
    """Of an image that is stored on the site at boards/site."""
    pixels = np.random.default_rng(0).integers(0, 255, (30, 20, 3), dtype=np.uint8)
    return store_image(tmp_path / "boards/site", encode(Image.fromarray(pixels), "jpg", 90), "jpg")


def test_what_is_written_is_read_back_by_the_site(tmp_path, signature):
    boards = [plant("/rue-la/ss26/", [plan(signature)]), plant("/rue-la/fw26/", [plan(signature)])]
    folder, truth = tmp_path / "boards", tmp_path / "truth/pins.csv"
    rows = write_boards(folder, truth, boards)
    assert read_site(folder / "site") == [board.site_board for board in boards]
    assert read_account(folder / "site") == ACCOUNT
    catalogue = yaml.safe_load((folder / "catalogue.yaml").read_text())
    assert catalogue["site"] == "standin"
    assert catalogue["boards"][0] == {"brand": "Rue Là", "season": "SS26", "url": "/rue-la/ss26/"}
    with truth.open(newline="") as file:
        assert [row["pin_id"] for row in csv.DictReader(file)] == [row.pin_id for row in rows]


def test_the_folder_holds_the_version_of_the_program_that_serves_it(tmp_path, signature):
    write_boards(tmp_path / "boards", tmp_path / "pins.csv", [plant("/rue/ss26/", [plan(signature)])])
    assert (tmp_path / "boards/site/program.sha256").read_text().strip() == hash_program()


def test_a_pin_repeats_the_first_of_its_signature_whatever_else_is_known_of_it():
    boards = [plant("/a/b/", [plan("1" * 32), plan("2" * 32, near_to="1" * 32)]), plant("/c/d/", [plan("2" * 32)])]
    found = [(row.signature[0], row.duplicate_of and row.duplicate_of[0], row.rule) for row in state_truth(boards)]
    assert found == [("1", None, None), ("2", "1", "near"), ("2", "2", "name")]


def test_the_truth_gives_a_box_as_corner_and_size():
    (row,) = state_truth([plant("/a/b/", [plan("1" * 32, box=(1, 2, 11, 22))])])
    assert (row.x_px, row.y_px, row.w_px, row.h_px) == (1, 2, 10, 20)
    (row,) = state_truth([plant("/a/b/", [plan("1" * 32)])])
    assert (row.x_px, row.y_px, row.w_px, row.h_px) == (None, None, None, None)


def test_a_fraction_of_the_originals_is_forbidden_and_the_order_of_the_set_does_not_matter():
    names = [f"{number:032d}" for number in range(40)]
    chosen = choose_forbidden(set(names), 0.1, np.random.default_rng(0))
    assert len(chosen) == 4 and chosen <= set(names)
    assert choose_forbidden(names[::-1], 0.1, np.random.default_rng(0)) == chosen
    states = {make_site_pin(plan(name), "1", chosen).original for name in chosen}
    assert states == {"forbidden"}


def test_ideas_are_distinct_and_no_more_than_there_are():
    assert sorted(sample_ideas(range(3), 9, np.random.default_rng(0))) == [0, 1, 2]
    assert len(set(sample_ideas(range(30), 9, np.random.default_rng(0)))) == 9
