"""Boxes between orders, and inside images."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torchvision.ops import box_convert, clip_boxes_to_image

from fashiongen.deepfashion.boxes import clip_boxes, order_corners, xywh_to_xyxy, xyxy_to_xywh

whole = st.integers(-50, 400).map(float)
boxes = arrays(np.float64, st.tuples(st.integers(0, 6), st.just(4)), elements=whole)


@pytest.mark.slow
@given(boxes)
def test_the_two_orders_are_those_of_torchvision(numbers):
    given_boxes = torch.from_numpy(numbers)
    np.testing.assert_array_equal(xyxy_to_xywh(numbers), box_convert(given_boxes, "xyxy", "xywh").numpy())
    np.testing.assert_array_equal(xywh_to_xyxy(numbers), box_convert(given_boxes, "xywh", "xyxy").numpy())


@given(boxes)
def test_there_and_back_is_the_same_box(numbers):
    np.testing.assert_array_equal(xywh_to_xyxy(xyxy_to_xywh(numbers)), numbers)


@given(boxes)
def test_clipping_is_that_of_torchvision(numbers):
    """Its size is (height, width), ours (width, height)."""
    expected = clip_boxes_to_image(torch.from_numpy(numbers), (200, 300)).numpy()
    np.testing.assert_array_equal(clip_boxes(numbers, np.array([300.0, 200.0])), expected)


def test_each_box_is_clipped_to_its_own_image():
    numbers = np.array([[-5.0, 0, 99, 99], [10, 10, 99, 99]])
    clipped = clip_boxes(numbers, np.array([[50.0, 60], [20, 99]]))
    np.testing.assert_array_equal(clipped, [[0, 0, 50, 60], [10, 10, 20, 99]])


@pytest.mark.parametrize("box", [(10, 20, 30, 40), (30, 20, 10, 40), (10, 40, 30, 20), (30, 40, 10, 20)])
def test_reversed_corners_are_put_in_order(box):
    np.testing.assert_array_equal(order_corners(np.array(box, dtype=float)), [10, 20, 30, 40])
