"""Figures 3.1 to 3.3 of the study on our labelled images: examples, and their numbers by category and by type."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from fashiongen.coco.garment_types import GARMENT_TYPES
from fashiongen.deepfashion.records import CategoryCount, TypeCount
from fashiongen.report.fonts import font_path
from fashiongen.report.pictures import to_png as image_to_png
from fashiongen.report.report_data import Example
from fashiongen.report.style import LIGHT, chart, to_png

TYPE_COLOURS: dict[str, str] = dict(zip(GARMENT_TYPES, LIGHT.series, strict=False))
TOP_CATEGORIES = 20
CELL_PX = (240, 300)
CAPTION_PX = 36
GAP_PX = 16


def render_examples(examples: Sequence[Example], *, columns: int) -> bytes:
    """Figure 3.1 as PNG: images in rows, each with its box and its category below."""
    rows = -(-len(examples) // columns)
    step_x, step_y = CELL_PX[0] + GAP_PX, CELL_PX[1] + CAPTION_PX + GAP_PX
    sheet = Image.new("RGB", (columns * step_x + GAP_PX, rows * step_y + GAP_PX), LIGHT.paper)
    for place, example in enumerate(examples):
        row, column = divmod(place, columns)
        _draw_example(sheet, example, GAP_PX + column * step_x, GAP_PX + row * step_y)
    return image_to_png(sheet)


def _draw_example(sheet: Image.Image, example: Example, left: int, top: int) -> None:
    """One image as large as its cell allows, centred on the caption below."""
    width, height = example.image.size
    scale = min(CELL_PX[0] / width, CELL_PX[1] / height)
    size = (round(width * scale), round(height * scale))
    x0, y0 = left + (CELL_PX[0] - size[0]) // 2, top + CELL_PX[1] - size[1]
    sheet.paste(example.image.resize(size, Image.Resampling.LANCZOS), (x0, y0))
    draw = ImageDraw.Draw(sheet)
    row = example.record
    x, y, w, h = (number * scale for number in (row.x_px, row.y_px, row.w_px, row.h_px))
    colour = TYPE_COLOURS[row.type]
    draw.rectangle((x0 + x, y0 + y, x0 + x + w, y0 + y + h), outline=colour, width=3)
    font = ImageFont.truetype(str(font_path("STIXGeneral")), 22)
    centre = (left + CELL_PX[0] // 2, top + CELL_PX[1] + 6)
    draw.text(centre, f"{row.category} ({row.type})", fill=colour, font=font, anchor="ma")


def render_categories(categories: Sequence[CategoryCount]) -> bytes:
    """Figure 3.2 as PNG: the twenty largest categories, coloured by type; they are sorted, the largest first."""
    shown = [row for row in categories if row.images][:TOP_CATEGORIES]
    with chart(LIGHT, "Images by category", size_in=(5.4, 4.6)) as (figure, axes):
        axes.grid(axis="x")
        axes.grid(visible=False, axis="y")
        for name, colour in TYPE_COLOURS.items():
            places = [place for place, row in enumerate(shown) if row.type == name]
            axes.barh(places, [shown[place].images for place in places], color=colour, label=name)
        axes.set_yticks(range(len(shown)), [row.category for row in shown])
        axes.invert_yaxis()
        axes.margins(y=0.01)
        axes.legend(loc="lower right", frameon=True, facecolor=LIGHT.paper, edgecolor="none", framealpha=1)
        return to_png(figure)


def render_types(types: Sequence[TypeCount]) -> bytes:
    """Figure 3.3 as PNG: the images of each type."""
    with chart(LIGHT, "Images by type") as (figure, axes):
        columns = axes.bar(
            [row.type for row in types],
            [row.images for row in types],
            color=[TYPE_COLOURS[row.type] for row in types],
            width=0.6,
        )
        axes.bar_label(columns, [f"{row.images:,}" for row in types], padding=3)
        axes.grid(visible=False)
        axes.set_yticks([])
        axes.margins(y=0.15)
        return to_png(figure)
