"""Boxes that belong to other images than those beside them are scaled or refused, and never taken."""

import numpy as np
import pytest

from fashiongen.deepfashion.box_scale import FEWEST, find_scales
from fashiongen.errors import AnnotationError


def make_set(count=200, long_px=300, seed=0):
    """Sizes of portrait and landscape images, and boxes as in the benchmark: some touch an edge, few pass it."""
    rng = np.random.default_rng(seed)
    sizes = np.where(rng.random((count, 1)) < 0.8, [[0.7, 1.0]], [[1.0, 0.8]]) * long_px
    starts = rng.uniform(0, 0.4, (count, 2))
    ends = rng.uniform(0.55, 1.01, (count, 2))
    return np.concatenate([starts * sizes, ends * sizes], axis=1).round(), sizes.round()


@pytest.mark.parametrize("long_px", [100, 300, 640, 3000])
def test_boxes_of_their_own_images_stay(long_px):
    boxes, sizes = make_set(long_px=long_px)
    assert (find_scales(boxes, sizes) == 1).all()


@pytest.mark.parametrize("times", [1.5, 2.0, 3.7, 20.0])
def test_boxes_of_300_px_are_scaled_to_larger_images(times):
    boxes, sizes = make_set()
    assert find_scales(boxes, sizes * times) == pytest.approx(np.full(len(boxes), times), rel=0.01)


def cut_off(boxes, sizes, share=0.2, seed=1):
    """The boxes, some of which end at the edge of their image, as a garment does that the edge cuts off."""
    ends = np.random.default_rng(seed).random(len(boxes)) < share
    longer = np.where(ends[:, None], boxes + np.array([0, 0, 0, 999]), boxes)
    return np.minimum(longer, np.tile(sizes, 2))


@pytest.mark.parametrize("long_px", [307, 320, 350, 400, 449])
def test_boxes_of_300_px_are_scaled_to_images_that_are_a_little_larger(long_px):
    boxes, sizes = make_set()
    beside = (sizes * long_px / 300).round()
    assert find_scales(cut_off(boxes, sizes), beside) == pytest.approx(np.full(len(boxes), long_px / 300), rel=0.01)


@pytest.mark.parametrize("long_px", [307, 320, 350, 400, 449])
@pytest.mark.parametrize("smaller", [1.0, 0.9, 0.7])
@pytest.mark.parametrize("share", [0.0, 0.2])
def test_boxes_of_images_that_are_a_little_larger_stay(long_px, smaller, share):
    """Whether an edge cuts garments off, and whether they end at the edge or before it."""
    boxes, sizes = make_set(long_px=long_px)
    assert (find_scales(cut_off(smaller * boxes, sizes, share), sizes) == 1).all()


def test_a_set_of_little_larger_images_and_those_of_300_px_is_scaled_where_it_must_be():
    boxes, sizes = make_set(600)
    times = np.where(np.arange(600) % 2 == 0, 1.3, 1.0)
    assert find_scales(cut_off(boxes, sizes), sizes * times[:, None]) == pytest.approx(times, rel=0.01)


def test_a_mixed_set_is_scaled_where_its_images_are_large():
    boxes, sizes = make_set(400)
    times = np.where(np.arange(400) % 3 == 0, 4.0, 1.0)
    assert find_scales(boxes, sizes * times[:, None]) == pytest.approx(times, rel=0.01)


@pytest.mark.parametrize(("of_px", "beside_px"), [(100, 640), (640, 300), (1100, 640), (300, 100), (100, 300)])
def test_boxes_of_any_other_size_are_refused(of_px, beside_px):
    boxes, sizes = make_set(long_px=of_px)
    with pytest.raises(
        AnnotationError, match=r"boxes of \d+ images of about \d+ px do not belong .*check_boxes: false"
    ):
        find_scales(boxes, sizes * beside_px / of_px)


def test_some_boxes_that_are_wrong_do_not_decide():
    boxes, sizes = make_set()
    boxes[::40] *= 30
    assert find_scales(boxes, sizes * 4) == pytest.approx(np.full(len(boxes), 4.0), rel=0.01)
    assert (find_scales(boxes, sizes) == 1).all()


@pytest.mark.parametrize("long_px", [300, 1000])
def test_small_garments_in_the_middle_of_their_images_stay(long_px):
    """As T-shirts on whole persons: they end at two thirds of their images, and at no scale at the edge."""
    boxes, sizes = make_set(long_px=long_px)
    assert (find_scales(0.65 * boxes, sizes) == 1).all()


def test_reversed_corners_count_like_others():
    boxes, sizes = make_set()
    assert (find_scales(boxes[:, [2, 3, 0, 1]], sizes) == 1).all()


def test_a_few_images_say_nothing():
    boxes, sizes = make_set(FEWEST - 1)
    assert (find_scales(boxes, sizes * 5) == 1).all()
    assert find_scales(np.empty((0, 4)), np.empty((0, 2))).shape == (0,)
