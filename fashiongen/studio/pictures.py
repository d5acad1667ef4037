"""Garments as files to take away: PNG on white or on nothing, contact sheets as PNG and PDF."""

import hashlib
import io
from collections.abc import Sequence, Set
from functools import cache
from typing import NamedTuple

import matplotlib
import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from fashiongen.dcgan.export.ground import clear_ground
from fashiongen.studio.records import Scale

COLUMNS, PER_SHEET = 6, 24
CELL_PX, MARGIN_PX, CAPTION_PX, TEXT_PX = 300, 60, 86, 22  # of a sheet at 150 dots an inch
SHEET_DPI = 150
FALLBACK_FONT = "DejaVuSans"  # Cyrillic, Greek, arrows, …
PAPER, INK, MUTED = "white", "#1d1a17", "#766d64"


class Captioned(NamedTuple):
    """A picture and what stands below it."""

    image: Image.Image
    title: str
    detail: str


def encode_png(image: Image.Image) -> bytes:
    """A picture as PNG: the same bytes for the same pixels, quickly."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def sha256(content: bytes) -> str:
    """The SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def enlarge(image: Image.Image, scale: Scale) -> Image.Image:
    """A picture with each side `scale` times as long, resampled (Lanczos); it shows nothing that was not there."""
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.LANCZOS) if scale > 1 else image


def clear(image: Image.Image) -> Image.Image:
    """A picture on white as RGBA, with a transparent ground."""
    return Image.fromarray(clear_ground(np.asarray(image)))


def encode_with_record(image: Image.Image, record: str) -> bytes:
    """A PNG with a text in its metadata, under the key `fashiongen`: how the garment is drawn again."""
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("fashiongen", record)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", pnginfo=notes)
    return buffer.getvalue()


def lay_out(pictures: Sequence[Captioned]) -> list[Image.Image]:
    """Contact sheets with `PER_SHEET` captioned pictures each, in their order."""
    return [_lay_sheet(pictures[start : start + PER_SHEET]) for start in range(0, len(pictures), PER_SHEET)]


def encode_pdf(sheets: Sequence[Image.Image]) -> bytes:
    """Contact sheets as the pages of a PDF."""
    buffer = io.BytesIO()
    sheets[0].save(buffer, "PDF", save_all=True, append_images=sheets[1:], resolution=SHEET_DPI)
    return buffer.getvalue()


def _lay_sheet(pictures: Sequence[Captioned]) -> Image.Image:
    rows = -(-len(pictures) // COLUMNS)
    heights = [round(CELL_PX * one.image.height / one.image.width) for one in pictures]
    row_px = max(heights) + CAPTION_PX
    size = (MARGIN_PX + COLUMNS * (CELL_PX + MARGIN_PX), MARGIN_PX + rows * (row_px + MARGIN_PX))
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, one in enumerate(pictures):
        row, column = divmod(place, COLUMNS)
        left, top = MARGIN_PX + column * (CELL_PX + MARGIN_PX), MARGIN_PX + row * (row_px + MARGIN_PX)
        picture = one.image.convert("RGBA").resize((CELL_PX, heights[place]), Image.Resampling.LANCZOS)
        sheet.paste(picture, (left, top), picture)
        below = top + max(heights) + 12
        _write(draw, (left, below), one.title, "STIXGeneral", INK)
        _write(draw, (left, below + TEXT_PX + 8), one.detail, "STIXGeneralItalic", MUTED)
    return sheet


class _Font(NamedTuple):
    font: ImageFont.FreeTypeFont
    letters: Set[int]  # code points that it can draw


@cache
def _load_font(name: str) -> _Font:
    path = f"{matplotlib.get_data_path()}/fonts/ttf/{name}.ttf"
    with TTFont(path, lazy=True) as font:
        return _Font(ImageFont.truetype(path, TEXT_PX), set(font.getBestCmap()))


def _write(draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, font: str, colour: str) -> None:
    """Write a text as one line, cut where the cell ends; what neither font can draw is a question mark."""
    fonts = (_load_font(font), _load_font(FALLBACK_FONT))
    left, top = place
    for letter in " ".join(text.split()):
        used = next((one.font for one in fonts if ord(letter) in one.letters), None)
        drawn, of_font = (letter, used) if used is not None else ("?", fonts[0].font)
        width = of_font.getlength(drawn)
        if left + width > place[0] + CELL_PX - fonts[0].font.getlength("…"):
            draw.text((left, top), "…", colour, fonts[0].font)
            return
        draw.text((left, top), drawn, colour, of_font)
        left += round(width)
