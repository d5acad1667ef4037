"""What a file says beside its pixels: kept where it decides how they are seen, and never whether they are read.

Decoders parse all of a file's metadata when they open it, and a mistyped tag or a large comment is an error to them. So
it is taken out before they see the file: of a PNG all chunks, and of a JPEG all segments, that hold no pixels.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from PIL import ExifTags

UPRIGHT = 1  # an orientation; EXIF has 1 to 8
MAX_PROFILE_BYTES = 16_000_000  # of an ICC profile; one for print has some megabytes

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_JPEG_SIGNATURE = b"\xff\xd8\xff"
_START_OF_SCAN = 0xDA
_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I"}  # types of TIFF's tags
_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"
# The segments APPn and COM that say how pixels are coded, each with the length that decoders expect.
_JPEG_CODING = ((0xE0, b"JFIF\0", 14), (0xEE, b"Adobe", 12), (0xE2, _ICC, 15))
_JPEG_METADATA = (*range(0xE0, 0xF0), 0xFE)


class Bare(NamedTuple):
    """A file without its metadata, and what that said."""

    content: bytes
    orientation: int | None  # EXIF's; None where the decoder has to be asked
    profile: bytes | None  # an ICC profile; None where the decoder has to be asked


def strip_metadata(content: bytes) -> Bare:
    """The file without what a decoder could stumble over; a file of another format as it is."""
    if content.startswith(_PNG_SIGNATURE):
        return _strip_png(content)
    if content.startswith(_JPEG_SIGNATURE):
        return _strip_jpeg(content)
    return Bare(content, None, None)


def read_orientation(exif: bytes) -> int:
    """The orientation in a block of EXIF; upright where it says none that EXIF knows. No other tag is looked at."""
    tiff = exif.removeprefix(_EXIF)
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, start)
        for place in range(start + 2, start + 2 + 12 * entries, 12):
            tag, kind = struct.unpack_from(f"{order}HH", tiff, place)
            if tag == ExifTags.Base.Orientation:
                (value,) = struct.unpack_from(order + _WHOLE_NUMBERS[kind], tiff, place + 8)
                return value if 1 <= value <= 8 else UPRIGHT
    except (struct.error, KeyError):
        pass
    return UPRIGHT


def _strip_png(content: bytes) -> Bare:
    kept = [_PNG_SIGNATURE]
    orientation, profile = UPRIGHT, None
    for kind, body, chunk, is_sound in _png_chunks(content):
        if kind in _PNG_PIXELS or kind[:1].isupper():
            if is_sound or kind != b"tRNS":
                kept.append(chunk)
        elif kind == b"eXIf" and is_sound:
            orientation = read_orientation(_EXIF + body)
        elif kind == b"iCCP" and is_sound:
            profile = _inflate_profile(body)
    return Bare(b"".join(kept), orientation, profile or b"")


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bytes, bool]]:
    """Type, body, whole bytes and whether the checksum is right, of each chunk to the end; the last may be cut off."""
    start = len(_PNG_SIGNATURE)
    while start + 8 <= len(content):
        (length,) = struct.unpack_from(">I", content, start)
        kind = content[start + 4 : start + 8]
        stop = start + 12 + length
        body = content[start + 8 : stop - 4]
        is_sound = content[stop - 4 : stop] == struct.pack(">I", zlib.crc32(kind + body))
        yield kind, body, content[start:stop], is_sound
        if kind == b"IEND":
            return
        start = stop


def _inflate_profile(body: bytes) -> bytes | None:
    """The profile of an iCCP chunk: a name, a zero, the method's zero, and the compressed profile."""
    _, _, compressed = body.partition(b"\0")
    try:
        inflater = zlib.decompressobj()
        profile = inflater.decompress(compressed[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return None
    return None if inflater.unconsumed_tail else profile


def _strip_jpeg(content: bytes) -> Bare:
    kept = [content[:2]]
    orientation = UPRIGHT
    start = 2
    while start + 4 <= len(content) and content[start] == 0xFF:
        marker = content[start + 1]
        if marker == 0xFF:  # a fill byte
            start += 1
            continue
        (length,) = struct.unpack_from(">H", content, start + 2)
        if marker == _START_OF_SCAN or not 0xC0 <= marker <= 0xFE or 0xD0 <= marker <= 0xD9 or length < 2:
            break
        stop = start + 2 + length
        body = content[start + 4 : stop]
        if marker == 0xE1 and body.startswith(_EXIF):
            orientation = read_orientation(body)
        elif marker not in _JPEG_METADATA or _is_coding(marker, body):
            kept.append(content[start:stop])
        start = stop
    return Bare(b"".join((*kept, content[start:])), orientation, None)


def _is_coding(marker: int, body: bytes) -> bool:
    return any(
        marker == wanted and body.startswith(name) and len(body) >= length for wanted, name, length in _JPEG_CODING
    )
