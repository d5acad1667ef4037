"""Pictures as the bytes of files: encoded once, or resized and encoded again."""

import io
from typing import Final, Literal

from PIL import Image

Ext = Literal["jpg", "png", "webp"]

_FORMATS: Final[dict[Ext, str]] = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


def encode(image: Image.Image, ext: Ext, quality: int) -> bytes:
    """The image as a file's bytes, in RGB; a PNG has no quality."""
    buffer = io.BytesIO()
    options = {"compress_level": 4} if ext == "png" else {"quality": quality}
    image.convert("RGB").save(buffer, _FORMATS[ext], **options)
    return buffer.getvalue()


def reencode(content: bytes, ext: Ext, *, quality: int, scale: float) -> tuple[bytes, tuple[int, int]]:
    """The same picture resized and compressed anew, and its (width, height)."""
    with Image.open(io.BytesIO(content)) as image:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        return encode(image.convert("RGB").resize(size, Image.Resampling.LANCZOS), ext, quality), size
