"""The sizes of many images: from the headers of whole JPEGs, in parallel, and remembered for the next run."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image

from fashiongen.errors import CorruptImage, MissingInput
from fashiongen.executor.engine import MapItems, map_locally
from fashiongen.files import CHECKPOINTS
from fashiongen.images.reading.decode import MAX_PIXELS, TURNED, read_reduced
from fashiongen.images.reading.metadata import read_orientation

SIZES_CACHE = CHECKPOINTS / "image_sizes.sqlite"
CHUNK = 500  # images that a worker measures at a time
END_OF_IMAGE = b"\xff\xd9"

ImageSize = tuple[int, int]  # (width, height) in px, upright
Lacking = Literal["missing", "corrupt"]


class _File(NamedTuple):
    """A file as it was measured: with another length or time it is another file."""

    path: bytes  # absolute, as the file system has it
    bytes: int
    mtime_ns: int


def measure_sizes(
    folder: Path, names: Iterable[str], *, decode: bool, cache: Path, map_items: MapItems = map_locally
) -> Iterator[ImageSize | Lacking]:
    """The size of each image below a folder, in the order given, or what is wrong with it.

    A JPEG that ends as it should tells its size in its header. Any other file is decoded whole, and with `decode` every
    file is. `cache` is a file that keeps the sizes of sound images for the next run.
    """
    known, start = _recall(cache, decode=decode), os.fsencode(f"{folder.absolute()}/")
    files = [_describe(start + os.fsencode(name)) for name in names]
    unknown = [file for file in files if file and file not in known]
    measured = _measure_all(unknown, map_items, decode=decode, cache=cache)
    for file in files:
        if file is None:
            yield "missing"
        else:
            yield known[file] if file in known else next(measured)


def _measure_all(
    files: Sequence[_File], map_items: MapItems, *, decode: bool, cache: Path
) -> Iterator[ImageSize | Lacking]:
    sizes = map_items(partial(_measure, decode=decode), files, per_block=CHUNK)
    for start in range(0, len(files), CHUNK):
        chunk = list(zip(files[start : start + CHUNK], sizes, strict=False))
        sound = [(*file, *size, decode) for file, size in chunk if not isinstance(size, str)]
        _run(cache, "INSERT OR REPLACE INTO sizes VALUES (?, ?, ?, ?, ?, ?)", sound)
        yield from (size for _, size in chunk)


def _describe(path: bytes) -> _File | None:
    try:
        stat = os.stat(path)  # noqa: PTH116  twice as fast as pathlib's
    except OSError:
        return None
    return _File(path, stat.st_size, stat.st_mtime_ns)


def _measure(file: _File, *, decode: bool) -> ImageSize | Lacking:
    path = Path(os.fsdecode(file.path))
    try:
        size = None if decode else _read_header(path)
        return size or read_reduced(path, at_least_px=1).original_size
    except MissingInput:
        return "missing"
    except CorruptImage:
        return "corrupt"


def _read_header(path: Path) -> ImageSize | None:
    """The size of a JPEG that is not cut off; None for any other file, about which only decoding tells."""
    try:
        with path.open("rb") as file:
            file.seek(-len(END_OF_IMAGE), os.SEEK_END)
            if file.read() != END_OF_IMAGE:
                return None
            file.seek(0)
            with Image.open(file, formats=("JPEG",)) as image:
                width, height = image.size
                exif = image.info.get("exif")
    except Exception:  # metadata that a decoder stumbles over, among others: reading it whole copes with that
        return None
    if width * height > MAX_PIXELS:
        return None
    is_turned = isinstance(exif, bytes) and read_orientation(exif) in TURNED
    return (height, width) if is_turned else (width, height)


def _recall(cache: Path, *, decode: bool) -> dict[_File, ImageSize]:
    """The sizes in the cache; with `decode`, of the files that were decoded."""
    if not cache.is_file():
        return {}
    query = "SELECT path, bytes, mtime_ns, width_px, height_px FROM sizes WHERE decoded >= ?"
    return {_File(*row[:3]): (row[3], row[4]) for row in _run(cache, query, [(decode,)])}


def _run(cache: Path, statement: str, values: Sequence[tuple[object, ...]]) -> list[tuple[bytes, int, int, int, int]]:
    """Run a statement on the cache for each tuple of values; without it, as on a damaged file, it only takes longer."""
    if not values:
        return []
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(cache)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS sizes (path BLOB PRIMARY KEY, bytes INTEGER, mtime_ns INTEGER, "
                "width_px INTEGER, height_px INTEGER, decoded INTEGER)"
            )
            if statement.startswith("SELECT"):
                return connection.execute(statement, values[0]).fetchall()
            connection.executemany(statement, values)
    except (sqlite3.DatabaseError, OSError):
        cache.unlink(missing_ok=True)
    return []
