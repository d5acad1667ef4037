"""Sheets of pictures, and pictures as data URIs for the page."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from fashiongen.report.fonts import font_path
from fashiongen.report.style import LIGHT

JPEG_QUALITY = 90
MARGIN_PX = 28
GAP_PX = 4


@dataclass(frozen=True)
class Picture:
    """An embedded picture: its data URI, and its size, which the page reserves before it has decoded it."""

    uri: str
    width_px: int
    height_px: int


def embed_png(content: bytes) -> Picture:
    """A PNG as it is."""
    with Image.open(BytesIO(content)) as image:
        return Picture(_data_uri("png", content), image.width, image.height)


def embed_photograph(image: Image.Image, *, max_width_px: int) -> Picture:
    """An image as JPEG, made smaller where it is wider than the page shows it."""
    image = image.convert("RGB")
    if image.width > max_width_px:
        height_px = max(1, round(image.height * max_width_px / image.width))
        image = image.resize((max_width_px, height_px), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    image.save(buffer, format="JPEG", quality=JPEG_QUALITY, optimize=True)
    return Picture(_data_uri("jpeg", buffer.getvalue()), image.width, image.height)


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode()}"


def enlarge(image: Image.Image, width_px: int) -> Image.Image:
    """A small image resized smoothly; a browser would show its pixels as blocks."""
    return image.resize((width_px, round(image.height * width_px / image.width)), Image.Resampling.LANCZOS)


def draw_pair(left: Image.Image, right: Image.Image, names: Sequence[str]) -> Image.Image:
    """Two grids side by side on the light theme's background, each under its name."""
    height_px = max(left.height, right.height)
    top_px = MARGIN_PX * 2 + 8
    sheet = Image.new("RGB", (left.width + right.width + 3 * MARGIN_PX, height_px + top_px + MARGIN_PX), LIGHT.paper)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(str(font_path("STIXGeneralItalic")), 24)
    for name, image, x_px in zip(names, (left, right), (MARGIN_PX, left.width + 2 * MARGIN_PX), strict=True):
        draw.text((x_px, MARGIN_PX - 6), name, fill=LIGHT.ink, font=font)
        sheet.paste(image.convert("RGB"), (x_px, top_px))
    return sheet


def to_png(image: Image.Image) -> bytes:
    """The image as PNG."""
    buffer = BytesIO()
    image.save(buffer, format="PNG")  # optimize=True takes four times as long and saves two percent
    return buffer.getvalue()


def draw_mosaic(images: Sequence[Image.Image], *, columns: int) -> Image.Image:
    """Pictures of one size in rows."""
    width_px, height_px = images[0].size
    rows = -(-len(images) // columns)
    size = (columns * (width_px + GAP_PX) - GAP_PX, rows * (height_px + GAP_PX) - GAP_PX)
    sheet = Image.new("RGB", size, LIGHT.paper)
    for place, image in enumerate(images):
        row, column = divmod(place, columns)
        sheet.paste(image.convert("RGB"), (column * (width_px + GAP_PX), row * (height_px + GAP_PX)))
    return sheet
