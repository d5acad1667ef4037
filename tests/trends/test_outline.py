"""Outlines in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fashiongen.trends.outline import ROWS, average_parts, find_quantile, measure_outline, name_length


def draw(widths, rows_each=10, across=200):
    """A mask of stacked blocks in the middle, of these widths from the top down."""
    columns = np.abs(np.arange(across) - (across - 1) / 2)
    rows = [np.where(columns < width / 2, 255, 0) for width in widths for _ in range(rows_each)]
    return np.pad(np.array(rows, np.uint8), 7)


def test_a_rectangle_is_as_wide_everywhere():
    outline = measure_outline(draw([40] * ROWS))
    assert outline == (pytest.approx(2), pytest.approx((1,) * ROWS), pytest.approx(1), pytest.approx(2))


def test_a_waist_and_a_hem_are_measured():
    outline = measure_outline(draw([60, 80, 40, 50, 70, 90, 110, 120]))
    assert outline.height_to_width == pytest.approx(80 / 120)
    assert outline.widths == pytest.approx([width / 120 for width in (60, 80, 40, 50, 70, 90, 110, 120)])
    assert outline.hem_to_waist == pytest.approx(120 / 40)
    assert outline.length_to_waist == pytest.approx(80 / 50)  # one in five of the upper seven tenths is narrower


@pytest.mark.parametrize(("length", "name"), [(1.5, "short"), (3.99, "short"), (4.0, "midi"), (6.1, "long")])
def test_a_length_has_a_class(length, name):
    assert name_length(length) == name


@pytest.mark.parametrize("factor", [2, 3])
def test_the_size_of_the_picture_changes_nothing(factor):
    mask = draw([60, 80, 40, 50, 70, 90, 110, 120])
    larger = mask.repeat(factor, axis=0).repeat(factor, axis=1)
    small, large = measure_outline(mask), measure_outline(larger)
    assert large.widths == pytest.approx(small.widths)
    assert large.height_to_width == pytest.approx(small.height_to_width)


def test_a_strap_is_not_longer_than_a_garment_can_be():
    assert measure_outline(draw([2, 2, 2, 2, 40, 60, 80, 90], rows_each=20)).length_to_waist == 12


@given(arrays(float, st.integers(ROWS, 90), elements=st.floats(0, 500)), st.floats(0, 1))
def test_parts_and_quantiles_are_as_numpys(values, share):
    assert average_parts(values) == pytest.approx([part.mean() for part in np.array_split(values, ROWS)])
    assert find_quantile(values, share) == pytest.approx(np.quantile(values, share))


def test_what_is_too_small_has_none():
    assert measure_outline(np.zeros((40, 40), np.uint8)) is None
    assert measure_outline(draw([9] * (ROWS - 1), rows_each=1)) is None
