"""Read an image file as upright sRGB, decoded completely, whatever its format, colours and metadata."""

import io
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from fashiongen.errors import CorruptImage
from fashiongen.images.reading.budget import PixelBudget
from fashiongen.images.reading.colour import to_srgb
from fashiongen.images.reading.metadata import UPRIGHT, read_orientation, strip_metadata
from fashiongen.images.shards import read_content
from fashiongen.runtime.isolation import ISOLATED

MAX_PIXELS = 89_478_485  # Pillow only warns at this limit; a small file may decode to more than the memory holds
MAX_SCANNED_PIXELS = 1_000_000_000  # of a progressive JPEG, over all its scans: some five seconds
MAX_SECONDS = 60.0  # of decoding one image
SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif")
QUICK_FORMATS = ("JPEG", "MPO", "PNG", "GIF", "WEBP", "BMP")  # at `MAX_PIXELS` and these scans, under ten seconds
BUDGET = PixelBudget(MAX_PIXELS)  # of all images that this process decodes at the same time
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=BUDGET.restart)
TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height

_START_OF_SCAN = b"\xff\xda"
_UPRIGHT_BY = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class ProgramInFile(Exception):
    """A file whose picture is what a program in it draws."""


class TooManyScans(Image.DecompressionBombError):
    """A progressive JPEG whose scans would take too long to decode, each over all pixels."""


class ReducedImage(NamedTuple):
    """An image that may have been decoded smaller than it is."""

    image: Image.Image
    original_size: tuple[int, int]  # (width, height) of the whole image, upright


class OpenedImage(NamedTuple):
    """An image whose pixels are not decoded yet."""

    image: Image.Image
    orientation: int | None  # EXIF's; None where it is known after decoding
    profile: bytes | None  # an ICC profile


def read_image(path: Path) -> Image.Image:
    """The image in a file as RGB: upright, in sRGB, transparency on white, the first frame of an animation.

    The file may be one in a shard, as everywhere in this project.

    Raises:
        MissingInput: there is no such file.
        BadInput: its shard cannot be read.
        CorruptImage: the file is no image, is cut short, would decode to more than `MAX_PIXELS`, or takes longer than
            `MAX_SECONDS`.
        OSError: the file cannot be read.
    """
    return read_reduced(path, at_least_px=None).image


def read_reduced(path: Path, *, at_least_px: int | None) -> ReducedImage:
    """As `read_image`, but a JPEG is decoded at a half, a quarter or an eighth if its long side keeps `at_least_px`.

    This takes a fraction of the time, and each pixel is the mean of the pixels that it replaces.
    """
    return decode_reduced(read_content(path), path, at_least_px=at_least_px)


def decode_reduced(content: bytes, path: Path, *, at_least_px: int | None) -> ReducedImage:
    """As `read_reduced`, of the bytes that were read from `path`."""
    try:
        with open_image(content) as opened:
            if opened.image.format in QUICK_FORMATS:
                return _decode(opened, at_least_px)
            with BUDGET.reserve(opened.image.width * opened.image.height):
                return ISOLATED.call(_decode_content, content, timeout_s=MAX_SECONDS)
    except Exception as error:  # damage meets a decoder anywhere, so no list of what Pillow raises is complete
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CorruptImage(f"{path}: does not decode ({reason}); replace the file or delete it") from error


@contextmanager
def open_image(content: bytes, formats: tuple[str, ...] | None = None) -> Iterator[OpenedImage]:
    """The image in a file's bytes, without what the file says beside its pixels.

    Raises:
        Exception: of any kind, for bytes that are no image in one of the formats.
        DecompressionBombError: it has more than `MAX_PIXELS`.
        TooManyScans: its scans have more than `MAX_SCANNED_PIXELS`.
        ProgramInFile: it is a PostScript program, which Pillow would have Ghostscript run.
    """
    bare = strip_metadata(content)
    with Image.open(io.BytesIO(bare.content), formats=formats) as image:
        if image.format == "EPS":
            raise ProgramInFile("a PostScript program, which is not run")
        pixels = image.width * image.height
        if pixels > MAX_PIXELS:
            raise Image.DecompressionBombError(f"{image.width}x{image.height} is over {MAX_PIXELS} pixels")
        if image.format in ("JPEG", "MPO") and pixels * bare.content.count(_START_OF_SCAN) > MAX_SCANNED_PIXELS:
            raise TooManyScans(f"its scans have over {MAX_SCANNED_PIXELS} pixels")
        profile = image.info.get("icc_profile") if bare.profile is None else bare.profile
        yield OpenedImage(image, bare.orientation, profile if isinstance(profile, bytes) else None)


def _decode_content(content: bytes) -> ReducedImage:
    with open_image(content) as opened:
        return _decode(opened, at_least_px=None)


def _decode(opened: OpenedImage, at_least_px: int | None) -> ReducedImage:
    image = opened.image
    size = image.size
    if at_least_px is not None and at_least_px < max(size):
        scale = at_least_px / max(size)
        image.draft("RGB", (math.ceil(size[0] * scale), math.ceil(size[1] * scale)))
    with BUDGET.reserve(image.width * image.height):
        image.load()
        orientation = _ask_orientation(image) if opened.orientation is None else opened.orientation
        upright = to_srgb(image, opened.profile)
        if orientation in _UPRIGHT_BY:
            upright = upright.transpose(_UPRIGHT_BY[orientation])
    upright.info = {}  # a profile there would be written into every file that is made of this image
    return ReducedImage(upright, size[::-1] if orientation in TURNED else size)


def _ask_orientation(image: Image.Image) -> int:
    """The orientation by a decoder that says it; that of a TIFF turns the pixels itself."""
    exif = image.info.get("exif")
    return read_orientation(exif) if isinstance(exif, bytes) and image.format != "TIFF" else UPRIGHT
