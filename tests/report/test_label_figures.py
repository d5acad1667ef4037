"""Figures 3.1 to 3.3: what is drawn where."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageColor

from fashiongen.deepfashion.records import CategoryCount, ExampleRecord, TypeCount
from fashiongen.report.label_figures import render_categories, render_examples, render_types
from fashiongen.report.report_data import Example

TYPES = ("upper", "lower", "full")
ROWS = [CategoryCount(category=f"Category {n}", type=TYPES[n % 3], images=100 - n) for n in range(25)]


def make_example(image, box, category, kind) -> Example:
    box = dict(zip(("x_px", "y_px", "w_px", "h_px"), box, strict=True))
    return Example(ExampleRecord(file="01.jpg", source="img/a.jpg", category=category, type=kind, **box), image)


def decode(png):
    return Image.open(BytesIO(png)).convert("RGB")


def colours(image):
    return {colour for count, colour in image.getcolors(maxcolors=image.width * image.height) if count > 200}


def test_an_example_shows_its_image_under_its_box():
    """A gray image of half the cell's size is doubled; its box keeps its place in it."""
    example = make_example(Image.new("RGB", (120, 150), (128, 128, 128)), (30, 50, 60, 40), "Dress", "full")
    sheet = np.asarray(decode(render_examples([example], columns=1)))
    gray = np.argwhere((sheet == 128).all(axis=2))
    top, left = gray.min(axis=0)
    gold = np.argwhere((sheet[: top + 300] == ImageColor.getrgb("#b17f2c")).all(axis=2))
    assert (gray.max(axis=0) - (top, left)).tolist() == [299, 239]
    assert (gold.min(axis=0) - (top, left)).tolist() == [100, 60]
    assert (gold.max(axis=0) - (top, left)).tolist() == [180, 180]


def test_examples_fill_rows():
    example = make_example(Image.new("RGB", (20, 30)), (1, 1, 5, 5), "Tee", "upper")
    one, two, five = (decode(render_examples([example] * n, columns=2)) for n in (1, 2, 5))
    assert one.size == two.size
    assert five.height > 2.5 * two.height


@pytest.mark.parametrize(
    "render",
    [
        lambda: render_categories(ROWS),
        lambda: render_types([TypeCount(type=kind, images=3) for kind in TYPES]),
        lambda: render_examples([make_example(Image.new("RGB", (9, 9)), (1, 1, 5, 5), "Tee", "upper")], columns=1),
    ],
)
def test_the_same_numbers_give_the_same_bytes_without_date_or_version(render):
    png = render()
    assert png == render()
    assert b"tEXt" not in png


def test_a_chart_has_a_colour_for_each_type():
    drawn = colours(decode(render_categories(ROWS)))
    assert {ImageColor.getrgb(colour) for colour in ("#8e2f3c", "#2f5169", "#b17f2c")} <= drawn


@pytest.mark.slow
def test_empty_and_small_categories_are_not_drawn():
    """The twenty-first category and the empty ones leave the chart as it was."""
    assert render_categories(ROWS[:20]) == render_categories(ROWS)
    empty = CategoryCount(category="Cape", type="full", images=0)
    assert render_categories(ROWS[:5]) == render_categories([*ROWS[:5], empty])
