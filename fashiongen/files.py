"""Files that are whole or absent: atomic writes, JSON, and CSV of typed rows."""

import codecs
import csv
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, TypeVar

from filelock import FileLock, Timeout
from pydantic import AfterValidator, BaseModel, ValidationError

from fashiongen.errors import AlreadyRunning, BadInput, MissingInput

Row = TypeVar("Row", bound=BaseModel)

DELIMITERS = ",;\t"  # of the cells of a CSV file
CHECKPOINTS = Path(os.environ.get("FASHIONGEN_CHECKPOINTS", ".checkpoints"))  # what a killed run can go on from


TEMPORARY = ".new-"  # how names of temporary files and folders begin: short, so that they are never too long
MAX_SUFFIX = 16  # letters of a file's suffix that its temporary name keeps
PROBE_BYTES = 1 << 20


def require_below(name: str) -> str:
    """A name that, joined to a folder, stays below it; the empty name of no file is one, too.

    Raises:
        ValueError: it is absolute, climbs up with `..`, or holds a character that no path may hold.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise ValueError(f"{name!r} leads out of its folder; write a path below it")
    return name


FileName = Annotated[str, AfterValidator(require_below)]  # of a table's row, below the folder that the row names


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, synced and renamed over it when the block ends without an error.

    The temporary name keeps the suffix, so that writers which look at it (Pillow, safetensors) still work. A link at
    `path` is replaced; the file that it points to is left alone.

    Raises:
        OSError: the disk is full or not writable; the error names `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with report_failed_write(path):
        suffix = path.suffix if len(path.suffix) <= MAX_SUFFIX else ""
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY, suffix=suffix)
        os.close(handle)
        temporary = Path(name)
        try:
            with _restore_os_errors(temporary):
                yield temporary
            temporary.chmod(0o644)
            _sync(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def remove_unfinished(root: Path) -> None:
    """Delete the files below `root` that a process was writing when it was killed; no other may be at work."""
    for path in root.rglob(f"{TEMPORARY}*"):
        path.unlink()


@contextmanager
def lock_alone(path: Path, does: str) -> Iterator[None]:
    """Let no other process into blocks with the same lock file; `does` says what they do, as in `trains this`.

    Raises:
        AlreadyRunning: another process is in such a block.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise AlreadyRunning(f"{path}: another process {does}; wait for it, or stop it") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def report_failed_write(path: Path) -> Iterator[None]:
    """Let an OSError of the block name `path`, where it names a temporary file or none."""
    try:
        yield
    except OSError as error:
        names = [str(name) for name in (error.filename, error.filename2) if name is not None]
        if not names or any(part.startswith(TEMPORARY) for name in names for part in Path(name).parts):
            error.filename, error.filename2 = str(path), None
        raise


@contextmanager
def _restore_os_errors(temporary: Path) -> Iterator[None]:
    """Raise the OSError of a full disk in place of the errors that safetensors and torch raise for it."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, OSError) and (fault := _find_os_error(error, temporary)) is not None:
            raise fault from error
        raise


def _find_os_error(error: Exception, temporary: Path) -> OSError | None:
    """The OSError that a library's error stands for: its number in the text (Rust), or what one more write raises."""
    if number := re.search(r"\(os error (\d+)\)", str(error)):
        return OSError(int(number[1]), os.strerror(int(number[1])))
    try:
        with temporary.open("ab") as file:
            file.write(bytes(PROBE_BYTES))
            os.fsync(file.fileno())
    except OSError as fault:
        return fault
    return None


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def copy_file(source: Path, target: Path) -> None:
    """Write the content of `source` to `target`, whole or not at all."""
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path` as UTF-8, whole or not at all."""
    write_bytes(path, content.encode())


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON in the order given; a NaN is refused, since JSON has none."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_text(path: Path) -> str:
    """The text of a file that a person may have written: UTF-8 with or without a byte-order mark, or UTF-16 with one.

    Line ends stay as they are.

    Raises:
        MissingInput: there is no such file.
        BadInput: it is a folder, cannot be opened, or is in another encoding; the message gives the line.
    """
    content = _read_bytes(path)
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        name = encoding.removesuffix("-sig").upper()
        raise BadInput(
            f"{path}:{line}: byte 0x{content[error.start]:02x} is not {name}; save the file as UTF-8"
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BadInput(f"{path}:{line}: a NUL character: not a text file in UTF-8; save it as UTF-8")
    return text


def _read_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise BadInput(f"{path}: a folder; a file is expected")
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingInput(f"{path}: no such file") from error
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror or error}") from error


def read_json(path: Path) -> Any:
    """The value in a JSON file.

    Raises:
        MissingInput: there is no such file.
        BadInput: the file is not JSON.
    """
    content = _read_bytes(path)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: not JSON ({shorten(error)})") from error


def shorten(value: object, width: int = 120) -> str:
    """`value` as one line of at most `width` characters, for an error message."""
    text = " ".join(str(value)[: 4 * width].split())
    return text if len(text) <= width else f"{text[: width - 1]}…"


def write_csv(path: Path, row_type: type[Row], rows: Iterable[Row]) -> None:
    """Write rows under the header of `row_type`'s field names; None becomes an empty cell.

    A NUL character becomes U+FFFD, because `read_text` takes it as a sign of another encoding.
    """
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(row_type.model_fields)
        for row in rows:
            cells = row.model_dump(mode="json").values()
            writer.writerow(
                cell.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(cell, str) else cell for cell in cells
            )


def read_csv(path: Path, row_type: type[Row]) -> list[Row]:
    """The rows of a CSV file that `write_csv` or a spreadsheet wrote; an empty cell is None where the field allows it.

    Cells are separated by commas, semicolons or tabs: the header shows by which.

    Raises:
        MissingInput: there is no such file.
        BadInput: the file is not text, the header lacks a column, or a row does not fit `row_type`; the message gives
            the line.
    """
    text = read_text(path)
    delimiter = _find_delimiter(path, text, row_type)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(reader)]
        return [_parse_row(path, reader.line_num, header, cells, row_type) for cells in reader if cells]
    except csv.Error as error:
        raise BadInput(f"{path}:{reader.line_num}: not CSV: {error}; is a quotation mark missing?") from error


def _find_delimiter(path: Path, text: str, row_type: type[Row]) -> str:
    """The separator under which the header has every column that `row_type` needs.

    Raises:
        BadInput: there is none; the message names the columns that are missing.
    """
    wanted = [name for name, field in row_type.model_fields.items() if field.is_required()]
    header = re.split(r"[\r\n]", text, maxsplit=1)[0]
    headers = {mark: [name.strip(' "') for name in header.split(mark)] for mark in DELIMITERS}
    mark = max(DELIMITERS, key=lambda mark: len(headers[mark]))
    missing = [name for name in wanted if name not in headers[mark]]
    if len(set(headers[mark])) < len(headers[mark]):
        raise BadInput(f"{path}:1: the header {shorten(header, 60)!r} names a column twice")
    if missing:
        raise BadInput(
            f"{path}:1: no column {', '.join(missing)} in the header {shorten(header, 60)!r}; "
            "separate the columns by commas"
        )
    return mark


def _parse_row(path: Path, line: int, header: list[str], cells: list[str], row_type: type[Row]) -> Row:
    if len(cells) != len(header):
        raise BadInput(f"{path}:{line}: {len(cells)} cells, and the header has {len(header)} columns")
    optional = {name for name, field in row_type.model_fields.items() if field.annotation is not str}
    values = {name: None if cell == "" and name in optional else cell for name, cell in zip(header, cells, strict=True)}
    try:
        return row_type.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(f"{path}:{line}: {where}: {first['msg']} (got {shorten(repr(first['input']), 60)})") from error


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal, read in one stream."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
