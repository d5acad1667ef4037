"""Changed images keep their truth: whatever is done to an image, its boxes stay on what they mark."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fashiongen.detector.data.augmentation import augment, crop_randomly, flip_horizontally
from fashiongen.detector.data.pixels import ScaledImage
from fashiongen.detector.params import AugmentParams

RED, BLUE, GROUND = (250, 0, 0), (0, 0, 250), (90, 90, 90)
SEEDS = st.integers(0, 2**32 - 1)


def params(**changes):
    plain = {"hflip_prob": 0.0, "short_sides_px": [64], "crop_min_frac": 1.0, "colour": 0.0}
    return AugmentParams(**(plain | changes))


def picture(size=(60, 80)):
    """Two coloured rectangles on gray, and their boxes."""
    height, width = size
    boxes = torch.tensor([[3, 4, width // 3, height // 2], [width // 2, height // 3, width - 5, height - 2]])
    pixels = torch.tensor(GROUND, dtype=torch.uint8).view(3, 1, 1).repeat(1, height, width)
    for (left, top, right, bottom), colour in zip(boxes.tolist(), (RED, BLUE), strict=True):
        pixels[:, top:bottom, left:right] = torch.tensor(colour, dtype=torch.uint8).view(3, 1, 1)
    return ScaledImage(pixels, size), {"boxes": boxes.float(), "labels": torch.tensor([1, 2])}


def assert_boxes_hold_their_colours(image, target):
    """Label 1 is where red prevails, and only there; label 2 where blue does."""
    red, _, blue = image.pixels.int()
    prevails = {1: red - blue > 60, 2: blue - red > 60}
    for (left, top, right, bottom), label in zip(
        target["boxes"].int().tolist(), target["labels"].tolist(), strict=True
    ):
        expected = torch.zeros(image.size, dtype=torch.bool)
        expected[top:bottom, left:right] = True
        assert expected.any()
        assert torch.equal(prevails[label], expected)


@given(SEEDS, st.floats(0.3, 1), st.floats(0, 0.4), st.tuples(st.integers(30, 90), st.integers(30, 90)))
def test_boxes_stay_on_what_they_mark(seed, crop_min_frac, colour, size):
    changes = params(hflip_prob=0.5, crop_min_frac=crop_min_frac, colour=colour)
    assert_boxes_hold_their_colours(*augment(*picture(size), changes, np.random.default_rng(seed)))


def test_a_picture_mirrored_twice_is_itself():
    image, target = picture()
    once = flip_horizontally(image, target)
    assert not torch.equal(once[0].pixels, image.pixels)
    twice, returned = flip_horizontally(*once)
    assert torch.equal(twice.pixels, image.pixels)
    assert all(torch.equal(returned[name], target[name]) for name in target)


def test_a_mirrored_box_is_as_far_from_the_other_side():
    _, target = flip_horizontally(*picture((60, 80)))
    assert target["boxes"].tolist() == [[80 - 26, 4, 80 - 3, 30], [5, 20, 40, 58]]


@given(SEEDS, st.floats(0.05, 1))
def test_a_crop_keeps_its_share_of_each_side_and_a_box(seed, min_frac):
    image, target = picture()
    cropped, kept = crop_randomly(image, target, min_frac=min_frac, rng=np.random.default_rng(seed))
    for side, whole in zip(cropped.size, image.size, strict=True):
        assert min_frac * whole - 0.5 <= side <= whole  # sides are whole pixels
    assert len(kept["boxes"]) == len(kept["labels"]) > 0
    assert (kept["boxes"] >= 0).all()
    assert (kept["boxes"] <= torch.tensor(cropped.size[::-1] * 2)).all()


def test_crops_lie_everywhere_and_have_all_sizes():
    """A box whose centre is left out goes: by and by each of the two is alone, and both are there."""
    image, target = picture()
    seen, heights = set(), set()
    for seed in range(200):
        cropped, kept = crop_randomly(image, target, min_frac=0.4, rng=np.random.default_rng(seed))
        seen.add(tuple(kept["labels"].tolist()))
        heights.add(cropped.size[0])
    assert seen == {(1,), (2,), (1, 2)}
    assert len(heights) > 25


def test_a_crop_never_loses_the_last_box():
    """One of 2 px in a corner: most crops would."""
    image, _ = picture()
    target = {"boxes": torch.tensor([[0.0, 0.0, 2.0, 2.0]]), "labels": torch.tensor([1])}
    for seed in range(50):
        cropped, kept = crop_randomly(image, target, min_frac=0.3, rng=np.random.default_rng(seed))
        assert kept["boxes"].tolist() == [[0, 0, 2, 2]]
        assert torch.equal(cropped.pixels[:, :2, :2], image.pixels[:, :2, :2])


def test_params_that_ask_nothing_change_nothing():
    image, target = picture()
    changed, kept = augment(image, target, params(), np.random.default_rng(0))
    assert torch.equal(changed.pixels, image.pixels)
    assert torch.equal(kept["boxes"], target["boxes"])


def test_colours_change_with_the_draw_and_boxes_do_not():
    image, target = picture()
    results = [augment(image, target, params(colour=0.4), np.random.default_rng(seed)) for seed in range(4)]
    assert len({tuple(changed.pixels.flatten().tolist()) for changed, _ in results}) == 4
    assert all(torch.equal(kept["boxes"], target["boxes"]) for _, kept in results)
    assert all(changed.pixels.dtype == torch.uint8 for changed, _ in results)


def test_half_are_mirrored_where_half_is_asked_for():
    image, target = picture()
    rng = np.random.default_rng(0)
    mirrored = [augment(image, target, params(hflip_prob=0.5), rng)[1]["boxes"][0, 0] != 3 for _ in range(1000)]
    assert np.mean(mirrored) == pytest.approx(0.5, abs=0.05)  # three standard deviations of 1000 coins


@given(SEEDS)
def test_the_same_generator_draws_the_same(seed):
    changes = params(hflip_prob=0.5, crop_min_frac=0.5, colour=0.3)
    (one, boxes), (other, again) = (augment(*picture(), changes, np.random.default_rng(seed)) for _ in range(2))
    assert torch.equal(one.pixels, other.pixels)
    assert torch.equal(boxes["boxes"], again["boxes"])
