"""Outlines in closed form."""

import re

import pytest

from fashiongen.report.outline import HEIGHT, outline_path


def points_of(path):
    return [tuple(map(float, pair.split())) for pair in re.fullmatch(r"M(.*)Z", path)[1].split("L")]


def test_equal_widths_are_a_rectangle():
    width, path = outline_path([0.7] * 8, height_to_width=2.5)
    assert width == HEIGHT / 2.5
    assert {x for x, _ in points_of(path)} == {0, width}
    assert {y for _, y in points_of(path)} >= {0, HEIGHT}


@pytest.mark.parametrize("height_to_width", [0.8, 2.0, 4.0])
def test_the_outline_is_symmetrical_and_as_wide_as_its_parts(height_to_width):
    widths = [0.4, 0.8, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    width, path = outline_path(widths, height_to_width)
    points = points_of(path)
    right, left = points[: len(points) // 2], points[len(points) // 2 :][::-1]
    assert [y for _, y in right] == [y for _, y in left]
    found = [(one - other) / width for (one, _), (other, _) in zip(right, left, strict=True)]
    assert found == pytest.approx([widths[0], *widths, widths[-1]], abs=0.01)
    middles = [(one + other) / 2 for (one, _), (other, _) in zip(right, left, strict=True)]
    assert middles == pytest.approx([width / 2] * 10, abs=0.1)
