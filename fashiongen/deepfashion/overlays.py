"""A sheet of images with their boxes as converted, on which a person sees at a glance whether the labels are right."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from fashiongen.coco.dataset import LabelledImage
from fashiongen.deepfashion.conversion import Conversion
from fashiongen.deepfashion.items import Item
from fashiongen.errors import CorruptImage
from fashiongen.files import atomic_path
from fashiongen.images.reading.decode import read_reduced

COLUMNS, ROWS, CELL_PX, CAPTION_PX = 9, 4, 150, 16
BACKGROUND, INK = (255, 255, 255), (40, 40, 40)
COLOURS = {1: (24, 120, 200), 2: (225, 120, 0), 3: (210, 30, 90)}  # by the garment's type
JPEG_QUALITY = 90


def write_overlays(path: Path, conversions: Sequence[Conversion], root: Path) -> None:
    """Write a JPEG of 36 of the converted images, evenly chosen, each with its box, category and type."""
    converted = [(each.item, each.image) for each in conversions if each.image]
    places = COLUMNS * ROWS
    shown = [converted[index * len(converted) // places] for index in range(places)] if converted else []
    sheet = Image.new("RGB", (COLUMNS * CELL_PX, ROWS * (CELL_PX + CAPTION_PX)), BACKGROUND)
    for index, (item, image) in enumerate(dict.fromkeys(shown)):
        corner = (index % COLUMNS * CELL_PX, index // COLUMNS * (CELL_PX + CAPTION_PX))
        sheet.paste(_draw(item, image, root), corner)
    with atomic_path(path) as temporary:
        sheet.save(temporary, "JPEG", quality=JPEG_QUALITY)


def _draw(item: Item, image: LabelledImage, root: Path) -> Image.Image:
    cell = Image.new("RGB", (CELL_PX, CELL_PX + CAPTION_PX), BACKGROUND)
    try:
        picture = read_reduced(root / image.file_name, at_least_px=CELL_PX).image
    except CorruptImage:
        caption = "does not decode"  # it ends as a whole file does; `decode_images` would have left it out
    else:
        caption = f"{item.category.name}, {item.category.type}"
        scale = (CELL_PX - 6) / max(image.width, image.height)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        picture = picture.resize(size)
        x, y, w, h = (value * scale for value in image.bbox)
        colour = COLOURS[item.category.type_id]
        ImageDraw.Draw(picture).rectangle((x, y, x + w, y + h), outline=colour, width=2)
        cell.paste(ImageOps.pad(picture, (CELL_PX - 4, CELL_PX - 4), color=BACKGROUND), (2, 2))
    ImageDraw.Draw(cell).text((4, CELL_PX), caption, fill=INK)
    return cell
