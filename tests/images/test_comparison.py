"""How far two pictures differ, once one is laid over the other."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from fashiongen.images.comparison import THUMBNAIL_PX, measure_difference

SIDE = 4 * THUMBNAIL_PX


def picture(seed=0):
    """Blobs of colour with some detail, as photographs have."""
    rng = np.random.default_rng(seed)
    coarse, fine = (
        Image.fromarray(rng.integers(low, high, (cells, cells, 3), np.uint8)).resize(
            (SIDE, SIDE), Image.Resampling.BICUBIC
        )
        for cells, low, high in ((8, 40, 216), (40, 100, 156))
    )
    return Image.blend(coarse, fine, 0.4)


def thumbnail(image):
    return np.asarray(image.resize((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.BOX))


def difference(one, other, differing_frac=0.03):
    return measure_difference(thumbnail(one), thumbnail(other), differing_frac=differing_frac)


def paint(image, frac, colour):
    """The image with a square of a colour that covers a share of it."""
    side = round(frac**0.5 * SIDE)
    painted = image.copy()
    painted.paste(colour, (60, 60, 60 + side, 60 + side))
    return painted


def test_equal_pictures_do_not_differ():
    assert difference(picture(), picture(), 0.0) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("edges", [(13, 13, 13, 13), (26, 0, 0, 0), (0, 0, 0, 26)])
def test_a_crop_by_five_percent_is_the_same_picture(edges):
    left, top, right, bottom = edges
    assert difference(picture(), picture().crop((left, top, SIDE - right, SIDE - bottom))) < 15


@pytest.mark.parametrize("factor", [0.75, 1.3])
def test_brightness_does_not_count_not_even_where_it_is_cut_off(factor):
    bright = ImageEnhance.Contrast(picture()).enhance(1.6)
    changed = ImageEnhance.Brightness(bright).enhance(factor)
    assert difference(bright, changed) < 12
    assert difference(changed, bright) < 12


def test_a_part_below_the_share_does_not_count_and_one_above_does():
    """A square of one colour over 1 % and over 10 % of the picture, of which 3 % may differ."""
    assert difference(picture(), paint(picture(), 0.01, "red")) < 12
    assert difference(picture(), paint(picture(), 0.10, "red")) > 60


def test_another_colour_of_equal_lightness_counts():
    """A red square beside a green one, of 15 % of the picture: the luminances are the same."""
    red, green = (paint(picture(), 0.15, colour) for colour in ((180, 60, 60), (60, 121, 60)))
    assert difference(red, green) > 60


@pytest.mark.parametrize(
    "change",
    [
        ImageOps.mirror,
        ImageOps.flip,
        lambda image: image.rotate(20),
        lambda image: image.crop((0, 0, SIDE * 3 // 4, SIDE * 3 // 4)),
        lambda image: picture(seed=1),
        lambda image: Image.new("RGB", image.size, "gray"),
    ],
)
def test_another_picture_differs_or_does_not_fit(change):
    assert difference(picture(), change(picture())) > 40
