"""Descriptors by which two files can be found to show the same picture: perceptual hashes and contrast."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import imagehash
import numpy as np
from PIL import Image

from fashiongen.errors import CorruptImage
from fashiongen.executor.engine import MapItems
from fashiongen.images.border import trim_border
from fashiongen.images.comparison import THUMBNAIL_PX, Thumbnail
from fashiongen.images.reading.decode import decode_reduced, read_reduced
from fashiongen.images.shards import read_content

PER_BLOCK = 16  # images that a worker describes at a time
HASHED_PX = 256  # the long side of what is hashed, or up to twice as much


class ImageDescriptor(NamedTuple):
    """What the comparison of two image files needs to know of each."""

    width_px: int
    height_px: int
    bytes: int
    sha256: str
    phash: int  # 64 bits
    contrast: float  # standard deviation of the luminance, 0 to 127.5


def describe_image(path: Path) -> ImageDescriptor:
    """The descriptor of the image in a file, without its plain border.

    Raises:
        MissingInput: there is no such file.
        BadInput: its shard cannot be read.
        CorruptImage: it does not decode to its end.
    """
    content = read_content(path)
    reduced, (width_px, height_px) = decode_reduced(content, path, at_least_px=HASHED_PX)
    luminance = _prepare(reduced).convert("L")
    return ImageDescriptor(
        width_px=width_px,
        height_px=height_px,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        phash=perceptual_hash(luminance, side_bits=8),
        contrast=float(np.std(np.asarray(luminance))),
    )


def read_thumbnail(path: Path) -> Thumbnail:
    """The whole picture in a file, without its plain border; raises as `describe_image`."""
    picture = _prepare(read_reduced(path, at_least_px=HASHED_PX).image)
    return np.asarray(picture.resize((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.BOX))


def _prepare(image: Image.Image) -> Image.Image:
    """The image reduced to means, as a decoder reduces a JPEG, and without its border."""
    factor = max(1, max(image.size) // HASHED_PX)
    return trim_border(image.reduce(factor))


def describe_images(paths: Sequence[Path], map_items: MapItems) -> Iterator[ImageDescriptor | CorruptImage]:
    """The descriptor of each file in the order given, or why it does not decode.

    Raises:
        MissingInput: a file is not there.
        BadInput: a shard cannot be read.
        WorkerLost: as `map_items`.
    """
    return map_items(_try_to_describe, paths, per_block=PER_BLOCK)


def _try_to_describe(path: Path) -> ImageDescriptor | CorruptImage:
    try:
        return describe_image(path)
    except CorruptImage as error:
        return error


def perceptual_hash(image: Image.Image, *, side_bits: int) -> int:
    """The pHash of `side_bits`**2 bits as one integer: whether each low frequency is above their median."""
    return int(str(imagehash.phash(image, hash_size=side_bits)), 16)
