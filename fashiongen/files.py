"""Files that are whole or absent: atomic writes, JSON, and CSV of typed rows."""

import csv
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fashiongen.errors import BadInput, MissingInput

Row = TypeVar("Row", bound=BaseModel)

CHECKPOINTS = Path(os.environ.get("FASHIONGEN_CHECKPOINTS", ".checkpoints"))  # what a killed run can go on from


TEMPORARY = ".new-"  # how names of temporary files and folders begin: short, so that they are never too long
MAX_SUFFIX = 16  # letters of a file's suffix that its temporary name keeps
PROBE_BYTES = 1 << 20


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


@contextmanager
def report_failed_write(path: Path) -> Iterator[None]:
    """Let an OSError of the block name `path`, where it names a temporary file or none."""
    try:
        yield
    except OSError as error:
        if error.filename is None or any(part.startswith(TEMPORARY) for part in Path(error.filename).parts):
            error.filename, error.filename2 = str(path), None
        raise


@contextmanager
def _restore_os_errors(temporary: Path) -> Iterator[None]:
    """Raise the OSError of a full disk in place of the errors that safetensors and torch raise for it."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        if (fault := _find_os_error(error, temporary)) is not None:
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


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path` as UTF-8, whole or not at all."""
    write_bytes(path, content.encode())


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON in the order given; a NaN is refused, since JSON has none."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """The value in a JSON file.

    Raises:
        MissingInput: there is no such file.
        BadInput: the file is not JSON.
    """
    if not path.is_file():
        raise MissingInput(f"{path}: no such file")
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise BadInput(f"{path}: not JSON ({error})") from error


def write_csv(path: Path, row_type: type[Row], rows: Iterable[Row]) -> None:
    """Write rows under the header of `row_type`'s field names; None becomes an empty cell."""
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(row_type.model_fields), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row.model_dump(mode="json") for row in rows)


def read_csv(path: Path, row_type: type[Row]) -> list[Row]:
    """The rows of a CSV file that `write_csv` wrote; an empty cell is None where the field allows it.

    Raises:
        MissingInput: there is no such file.
        BadInput: a row does not fit `row_type`; the message gives its line.
    """
    if not path.is_file():
        raise MissingInput(f"{path}: no such file")
    with path.open(newline="", encoding="utf-8") as file:
        return [_parse_row(path, line, cells, row_type) for line, cells in enumerate(csv.DictReader(file), start=2)]


def _parse_row(path: Path, line: int, cells: dict[str, str], row_type: type[Row]) -> Row:
    optional = {name for name, field in row_type.model_fields.items() if field.annotation is not str}
    values = {name: None if cell == "" and name in optional else cell for name, cell in cells.items()}
    try:
        return row_type.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(f"{path}:{line}: {where}: {first['msg']} (got {first['input']!r})") from error


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal, read in one stream."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
