"""An overview of many crops in one picture."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps

from fashiongen.files import atomic_path
from fashiongen.images.reading.decode import read_image

BACKGROUND = (255, 255, 255)
COLUMNS, ROWS, CELL_PX = 10, 8, 128
JPEG_QUALITY = 88


def write_contact_sheet(path: Path, images: Sequence[Path]) -> None:
    """Write the overview of some of the images, evenly chosen, as a JPEG."""
    sheet = render_contact_sheet(images, columns=COLUMNS, rows=ROWS, cell_px=CELL_PX)
    with atomic_path(path) as temporary:
        sheet.save(temporary, "JPEG", quality=JPEG_QUALITY)


def render_contact_sheet(paths: Sequence[Path], *, columns: int, rows: int, cell_px: int) -> Image.Image:
    """A picture of at most `columns` x `rows` images, evenly chosen from `paths`, each whole in a square cell."""
    places = columns * rows
    shown = [paths[index * len(paths) // places] for index in range(places)] if len(paths) > places else list(paths)
    sheet = Image.new("RGB", (columns * cell_px, max(1, -(-len(shown) // columns)) * cell_px), BACKGROUND)
    for index, path in enumerate(shown):
        cell = ImageOps.pad(read_image(path), (cell_px - 4, cell_px - 4), color=BACKGROUND)
        sheet.paste(cell, (index % columns * cell_px + 2, index // columns * cell_px + 2))
    return sheet
