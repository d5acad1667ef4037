"""Read an image file as upright RGB, decoded completely."""

import math
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image, ImageOps

from fashiongen.errors import CorruptImage, MissingInput

MAX_PIXELS = 89_478_485  # Pillow only warns at this limit; a small file may decode to more than the memory holds
WHITE = (255, 255, 255)
TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height

# What Pillow raises for a damaged file depends on the format and on where the damage is.
DECODE_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class ReducedImage(NamedTuple):
    """An image that may have been decoded smaller than it is."""

    image: Image.Image
    original_size: tuple[int, int]  # (width, height) of the whole image, upright


def read_image(path: Path) -> Image.Image:
    """The image in a file as RGB: EXIF rotation applied, transparency on white, the first frame of an animation.

    Raises:
        MissingInput: there is no such file.
        CorruptImage: the file is no image, is cut short, or would decode to more than `MAX_PIXELS`.
    """
    return read_reduced(path, at_least_px=None).image


def read_reduced(path: Path, *, at_least_px: int | None) -> ReducedImage:
    """As `read_image`, but a JPEG is decoded at a half, a quarter or an eighth if its long side keeps `at_least_px`.

    This takes a fraction of the time, and each pixel is the mean of the pixels that it replaces.
    """
    if not path.is_file():
        raise MissingInput(f"{path}: no such file")
    try:
        with Image.open(path) as image:
            _refuse_bomb(image)
            size = image.size
            if at_least_px is not None and at_least_px < max(size):
                scale = at_least_px / max(size)
                image.draft("RGB", (math.ceil(size[0] * scale), math.ceil(size[1] * scale)))
            turned = image.getexif().get(ExifTags.Base.Orientation) in TURNED
            return ReducedImage(_flatten(ImageOps.exif_transpose(image)), size[::-1] if turned else size)
    except DECODE_FAULTS as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CorruptImage(f"{path}: does not decode ({reason}); replace the file or delete it") from error


def _refuse_bomb(image: Image.Image) -> None:
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise Image.DecompressionBombError(f"{image.width}x{image.height} is over {MAX_PIXELS} pixels")


def _flatten(image: Image.Image) -> Image.Image:
    """An image of any mode as RGB on white."""
    if image.mode.startswith("I"):  # Pillow clips 16-bit gray at 255 instead of scaling it
        return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, WHITE), rgba).convert("RGB")
