"""Distances of generated images to training images as a chart, and the nearest pairs as a sheet."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from PIL import Image, ImageDraw, ImageFont

from fashiongen.evaluation.records import NEAREST, OriginalityRecord
from fashiongen.report.fonts import font_path
from fashiongen.report.pictures import enlarge
from fashiongen.report.report_data import Match
from fashiongen.report.style import LIGHT, Theme, chart, to_png

BINS = 40
IMAGE_PX = 96  # of the longer side; the place of an image is a square
GAP_PX = 4
GROUP_GAP_PX = 14  # between a generated image, its nearest by features, and its nearest by hash
COLUMN_GAP_PX = 56
MARGIN_PX = 28
LINE_PX = 24
FRAME_PX = 4
COLUMNS = 2


def render_nearest(record: OriginalityRecord, variant: str, theme: Theme) -> bytes:
    """The distances to the nearest training image: of generated images, and of training images among themselves."""
    sets = {"training": record.training_distances, "generated": record.generated_distances}
    colors = {"training": theme.series[1], "generated": theme.series[0]}
    edges = np.histogram_bin_edges(np.concatenate(list(sets.values())), BINS).tolist()
    with chart(theme, f"Distance to the nearest training image, {variant}") as (figure, axes):
        for name, values in sets.items():
            shares = np.full(len(values), 100 / len(values))
            bins = partial(axes.hist, values, edges, weights=shares, color=colors[name])
            bins(histtype="stepfilled", linewidth=0, alpha=0.45, label=f"{name} images")
            bins(histtype="step", linewidth=1.2)
        _mark_threshold(axes, record.threshold, theme.ink)
        axes.set_xlim(left=0)  # a copy has distance 0
        axes.set_xlabel("distance of features")
        axes.set_ylabel("images, %")
        axes.legend(loc="center left")  # only copies lie there
        return to_png(figure)


def _mark_threshold(axes: Axes, threshold: float, color: str) -> None:
    axes.axvline(threshold, color=color, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.annotate(
        "near-copies ←",
        (threshold, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4, -4),
        textcoords="offset points",
        ha="right",
        va="top",
        color=color,
    )


def draw_matches(matches: Sequence[Match]) -> Image.Image:
    """The matches in two columns, the first ones at the left: each generated image, its nearest ones, and how near.

    A near-copy has a frame.
    """
    rows = -(-len(matches) // COLUMNS)
    width_px, height_px = _group_width(), IMAGE_PX + LINE_PX + 10
    size = (
        COLUMNS * width_px + (COLUMNS - 1) * COLUMN_GAP_PX + 2 * MARGIN_PX,
        rows * height_px + LINE_PX + 2 * MARGIN_PX,
    )
    sheet = Image.new("RGB", size, LIGHT.paper)
    for column in range(COLUMNS):
        left_px = MARGIN_PX + column * (width_px + COLUMN_GAP_PX)
        _write(sheet, (left_px, MARGIN_PX - 4), "generated")
        _write(sheet, (left_px + IMAGE_PX + GROUP_GAP_PX, MARGIN_PX - 4), "nearest by features")
        _write(sheet, (left_px + width_px - IMAGE_PX, MARGIN_PX - 4), "by hash")
        for row, match in enumerate(matches[column * rows : (column + 1) * rows]):
            _draw_match(sheet, (left_px, MARGIN_PX + LINE_PX + row * height_px), match)
    return sheet


def _group_width() -> int:
    return (2 + NEAREST) * IMAGE_PX + (NEAREST - 1) * GAP_PX + 2 * GROUP_GAP_PX


def _draw_match(sheet: Image.Image, left_top: tuple[int, int], match: Match) -> None:
    left_px, top_px = left_top
    right_px = left_px + _group_width() - IMAGE_PX
    first_px = left_px + IMAGE_PX + GROUP_GAP_PX
    places = [left_px, *(first_px + place * (IMAGE_PX + GAP_PX) for place in range(NEAREST)), right_px]
    for x_px, image in zip(places, (match.generated, *match.nearest, match.nearest_by_hash), strict=True):
        enlarged = enlarge(image, IMAGE_PX * image.width // max(image.size))
        indent_px, lower_px = ((IMAGE_PX - side) // 2 for side in enlarged.size)
        sheet.paste(enlarged, (x_px + indent_px, top_px + lower_px))
    if match.record.is_near_copy:
        box = (
            left_px - FRAME_PX,
            top_px - FRAME_PX,
            left_px + IMAGE_PX + FRAME_PX - 1,
            top_px + IMAGE_PX + FRAME_PX - 1,
        )
        ImageDraw.Draw(sheet).rectangle(box, outline=LIGHT.series[0], width=FRAME_PX)
        _write(sheet, (left_px, top_px + IMAGE_PX + 4), "near-copy", LIGHT.series[0])
    _write(sheet, (first_px, top_px + IMAGE_PX + 4), f"distance {match.record.distance:.3f}")
    _write(sheet, (right_px, top_px + IMAGE_PX + 4), f"{match.record.hash_distance} bits")


def _write(sheet: Image.Image, left_top: tuple[int, int], text: str, color: str = LIGHT.muted) -> None:
    font = ImageFont.truetype(str(font_path("STIXGeneralItalic")), 18)
    ImageDraw.Draw(sheet).text(left_top, text, fill=color, font=font)
