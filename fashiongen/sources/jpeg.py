"""Pictures as JPEG bytes: encoded once, or again as somebody's re-upload would be."""

import io

from PIL import Image


def encode_jpeg(image: Image.Image, quality: int) -> bytes:
    """The image as a JPEG file's bytes."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def reencode(content: bytes, *, quality: int, scale: float) -> tuple[bytes, tuple[int, int]]:
    """The same picture resized and compressed anew, and its (width, height)."""
    with Image.open(io.BytesIO(content)) as image:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        return encode_jpeg(image.convert("RGB").resize(size, Image.Resampling.LANCZOS), quality), size
