"""Image files as one array, decoded once."""

import math
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image, ImageOps

from fashiongen.executor.engine import MapItems, map_locally
from fashiongen.files import CHECKPOINTS
from fashiongen.images.reading.colour import WHITE
from fashiongen.images.reading.decode import read_image

Fit = Literal["cover", "contain", "stretch"]
PER_BLOCK = 64  # images that a worker packs at a time
BILINEAR = Image.Resampling.BILINEAR  # Pillow antialiases when it shrinks an image
LONGEST = 32  # times its width a strip may be before it is scaled to cover a frame: a longer one would fill the memory


class Frame(NamedTuple):
    """The size of packed and generated images."""

    height_px: int
    width_px: int


def pack_images(
    paths: Sequence[Path], *, frame: Frame, fit: Fit, map_items: MapItems = map_locally
) -> UInt8[ndarray, "n 3 {frame.height_px} {frame.width_px}"]:
    """The images as one RGB array in the order given, decoded by the workers of `map_items`.

    It lies in a file without a name: more images than the memory holds are read from the disk as they are needed.

    Raises:
        MissingInput, CorruptImage: as `read_image`.
        WorkerLost: as `map_items`.
        OSError: the disk is full.
    """
    packed = _allocate((len(paths), 3, *frame))
    pack = partial(_pack, frame=frame, fit=fit)
    for index, image in enumerate(map_items(pack, paths, per_block=PER_BLOCK)):
        packed[index] = image
    return packed


def _pack(path: Path, *, frame: Frame, fit: Fit) -> UInt8[ndarray, "3 {frame.height_px} {frame.width_px}"]:
    return np.asarray(fit_frame(read_image(path), frame, fit)).transpose(2, 0, 1)


def _allocate(shape: tuple[int, ...]) -> UInt8[ndarray, "..."]:
    size = math.prod(shape)
    if not size:
        return np.empty(shape, dtype=np.uint8)
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=CHECKPOINTS) as file:
        os.posix_fallocate(file.fileno(), 0, size)  # else a full disk would end the process at the first write
        return np.memmap(file, dtype=np.uint8, mode="r+", shape=shape)


def fit_frame(image: Image.Image, frame: Frame, fit: Fit) -> Image.Image:
    """An image in the frame: `cover` crops what does not fit, `contain` pads with white, `stretch` distorts."""
    size = (frame.width_px, frame.height_px)
    match fit:
        case "cover":
            return _cover(_shorten(image), frame)
        case "contain":
            return ImageOps.pad(_thicken(image, frame), size, BILINEAR, color=WHITE)
        case "stretch":
            return image.resize(size, BILINEAR)


def _shorten(image: Image.Image) -> Image.Image:
    """The middle of a strip; any other image as it is."""
    width, height = min(image.width, LONGEST * image.height), min(image.height, LONGEST * image.width)
    if (width, height) == image.size:
        return image
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def _thicken(image: Image.Image, frame: Frame) -> Image.Image:
    """A strip that would be scaled to no pixel at all, with one pixel across; any other image as it is."""
    scale = min(frame.width_px / image.width, frame.height_px / image.height)
    width, height = round(image.width * scale), round(image.height * scale)
    return image if width and height else image.resize((max(1, width), max(1, height)), BILINEAR)


def _cover(image: Image.Image, frame: Frame) -> Image.Image:
    """Resized to fill the frame, then the centre cropped, rounded as by torchvision's Resize and CenterCrop."""
    if image.width * frame.height_px <= image.height * frame.width_px:
        width, height = frame.width_px, frame.width_px * image.height // image.width
    else:
        width, height = frame.height_px * image.width // image.height, frame.height_px
    left, top = round((width - frame.width_px) / 2), round((height - frame.height_px) / 2)
    box = (left, top, left + frame.width_px, top + frame.height_px)
    return image.resize((width, height), BILINEAR).crop(box)
