"""The labelled garment's mask and box, checked against the picture itself."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image

from fashiongen.sources.demo.accessories import Accessories
from fashiongen.sources.demo.brands import BRANDS
from fashiongen.sources.demo.canvas import Canvas
from fashiongen.sources.demo.fabrics import Fabric
from fashiongen.sources.demo.figure import paint_look
from fashiongen.sources.demo.pictures import dress_full, dress_separates, garment_box
from fashiongen.sources.demo.wardrobe import BY_TYPE, SILHOUETTES, design_garment

LIME = Fabric("plain", ((0.0, 1.0, 0.0),), 0.1, 0.0, 0.0, 0.0, 0)
NOTHING = Accessories(None, None, None, None, None)


@cache
def paint_in_lime(name):
    """A figure on grey whose labelled garment, and nothing else, is green."""
    rng = np.random.default_rng(3)
    garment = replace(design_garment(rng, BRANDS[1], name), fabric=LIME, accent=LIME)
    dress = dress_full if garment.cut.type == "full" else dress_separates
    look = replace(dress(rng, BRANDS[1], garment), accessories=NOTHING)
    canvas = Canvas(Image.new("RGB", (240, 320), (128, 128, 128)), scale_px=280.0, origin_px=(120.0, 20.0))
    paint_look(canvas, look)
    return canvas


def is_green(image):
    red, green, blue = np.moveaxis(np.asarray(image, dtype=int), -1, 0)
    return (green > 40) & (green > 1.6 * red) & (green > 1.6 * blue)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SILHOUETTES))
def test_the_mask_is_where_the_garments_colour_is_seen(name):
    canvas = paint_in_lime(name)
    mask, green = np.asarray(canvas.garment) > 127, is_green(canvas.image)
    assert (mask & green).sum() / (mask | green).sum() > 0.85


@pytest.mark.parametrize("name", ["ball_gown", "trench", "jumpsuit_wide", "blouse", "jeans", "skirt"])
def test_the_box_is_tight_around_the_garments_colour(name):
    canvas = paint_in_lime(name)
    rows, columns = np.nonzero(is_green(canvas.image))
    seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert np.abs(np.subtract(seen, garment_box(canvas))).max() <= 3


@pytest.mark.parametrize("kind", ["upper", "lower", "full"])
def test_garments_lie_where_their_type_is_worn(kind):
    """In figure units the shoulders are at 0.17, the waist at 0.33, the knees at 0.69."""
    for name in BY_TYPE[kind]:
        _, top, _, bottom = garment_box(paint_in_lime(name))
        top, bottom = (top - 20) / 280, (bottom - 20) / 280
        assert (top < 0.26) == (kind != "lower"), name
        assert (bottom > 0.52) == (kind != "upper"), name
