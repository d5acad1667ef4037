"""Files that are whole or absent: atomic writes, JSON and CSV of typed rows, fresh output folders."""

import csv
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fashiongen.errors import BadInput, MissingInput

Row = TypeVar("Row", bound=BaseModel)

CHECKPOINTS = Path(os.environ.get("FASHIONGEN_CHECKPOINTS", ".checkpoints"))  # what a killed run can go on from


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, synced and renamed over it when the block ends without an error.

    The temporary name keeps the suffix, so that writers which look at it (Pillow, safetensors) still work.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        _sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


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


def fresh_folder(path: Path) -> Path:
    """An empty folder at `path`: what was there is removed."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path`, renamed to it when the block ends without an error, else removed.

    Raises:
        BadInput: there is something at `path` already.
    """
    if path.exists():
        raise BadInput(f"{path}: exists already; name another folder, or delete this one")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
    try:
        yield temporary
        temporary.chmod(0o755)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal, read in one stream."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
