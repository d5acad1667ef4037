"""Descriptors by which two files can be found to show the same picture: perceptual hashes, colours, contrast."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import imagehash
import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image

from fashiongen.errors import CorruptImage
from fashiongen.files import sha256_file
from fashiongen.images.reading.decode import read_image

THUMBNAIL_PX = 8


class ImageDescriptor(NamedTuple):
    """What the comparison of two image files needs to know of each."""

    width_px: int
    height_px: int
    bytes: int
    sha256: str
    phash: int  # 64 bits
    detail_hash: int  # 256 bits of the same transform: finer details
    thumbnail: UInt8[ndarray, "8 8 3"]  # RGB means; the hashes ignore colour
    contrast: float  # standard deviation of the luminance, 0 to 127.5


def describe_image(path: Path) -> ImageDescriptor:
    """The descriptor of the image in a file, from its full decode.

    A reduced decode (`Image.draft`) is several times faster, but changes up to two bits of the hash, and only JPEGs
    can be decoded so: a distance would depend on the formats of the files.

    Raises:
        MissingInput: there is no such file.
        CorruptImage: it does not decode to its end.
    """
    image = read_image(path)
    luminance = image.convert("L")
    return ImageDescriptor(
        width_px=image.width,
        height_px=image.height,
        bytes=path.stat().st_size,
        sha256=sha256_file(path),
        phash=perceptual_hash(luminance, side_bits=8),
        detail_hash=perceptual_hash(luminance, side_bits=16),
        thumbnail=np.asarray(image.resize((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.BOX)),
        contrast=float(np.std(np.asarray(luminance))),
    )


def describe_images(paths: Sequence[Path]) -> Iterator[ImageDescriptor | CorruptImage]:
    """The descriptor of each file in the order given, or why it does not decode; one thread per core.

    Raises:
        MissingInput: a file is not there.
    """

    def describe(path: Path) -> ImageDescriptor | CorruptImage:
        try:
            return describe_image(path)
        except CorruptImage as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield from threads.map(describe, paths)


def perceptual_hash(image: Image.Image, *, side_bits: int) -> int:
    """The pHash of `side_bits`**2 bits as one integer: whether each low frequency is above their median."""
    return int(str(imagehash.phash(image, hash_size=side_bits)), 16)
