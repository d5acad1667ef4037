"""Image files as one array in memory, decoded once."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image, ImageOps

from fashiongen.images.decode import WHITE, read_image

Fit = Literal["cover", "contain", "stretch"]
BILINEAR = Image.Resampling.BILINEAR  # Pillow antialiases when it shrinks an image


def pack_images(paths: Sequence[Path], *, side_px: int, fit: Fit) -> UInt8[ndarray, "n 3 {side_px} {side_px}"]:
    """The images as one RGB array in the order given, decoded by one thread per core.

    Raises:
        MissingInput, CorruptImage: as `read_image`.
    """
    packed = np.empty((len(paths), 3, side_px, side_px), dtype=np.uint8)

    def pack(index: int) -> None:
        packed[index] = np.asarray(fit_square(read_image(paths[index]), side_px, fit)).transpose(2, 0, 1)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for _ in threads.map(pack, range(len(paths))):
            pass
    return packed


def fit_square(image: Image.Image, side_px: int, fit: Fit) -> Image.Image:
    """An image as a square: `cover` crops the longer side, `contain` pads with white, `stretch` distorts."""
    match fit:
        case "cover":
            return _cover(image, side_px)
        case "contain":
            return ImageOps.pad(image, (side_px, side_px), BILINEAR, color=WHITE)
        case "stretch":
            return image.resize((side_px, side_px), BILINEAR)


def _cover(image: Image.Image, side_px: int) -> Image.Image:
    """The short side resized, then the centre cropped, rounded as by torchvision's Resize and CenterCrop."""
    short = min(image.size)
    width, height = (side_px * side // short for side in image.size)
    left, top = round((width - side_px) / 2), round((height - side_px) / 2)
    return image.resize((width, height), BILINEAR).crop((left, top, left + side_px, top + side_px))
