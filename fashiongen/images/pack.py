"""Image files as one array in memory, decoded once."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image, ImageOps

from fashiongen.images.decode import WHITE, read_image

Fit = Literal["cover", "contain", "stretch"]
BILINEAR = Image.Resampling.BILINEAR  # Pillow antialiases when it shrinks an image


class Frame(NamedTuple):
    """The size of packed and generated images."""

    height_px: int
    width_px: int


def pack_images(
    paths: Sequence[Path], *, frame: Frame, fit: Fit
) -> UInt8[ndarray, "n 3 {frame.height_px} {frame.width_px}"]:
    """The images as one RGB array in the order given, decoded by one thread per core.

    Raises:
        MissingInput, CorruptImage: as `read_image`.
    """
    packed = np.empty((len(paths), 3, *frame), dtype=np.uint8)

    def pack(index: int) -> None:
        packed[index] = np.asarray(fit_frame(read_image(paths[index]), frame, fit)).transpose(2, 0, 1)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for _ in threads.map(pack, range(len(paths))):
            pass
    return packed


def fit_frame(image: Image.Image, frame: Frame, fit: Fit) -> Image.Image:
    """An image in the frame: `cover` crops what does not fit, `contain` pads with white, `stretch` distorts."""
    size = (frame.width_px, frame.height_px)
    match fit:
        case "cover":
            return _cover(image, frame)
        case "contain":
            return ImageOps.pad(image, size, BILINEAR, color=WHITE)
        case "stretch":
            return image.resize(size, BILINEAR)


def _cover(image: Image.Image, frame: Frame) -> Image.Image:
    """Resized to fill the frame, then the centre cropped, rounded as by torchvision's Resize and CenterCrop."""
    if image.width * frame.height_px <= image.height * frame.width_px:
        width, height = frame.width_px, frame.width_px * image.height // image.width
    else:
        width, height = frame.height_px * image.width // image.height, frame.height_px
    left, top = round((width - frame.width_px) / 2), round((height - frame.height_px) / 2)
    box = (left, top, left + frame.width_px, top + frame.height_px)
    return image.resize((width, height), BILINEAR).crop(box)
