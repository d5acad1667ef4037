"""A cut-out shows the garment of its box and nothing else, and a mask that cannot be one is marked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fashiongen.crops.cutout import cut_garment, frame_garment, judge_mask
from fashiongen.crops.params import CutoutParams
from tests.crops.conftest import VALUES

PARAMS = CutoutParams.model_validate(VALUES)


def iou(one, other):
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)


def test_the_mask_is_the_garments(dressed):
    found = cut_garment(dressed.image, dressed.bbox, PARAMS)
    assert found.verdict == "ok"
    assert found.certainty > 0.9
    assert iou(found.mask >= 128, dressed.mask) > 0.97


def test_a_box_that_is_a_little_off_gives_nearly_the_same_mask(dressed):
    x, y, width, height = dressed.bbox
    found = cut_garment(dressed.image, (x + 0.02 * width, y + 3.3, 0.97 * width, 1.04 * height), PARAMS)
    assert iou(found.mask >= 128, dressed.mask) > 0.95


def test_a_garment_of_the_colour_of_its_ground_has_no_mask_that_is_ok(dressed):
    ground = np.random.default_rng(0).normal(120, 5, dressed.image.shape).astype(np.uint8)
    assert cut_garment(ground, dressed.bbox, PARAMS).verdict != "ok"


@pytest.mark.parametrize(
    ("rows", "certainty", "verdict"),
    [
        (slice(0, 0), 1.0, "empty"),
        (slice(0, 15), 1.0, "empty"),
        (slice(0, 60), 1.0, "ok"),
        (slice(0, 100), 1.0, "full"),
        (slice(0, 100, 2), 1.0, "torn"),  # threads of one pixel
        (np.r_[0:30, 60:90], 1.0, "torn"),  # two halves
        (np.r_[0:60, 90:95], 1.0, "ok"),  # one part has nearly all
        (slice(0, 60), 0.4, "unsure"),
    ],
)
def test_a_mask_that_can_be_no_garment_is_marked(rows, certainty, verdict):
    alpha = np.zeros((100, 50), np.float32)
    alpha[rows] = 1
    assert judge_mask(alpha, certainty, box_area_px=5000, params=PARAMS) == verdict


@pytest.mark.parametrize("aspect", [0.5, 2.0, None])
def test_the_frame_holds_the_garment_in_its_middle_and_is_transparent_around_it(dressed, aspect, cutout_params):
    mask = np.where(dressed.mask, 255, 0).astype(np.uint8)
    garment = frame_garment(dressed.image, mask, cutout_params(aspect=aspect, padding_frac=0.1))
    height, width = garment.shape[:2]
    rows, columns = np.nonzero(garment[..., 3])
    _, _, own_width, own_height = dressed.bbox
    padding = 0.1 * max(own_width, own_height)
    assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == (own_width, own_height)
    assert rows.min() == pytest.approx(height - 1 - rows.max(), abs=1)
    assert columns.min() == pytest.approx(width - 1 - columns.max(), abs=1)
    if aspect is not None:
        assert width == pytest.approx(aspect * height, abs=1 + aspect)
    assert width == pytest.approx(max(own_width + 2 * padding, (aspect or 0) * (own_height + 2 * padding)), abs=1)
    assert np.array_equal(garment[garment[..., 3] > 0, :3], dressed.image[dressed.mask])
    assert (garment[garment[..., 3] == 0, :3] == 255).all()


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.floats(-50, 60), st.floats(-50, 60), st.floats(0.01, 500), st.floats(0.01, 500)),
    st.integers(0, 3),
)
def test_any_box_of_any_image_has_a_verdict_and_a_mask_of_the_images_size(size, bbox, seed):
    image = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    found = cut_garment(image, bbox, PARAMS)
    assert found.mask.shape == size
    assert 0 <= found.certainty <= 1
    assert (found.rgba is None) == (found.verdict != "ok")


@pytest.mark.parametrize("shape", [(3, 900, 3), (900, 3, 3), (1, 1, 3)])
def test_thin_images_have_a_verdict(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert cut_garment(image, (0.0, 0.0, float(shape[1]), float(shape[0])), PARAMS).mask.shape == shape[:2]


def test_an_image_of_one_colour_gives_no_cutout():
    image = np.full((200, 100, 3), 200, np.uint8)
    assert cut_garment(image, (20.0, 20.0, 60.0, 160.0), PARAMS).rgba is None


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"min_area_frac": 0.95}, "not below max_area_frac"),
        ({"working_side_px": 8}, "working_side_px"),
        ({"iterations": 0}, "iterations"),
        ({"sure_probability": 0.4}, "sure_probability"),
        ({"aspect": 0.0}, "aspect"),
        ({"min_certainty": 1.1}, "min_certainty"),
    ],
)
def test_wrong_params_are_refused(cutout_params, changes, fault):
    with pytest.raises(ValidationError, match=fault):
        cutout_params(**changes)
