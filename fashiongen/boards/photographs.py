"""The user's own photographs: read from a folder or a zip file, and never changed there."""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fashiongen.boards.catalogue import Photographs
from fashiongen.boards.content import OWN_FORMATS, ImageFacts, Inspector
from fashiongen.boards.output import CLUTTER, IMAGES
from fashiongen.errors import BadInput, DownloadFailed
from fashiongen.images.manifest import PinRecord
from fashiongen.images.shards import ZIP_FAULTS


@dataclass(frozen=True)
class FileOriginal:
    """A file below a folder."""

    name: str  # its path below the folder, with slashes
    path: Path

    def read(self, max_bytes: int) -> bytes:
        """At most `max_bytes` + 1 bytes of its content, so the caller can tell that the file is too large."""
        if self.path.exists() and not self.path.is_file():
            raise OSError("not a regular file")  # reading a pipe would block forever
        with self.path.open("rb") as file:
            return file.read(max_bytes + 1)


@dataclass(frozen=True)
class ZipOriginal:
    """A member of a zip file."""

    name: str  # as the zip file has it
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def read(self, max_bytes: int) -> bytes:
        """As `FileOriginal.read`; the bound also limits what a small zip file unpacks to."""
        with self.archive.open(self.info) as file:  # a name such as ../x is no danger: nothing is extracted by name
            return file.read(max_bytes + 1)


Original = FileOriginal | ZipOriginal


@contextmanager
def open_photographs(path: Path) -> Iterator[list[Original]]:
    """The files below a folder, or in a zip file, sorted by name.

    Links to files count as files. Links to folders are not followed, because they may form a cycle.

    Raises:
        BadInput: `path` is neither a folder nor a zip file, or holds no file; the message says what to do.
    """
    if path.is_dir():
        yield _require_some(path, [FileOriginal(name, path / name) for name in _walk(path)])
        return
    try:
        archive = zipfile.ZipFile(path)
    except ZIP_FAULTS as error:
        raise BadInput(f"{path}: neither a folder nor a zip file that can be read ({error})") from error
    with archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        yield _require_some(path, [ZipOriginal(info.filename, archive, info) for info in members])


def _walk(folder: Path) -> Iterator[str]:
    """The paths of all files, relative to `folder`. A hidden or unreadable folder gives its own path instead."""
    unreadable: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=unreadable.append):
        closed = [name for name in folders if _is_hidden(name) or (Path(root) / name).is_symlink()]
        folders[:] = [name for name in folders if name not in closed]
        for name in (*files, *closed):
            yield (Path(root) / name).relative_to(folder).as_posix()
    for error in unreadable:
        yield Path(os.fsdecode(error.filename)).relative_to(folder).as_posix()


def _require_some(path: Path, originals: list[Original]) -> list[Original]:
    if not originals:
        raise BadInput(f"{path}: holds no file; put photographs there, or remove its entry from the catalogue")
    return sorted(originals, key=lambda original: original.name)


def inspect_original(
    original: Original, entry: Photographs, inspector: Inspector, *, max_bytes: int, min_side_px: int
) -> PinRecord:
    """The row of one file: its signature is a hash of its content, so that equal names never merge.

    A file that is no usable image has an outcome that says why, and no `file`.
    """
    if any(_is_hidden(part) for part in PurePosixPath(original.name).parts):
        return _make_record(original, entry, "skipped_hidden", None)
    try:
        facts = _inspect(original, inspector, max_bytes)
    except DownloadFailed as error:
        return _make_record(original, entry, f"failed_{error.reason}", None)
    is_small = min(facts.width_px, facts.height_px) < min_side_px
    return _make_record(original, entry, "skipped_small" if is_small else "saved", facts)


def _inspect(original: Original, inspector: Inspector, max_bytes: int) -> ImageFacts:
    try:
        content = original.read(max_bytes)
    except ZIP_FAULTS as error:
        raise DownloadFailed("unreadable", transient=False) from error
    if len(content) > max_bytes:
        raise DownloadFailed("too_many_bytes", transient=False)
    return inspector.inspect(content, OWN_FORMATS)


def _is_hidden(name: str) -> bool:
    return name in (*CLUTTER, "__MACOSX") or (name.startswith(".") and name not in (".", ".."))


def _make_record(original: Original, entry: Photographs, outcome: str, facts: ImageFacts | None) -> PinRecord:
    name = " ".join(os.fsencode(original.name).decode(errors="replace").split())  # file names may hold any bytes
    signature = facts.sha256[:32] if facts else ""
    return PinRecord(
        pin_id=hashlib.sha256(f"{entry.path}/{name}".encode()).hexdigest()[:18],
        board=entry.path,
        brand=entry.brand,
        season=entry.season,
        section="",
        title=name,
        link="",
        signature=signature,
        file=f"{IMAGES}/{entry.folder}/{signature}.{facts.ext}" if facts and outcome == "saved" else "",
        width_px=facts.width_px if facts else None,
        height_px=facts.height_px if facts else None,
        bytes=facts.bytes if facts else None,
        sha256=facts.sha256 if facts else "",
        outcome=outcome,
    )


def read_original(original: Original, record: PinRecord, *, max_bytes: int) -> bytes:
    """The bytes of a file whose outcome is `saved`.

    Raises:
        BadInput: the file has changed since it was inspected.
    """
    try:
        content = original.read(max_bytes)
    except ZIP_FAULTS:
        content = b""
    if hashlib.sha256(content).hexdigest() != record.sha256:
        raise BadInput(f"{record.board}/{record.title}: changed while it was read; run the stage again")
    return content
