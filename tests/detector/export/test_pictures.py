"""Boxes are drawn where they are, in their category's colour, with labels that can be read."""

import numpy as np
import pytest
from PIL import Image, ImageColor

from fashiongen.coco.detection import Detection
from fashiongen.detector.export.pictures import CASING, COLOURS, LONG_SIDE_PX, colour_of, render_detections

CATEGORIES = {1: "upper", 2: "lower", 3: "full"}


def render(detections, *, size=(800, 1000), ground="white"):
    return np.asarray(render_detections(Image.new("RGB", size, ground), detections, CATEGORIES)).astype(int)


def is_colour(pixels, colour):
    return (np.abs(pixels - ImageColor.getrgb(colour)) == 0).all(axis=-1)


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in np.array(colour) / 255]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("ground", ["white", "black", "gray"])
def test_the_lines_edge_is_the_boxs(ground):
    shown = is_colour(render([Detection(1, 2, (200, 300, 300, 400), 0.9)], ground=ground), colour_of(2))
    rows, columns = np.where(shown)
    assert (columns.min(), columns.max()) == (200, 500)
    assert rows.max() == 700
    assert shown[500, 200:203].all()
    assert not shown[500, 210:490].any()
    assert shown[:299].any()  # the label


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_can_be_told_from_dark_grounds_and_bears_dark_letters(colour):
    """A contrast of 4.5 is what WCAG asks of text; against light grounds the casing stands."""
    bright, dark = luminance(ImageColor.getrgb(colour)), luminance(ImageColor.getrgb(CASING))
    assert (bright + 0.05) / (dark + 0.05) > 4.5


@pytest.mark.parametrize(
    ("size", "expected"), [((800, 1000), (800, 1000)), ((3200, 2400), (1600, 1200)), ((64, 96), (427, 640))]
)
def test_pictures_keep_their_size_as_long_as_it_is_good_to_look_at(size, expected):
    image = Image.new("RGB", size)
    before = image.tobytes()
    assert render_detections(image, [Detection(1, 1, (9, 9, 20, 20), 0.5)], CATEGORIES).size == expected
    assert max(expected) in range(LONG_SIDE_PX[0], LONG_SIDE_PX[1] + 1)
    assert image.tobytes() == before


def test_labels_of_one_box_do_not_cover_each_other():
    """Three categories in the same place, in the picture's corner: all three grounds of labels are there in full."""
    detections = [Detection(1, label, (0, 0, 400, 500), 0.9 - label / 10) for label in CATEGORIES]
    shown = render(detections, ground="black")
    filled = [is_colour(shown, colour_of(label)).sum() for label in CATEGORIES]
    alone = [is_colour(render([one], ground="black"), colour_of(one.category_id)).sum() for one in detections]
    assert filled[0] > 0.9 * alone[0]  # the best one's box is on top
    assert all(count > 1000 for count in filled[1:])  # of the others the label is seen alone


@pytest.mark.parametrize("bbox", [(0, 0, 800, 1000), (799, 999, 1, 1), (-5, -5, 3, 3), (400, 500, 0.1, 0.1)])
def test_boxes_at_the_edge_and_tiny_ones_have_their_label_in_the_picture(bbox):
    assert is_colour(render([Detection(1, 3, bbox, 0.9)]), colour_of(3)).sum() > 1000


def test_a_picture_without_a_detection_is_the_image():
    assert (render([]) == 255).all()
