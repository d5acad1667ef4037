"""Shards: the images of a folder in uncompressed zip files of a thousand or so, in place of a file for each image.

DVC looks at every file of every output, so a million of them take minutes, and a thousand shards take seconds. The path
of an image goes through its shard as if that were a folder: `images/000012.zip/name.jpg`. So the column `file` of a
table says where the image is in either layout, and whoever reads images takes both kinds of path.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fashiongen.errors import BadInput, CorruptImage, MissingInput
from fashiongen.files import atomic_path

ZIP_FAULTS = (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)  # of any zip file
KEPT_INDICES = 32  # of the shards read last: some 10 MB at a thousand images each

_SHARD = re.compile(r"\d{6,}\.zip")
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip file can say: the time of writing must not change its bytes
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # of a member (APPNOTE 4.3.7): signature, lengths of its name and of extras
_REMEDY = "restore it with `dvc checkout`, or run the stage that wrote it again"

AddFile = Callable[[str, bytes], None]


class _Member(NamedTuple):
    header_offset: int
    size: int
    crc: int


def name_shard(number: int) -> str:
    """The name of a shard, as in `000012.zip`; names sort as the numbers do, up to a million shards."""
    return f"{number:06}.zip"


def is_shard(path: Path) -> bool:
    """Whether a path has the name of a shard."""
    return _SHARD.fullmatch(path.name) is not None


def find_shard(file: str) -> str | None:
    """The shard, below the same folder, of an image that a table's column `file` names; None for a file of its own."""
    parent = Path(file).parent
    return parent.as_posix() if is_shard(parent) else None


def read_content(path: Path) -> bytes:
    """The bytes of a file, or of an image in a shard.

    Raises:
        MissingInput: there is no such file, or the shard has no such image.
        BadInput: the shard cannot be read, or is no zip file of ours.
        CorruptImage: the image is not what was written into the shard.
    """
    if path.is_file():
        return path.read_bytes()
    shard = path.parent
    if not (is_shard(shard) and shard.is_file()):
        raise MissingInput(f"{path}: no such file")
    member = _read_index(shard).get(path.name)
    if member is None:
        raise MissingInput(f"{path}: {shard.name} has no such image; {_REMEDY}")
    with shard.open("rb") as file:
        content = _read_member(file, member)
    if content is None:
        raise CorruptImage(f"{path}: damaged in its shard; {_REMEDY}")
    return content


def list_shard(shard: Path) -> dict[Path, int]:
    """The paths of the images in a shard, in their order, with their sizes in bytes; raises as `read_content`."""
    return {shard / name: member.size for name, member in _read_index(shard).items()}


@contextmanager
def open_shard(path: Path) -> Iterator[AddFile]:
    """Yield what adds an image, by its name and its bytes, to a new shard, which is whole or absent.

    The same images in the same order give the same bytes.
    """
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:

        def add(name: str, content: bytes) -> None:
            info = zipfile.ZipInfo(name, _EARLIEST)
            info.create_system = 3  # Unix: else it is the system's that runs this
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)

        yield add


def write_shard(path: Path, sources: Sequence[Path]) -> None:
    """Write a shard of image files under their names; for what it raises see `read_content`."""
    with open_shard(path) as add:
        for source in sources:
            add(source.name, read_content(source))


def _read_index(shard: Path) -> Mapping[str, _Member]:
    status = shard.stat()
    return _index(shard, status.st_size, status.st_mtime_ns)


@lru_cache(KEPT_INDICES)
def _index(shard: Path, size: int, changed_ns: int) -> Mapping[str, _Member]:
    """Where the images of a shard of this size and time begin.

    It is kept instead of the opened zip file, which threads and forked processes could not share.
    """
    try:
        with zipfile.ZipFile(shard) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except ZIP_FAULTS as error:
        raise BadInput(f"{shard}: no zip file that can be read ({error}); {_REMEDY}") from error
    index: dict[str, _Member] = {}
    for info in infos:
        if not 0 <= info.header_offset <= size - info.file_size:
            raise BadInput(f"{shard}: has no room for {info.filename}, which it lists; {_REMEDY}")
        if info.filename in index:
            raise BadInput(f"{shard}: lists {info.filename} twice; {_REMEDY}")
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise BadInput(f"{shard}: {info.filename} is compressed or encrypted, and shards are neither; {_REMEDY}")
        index[info.filename] = _Member(info.header_offset, info.file_size, info.CRC)
    return index


def _read_member(file: io.BufferedReader, member: _Member) -> bytes | None:
    """The bytes of an image, or None where they are not those that the index has the checksum of."""
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        return None
    signature, *lengths = _LOCAL_HEADER.unpack(header)
    file.seek(sum(lengths), io.SEEK_CUR)
    content = file.read(member.size)
    is_whole = signature == b"PK\3\4" and len(content) == member.size and zlib.crc32(content) == member.crc
    return content if is_whole else None
