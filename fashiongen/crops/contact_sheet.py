"""Many crops on one page, to be looked at."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps

from fashiongen.images.decode import read_image

BACKGROUND = (255, 255, 255)


def render_contact_sheet(paths: Sequence[Path], *, columns: int, rows: int, cell_px: int) -> Image.Image:
    """A page of `columns` x `rows` images, drawn evenly from `paths` in their order, each whole in a square cell."""
    places = columns * rows
    shown = [paths[index * len(paths) // places] for index in range(places)] if len(paths) > places else list(paths)
    sheet = Image.new("RGB", (columns * cell_px, max(1, -(-len(shown) // columns)) * cell_px), BACKGROUND)
    for index, path in enumerate(shown):
        cell = ImageOps.pad(read_image(path), (cell_px - 4, cell_px - 4), color=BACKGROUND)
        sheet.paste(cell, (index % columns * cell_px + 2, index // columns * cell_px + 2))
    return sheet
