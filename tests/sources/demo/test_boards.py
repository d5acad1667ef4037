import csv
import hashlib
import io
from collections import Counter
from dataclasses import replace
from itertools import combinations

import imagehash
import numpy as np
import pytest
import yaml
from PIL import Image

from fashiongen.sources.demo.originals import draw_original, draw_unlike, upload_again
from fashiongen.sources.demo.pages import list_pages, plan_originals
from fashiongen.sources.standin.database import image_path, read_site

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def truth(demo):
    with (demo / "truth/pins.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def site(demo):
    return read_site(demo / "boards/site")


def test_the_catalogue_lists_the_boards_of_the_site(demo, site):
    catalogue = yaml.safe_load((demo / "boards/catalogue.yaml").read_text())
    assert catalogue["site"] == "standin"
    assert [board["url"] for board in catalogue["boards"]] == [board.url for board in site]
    assert len({board["brand"] for board in catalogue["boards"]}) >= 4


def test_the_truth_has_one_row_for_each_pin_in_the_feeds_order(site, truth):
    feeds = [(board.url, pin.id, pin.signature, pin.kind) for board in site for pin in board.feed if pin.type == "pin"]
    assert [(row["board"], row["pin_id"], row["signature"], row["kind_of_pin"]) for row in truth] == feeds
    ids = [pin.id for board in site for pin in (*board.feed, *board.more_ideas)]
    assert len(set(ids)) == len(ids)


def test_boards_hold_videos_story_pins_modules_and_an_overstated_count(site, params):
    for index, board in enumerate(site):
        kinds = Counter(pin.kind if pin.type == "pin" else "module" for pin in board.feed)
        assert kinds["video"] == params.boards.videos_per_board
        assert kinds["story_pin"] == params.boards.story_pins_per_board
        assert kinds["module"] == params.boards.modules_per_board
        pins = len(board.feed) - kinds["module"]
        assert board.pin_count == pins + (params.boards.overstated_pin_count if index == 0 else 0)


def test_files_are_what_the_database_says(demo, site):
    for pin in (pin for board in site for pin in (*board.feed, *board.more_ideas) if pin.signature):
        path = image_path(demo / "boards/site", pin)
        assert hashlib.md5(path.read_bytes()).hexdigest() == pin.signature
        with Image.open(path) as image:
            assert image.size == (pin.width, pin.height)
            assert image.format == {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[pin.ext]


def test_more_ideas_are_on_no_board(site):
    feeds = {pin.signature for board in site for pin in board.feed}
    assert not feeds & {pin.signature for board in site for pin in board.more_ideas}


def test_the_number_of_repeats_is_the_requested_one_and_each_names_an_existing_pin(truth, params):
    drawings = len(list_pages(params.boards)) * params.boards.drawings_per_board
    rules = Counter(row["rule"] for row in truth)
    assert rules["name"] == round(drawings * params.boards.repeated_frac)
    assert rules["near"] == round(drawings * params.boards.near_duplicate_frac)
    signatures = Counter(row["signature"] for row in truth)
    for row in truth:
        assert (row["rule"] == "name") <= (row["duplicate_of"] == row["signature"])
        assert (row["rule"] == "near") <= (row["duplicate_of"] != row["signature"])
        assert not row["duplicate_of"] or signatures[row["duplicate_of"]] >= 1


def test_forbidden_originals_are_the_same_on_every_board(site, params):
    states: dict[str, set[str]] = {}
    for pin in (pin for board in site for pin in board.feed if pin.signature):
        states.setdefault(pin.signature, set()).add(pin.original)
    assert all(len(state) == 1 for state in states.values())
    forbidden = sum(state == {"forbidden"} for state in states.values())
    assert forbidden == round(len(states) * params.boards.forbidden_frac)


def test_only_full_length_figures_have_a_box_and_it_is_upright_and_inside(site, truth):
    sizes = {pin.id: (pin.width, pin.height) for board in site for pin in board.feed}
    for row in truth:
        assert bool(row["x_px"]) == (row["kind"] == "full")
        if row["kind"] == "full":
            x, y, w, h = (int(row[key]) for key in ("x_px", "y_px", "w_px", "h_px"))
            width, height = sizes[row["pin_id"]]
            assert 0 <= x < x + w <= width and 0 <= y < y + h <= height and h > 0.25 * height


def test_two_thirds_of_the_pins_are_full_length_figures(params):
    plans = plan_originals(params.boards.model_copy(update={"drawings_per_board": 100}), params.seed)
    share = Counter(plan.kind for plan in plans)["full"] / len(plans)
    assert share == pytest.approx(2 / 3, abs=0.03)


def test_no_two_drawings_are_alike_to_a_perceptual_hash(originals, params):
    hashes = []
    for original in originals:
        with Image.open(io.BytesIO(original.content)) as image:
            hashes.append(imagehash.phash(image))
    closest = min(first - second for first, second in combinations(hashes, 2))
    assert closest >= params.boards.min_hamming_distance - 2  # encoding moves a hash by a bit or two


def test_a_new_upload_is_another_file_with_the_same_picture(originals):
    source = next(original for original in originals if original.picture.kind == "full")
    copy = upload_again(source, 0.8, webp=True, quality=70)
    assert copy.picture.signature != source.picture.signature and copy.picture.ext == "webp"
    assert copy.picture.near_to == source.picture.signature
    assert (copy.phash ^ source.phash).bit_count() <= 4
    assert np.allclose(np.asarray(copy.picture.box), 0.8 * np.asarray(source.picture.box), atol=1)


def test_a_picture_too_close_to_an_earlier_one_is_drawn_again(params):
    plan = plan_originals(params.boards, params.seed)[0]
    first, second = draw_unlike([plan, plan], 10, lambda plans: map(draw_original, plans))
    assert first == draw_original(plan)
    assert second == draw_original(replace(plan, attempt=1))
