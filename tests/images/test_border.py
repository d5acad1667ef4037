"""Plain borders around pictures."""

import io

import numpy as np
import pytest
from PIL import Image

from fashiongen.images.border import MAX_FRAC, trim_border


def picture(size=(160, 240), seed=0):
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (24, 16, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)


def frame(image, edges, colour):
    left, top, right, bottom = edges
    framed = Image.new("RGB", (image.width + left + right, image.height + top + bottom), colour)
    framed.paste(image, (left, top))
    return framed


@pytest.mark.parametrize("colour", ["white", "black", (200, 40, 90)])
@pytest.mark.parametrize("edges", [(6, 6, 6, 6), (0, 12, 0, 0), (4, 0, 0, 9)])
def test_a_border_of_any_colour_and_on_any_edge_is_removed(edges, colour):
    assert trim_border(frame(picture(), edges, colour)) == picture()


def test_each_edge_may_have_a_colour_of_its_own():
    assert trim_border(frame(frame(picture(), (5, 0, 0, 0), "white"), (0, 7, 0, 0), "black")).size == (160, 240)


def test_a_picture_without_a_border_stays():
    assert trim_border(picture()) == picture()


@pytest.mark.parametrize("quality", [60, 90])
def test_losses_of_jpeg_do_not_hide_a_border(quality):
    stream = io.BytesIO()
    frame(picture(), (8, 8, 8, 8), "white").save(stream, "JPEG", quality=quality)
    with Image.open(stream) as image:
        width, height = trim_border(image).size
    assert 158 <= width <= 164
    assert 238 <= height <= 244


@pytest.mark.parametrize("size", [(100, 200), (3, 2), (1, 1)])
def test_no_more_is_removed_than_a_border_has(size):
    """A plain picture, such as a wall, is no border as a whole."""
    width, height = trim_border(Image.new("RGB", size, "white")).size
    assert (width, height) == tuple(side - 2 * round(MAX_FRAC * side) for side in size)


def test_a_line_with_a_spot_belongs_to_the_picture():
    """Above it two lines are removed, and six at each other edge."""
    framed = frame(picture(), (6, 6, 6, 6), "white")
    framed.paste("black", (40, 2, 60, 3))
    assert trim_border(framed).size == (160, 244)
