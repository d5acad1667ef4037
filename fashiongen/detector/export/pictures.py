"""Detections drawn on their image: boxes in the colour of their category, with labels that overlap little."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from fashiongen.coco.detection import Detection

LONG_SIDE_PX = (640, 1600)  # smaller images are enlarged, so that labels fit; larger ones are reduced
COLOURS = ("#ffb000", "#18b7ff", "#ff4f8b", "#4fd66a", "#a98bff", "#ff6a2b", "#22d3c5", "#e3e000")
CASING = "#141414"  # the dark outline of each line: on a light ground the colours alone are hard to see
INK = "#141414"

Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


class Pen(NamedTuple):
    """Line widths and font, in proportion to the picture."""

    line_px: int
    casing_px: int
    padding_px: int
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont


def colour_of(category_id: int) -> str:
    """A category's colour: the same in every picture."""
    return COLOURS[(category_id - 1) % len(COLOURS)]


def render_detections(
    image: Image.Image, detections: Sequence[Detection], categories: Mapping[int, str]
) -> Image.Image:
    """The image, enlarged or reduced to a size for the screen, with its detections; the best one is drawn last."""
    long_side = max(image.size)
    scale = min(max(long_side, LONG_SIDE_PX[0]), LONG_SIDE_PX[1]) / long_side
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    picture = image.resize(size, Image.Resampling.LANCZOS) if size != image.size else image.copy()
    draw, pen = ImageDraw.Draw(picture), _choose_pen(picture)
    best_first = sorted(detections, key=lambda detection: -detection.score)
    boxes = [_scaled(detection, scale) for detection in best_first]
    for detection, box in reversed(list(zip(best_first, boxes, strict=True))):
        _draw_box(draw, box, colour_of(detection.category_id), pen)
    taken: list[Rectangle] = []
    for detection, box in zip(best_first, boxes, strict=True):
        text = f"{categories[detection.category_id]} {detection.score:.2f}"
        _, _, width, height = draw.textbbox((0, 0), text, font=pen.font, anchor="lt")
        extent = (math.ceil(width) + 2 * pen.padding_px, math.ceil(height) + 2 * pen.padding_px)
        taken.append(_choose_place(box, extent, taken, picture.size))
        _draw_label(draw, text, taken[-1], colour_of(detection.category_id), pen)
    return picture


def _choose_pen(picture: Image.Image) -> Pen:
    short, long = sorted(picture.size)
    unit = min(short / 2, long / 3) / 100  # in a narrow picture the width decides
    return Pen(
        line_px=max(2, round(unit)),
        casing_px=max(1, round(unit / 3)),
        padding_px=max(2, round(1.4 * unit)),
        font=ImageFont.load_default(size=max(12, round(7 * unit))),
    )


def _scaled(detection: Detection, scale: float) -> Rectangle:
    x, y, width, height = (value * scale for value in detection.bbox)
    return (x, y, x + width, y + height)


def _draw_box(draw: ImageDraw.ImageDraw, box: Rectangle, colour: str, pen: Pen) -> None:
    """Draw the coloured line inside the box's edge, and the dark outline around it."""
    draw.rectangle(_grown(box, pen.casing_px), outline=CASING, width=pen.line_px + 2 * pen.casing_px)
    draw.rectangle(box, outline=colour, width=pen.line_px)


def _grown(box: Rectangle, by_px: int) -> Rectangle:
    left, top, right, bottom = box
    return (left - by_px, top - by_px, right + by_px, bottom + by_px)


def _draw_label(draw: ImageDraw.ImageDraw, text: str, place: Rectangle, colour: str, pen: Pen) -> None:
    draw.rectangle(place, fill=colour, outline=CASING, width=pen.casing_px)
    corner = (place[0] + pen.padding_px, place[1] + pen.padding_px)
    draw.text(corner, text, fill=INK, font=pen.font, anchor="lt")


def _choose_place(
    box: Rectangle, extent: tuple[int, int], taken: Sequence[Rectangle], size: tuple[int, int]
) -> Rectangle:
    """The place where a label overlaps the other labels least."""
    places = [_inside(place, size) for place in _label_places(box, extent)]
    return min(places, key=lambda place: sum(_overlap(place, other) for other in taken))


def _label_places(box: Rectangle, extent: tuple[int, int]) -> list[Rectangle]:
    """Above the box, in its upper corners, below it, in its lower corners; the first is the best."""
    left, top, right, bottom = box
    width, height = extent
    corners = [(x, y) for y in (top - height, top, bottom, bottom - height) for x in (left, right - width)]
    return [(x, y, x + width, y + height) for x, y in corners]


def _inside(place: Rectangle, size: tuple[int, int]) -> Rectangle:
    """A place shifted into the picture, as far as possible."""
    left, top, right, bottom = place
    shift_x = max(-left, 0) or min(size[0] - 1 - right, 0)
    shift_y = max(-top, 0) or min(size[1] - 1 - bottom, 0)
    return (left + shift_x, top + shift_y, right + shift_x, bottom + shift_y)


def _overlap(first: Rectangle, second: Rectangle) -> float:
    """The area that two rectangles share."""
    width, height = (min(first[axis + 2], second[axis + 2]) - max(first[axis], second[axis]) for axis in (0, 1))
    return max(0.0, width) * max(0.0, height)
