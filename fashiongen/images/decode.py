"""One way to read an image: upright, RGB, whole."""

import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from fashiongen.errors import CorruptImage, MissingInput

MAX_PIXELS = (
    89_478_485  # Pillow's own limit, at which it only warns: a small file that decodes to this fills the memory
)
WHITE = (255, 255, 255)

# What Pillow's readers raise on damaged files, beyond OSError, depends on the format and on where the damage lies.
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


def read_image(path: Path) -> Image.Image:
    """The image in a file as RGB: EXIF rotation applied, transparency on white, the first frame of an animation.

    Raises:
        MissingInput: there is no such file.
        CorruptImage: the file is no image, is cut short, or would decode to more than `MAX_PIXELS`.
    """
    if not path.is_file():
        raise MissingInput(f"{path}: no such file")
    try:
        with Image.open(path) as image:
            _refuse_bomb(image)
            return _flatten(ImageOps.exif_transpose(image))
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
