"""The benchmark's text files: a count, a header, then rows of padded columns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from fashiongen.coco.garment_types import CATEGORY_NAMES
from fashiongen.deepfashion.layout import PARTITION_FOLDERS, find_text_file
from fashiongen.errors import AnnotationError, BadInput
from fashiongen.files import read_text, require_below, shorten

Value = TypeVar("Value")
BoxXyxy = tuple[int, int, int, int]

CATEGORY_COLUMNS = ("category_name", "category_type")
BOX_COLUMNS = ("image_name", "x_1", "y_1", "x_2", "y_2")
LABEL_COLUMNS = ("image_name", "category_label")
PARTITION_COLUMNS = ("image_name", "evaluation_status")
PARTITIONS = ("train", "val", "test")
MAX_DIGITS = 9  # of a number: coordinates and counts are far smaller
PADDING = " \t,;"  # a spreadsheet pads the count line with empty cells


class Category(NamedTuple):
    """One of the fifty garment categories."""

    name: str
    type_id: int  # a key of CATEGORY_NAMES

    @property
    def type(self) -> str:
        """upper, lower or full."""
        return CATEGORY_NAMES[self.type_id]


@dataclass(frozen=True)
class Table(Generic[Value]):
    """A file's rows by their first column, and how many rows its first line declares."""

    path: Path
    declared: int
    rows: dict[str, Value]


class Annotations(NamedTuple):
    """The files that the conversion reads; the partition is read for the official split only."""

    categories: Table[Category]
    boxes: Table[BoxXyxy]
    labels: Table[Category]
    partition: Table[str] | None


def read_annotations(root: Path, *, with_partition: bool) -> Annotations:
    """All tables of the copy of the benchmark at `root`.

    Raises:
        MissingInput: a file is not there.
        AnnotationError: a file is not text or a line has another format; the message names file, line, value, remedy.
    """
    categories = read_categories(find_text_file(root, "list_category_cloth.txt"))
    partition = find_text_file(root, "list_eval_partition.txt", PARTITION_FOLDERS) if with_partition else None
    return Annotations(
        categories=categories,
        boxes=read_boxes(find_text_file(root, "list_bbox.txt")),
        labels=read_labels(find_text_file(root, "list_category_img.txt"), list(categories.rows.values())),
        partition=None if partition is None else read_partition(partition),
    )


def read_categories(path: Path) -> Table[Category]:
    """The categories by name, in the order of the file, which the labels refer to."""

    def parse(name: str, cells: list[str]) -> Category:
        type_id = _parse_whole(cells[0])
        if type_id not in CATEGORY_NAMES:
            raise ValueError(f"category_type {type_id} is none of {', '.join(map(str, CATEGORY_NAMES))}")
        return Category(name, type_id)

    return _read_table(path, CATEGORY_COLUMNS, parse)


def read_boxes(path: Path) -> Table[BoxXyxy]:
    """Each image's box as in the file: corners, which may be reversed or outside the image."""

    def parse(name: str, cells: list[str]) -> BoxXyxy:
        x1, y1, x2, y2 = map(_parse_whole, cells)
        return x1, y1, x2, y2

    return _read_table(path, BOX_COLUMNS, parse)


def read_labels(path: Path, categories: list[Category]) -> Table[Category]:
    """Each image's category, by its 1-based row among `categories`.

    A label past the last row is an error: in copies without the empty categories the other labels are shifted, and
    nothing tells by how much.
    """

    def parse(name: str, cells: list[str]) -> Category:
        label = _parse_whole(cells[0])
        if not 1 <= label <= len(categories):
            raise ValueError(f"category_label {label} is outside the {len(categories)} rows of list_category_cloth.txt")
        return categories[label - 1]

    return _read_table(path, LABEL_COLUMNS, parse)


def read_partition(path: Path) -> Table[str]:
    """Each image's part in the official partition: train, val or test."""

    def parse(name: str, cells: list[str]) -> str:
        if cells[0] not in PARTITIONS:
            raise ValueError(f"evaluation_status {cells[0]!r} is none of {', '.join(PARTITIONS)}")
        return cells[0]

    return _read_table(path, PARTITION_COLUMNS, parse)


def _read_table(path: Path, columns: tuple[str, ...], parse: Callable[[str, list[str]], Value]) -> Table[Value]:
    """A file's rows; their number may differ from the count line, which is wrong in some copies of the benchmark."""
    lines = _read_lines(path)
    declared = _read_count(path, next(lines, (1, "")))
    separator = _find_separator(path, next(lines, (2, "")), columns)
    rows: dict[str, Value] = {}
    for number, line in lines:
        name, *cells = [cell.strip() for cell in line.rsplit(separator, maxsplit=len(columns) - 1)] or [""]
        try:
            if name in rows:
                raise ValueError("a second row of this name")
            if len(cells) != len(columns) - 1:
                raise ValueError(f"{len(columns)} columns are expected: {' '.join(columns)}")
            rows[require_below(name)] = parse(name, cells)
        except ValueError as error:
            raise _fault(path, number, line, str(error)) from error
    return Table(path, declared, rows)


def _read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The numbered lines, without blank ones at the end."""
    try:
        text = read_text(path)
    except BadInput as error:
        raise AnnotationError(f"{error}, or download it again") from error
    yield from enumerate(text.rstrip().splitlines(), start=1)


def _read_count(path: Path, numbered: tuple[int, str]) -> int:
    number, line = numbered
    try:
        return _parse_whole(line.strip(PADDING))
    except ValueError as error:
        raise _fault(path, number, line, "the number of rows is expected") from error


def _find_separator(path: Path, numbered: tuple[int, str], columns: tuple[str, ...]) -> str | None:
    """What separates the columns of the header: None for white space, as published, or what a spreadsheet writes."""
    number, line = numbered
    for separator in (None, ",", ";"):
        if tuple(cell.strip() for cell in line.split(separator)) == columns:
            return separator
    raise _fault(path, number, line, f"the header is expected: {' '.join(columns)}, separated by spaces")


def _parse_whole(cell: str) -> int:
    """A decimal integer, which may be zero-padded: `072` is 72; Python's own `int` also takes 7_2."""
    if not cell.removeprefix("-").isdecimal():
        raise ValueError(f"{shorten(cell, 40)!r} is no integer")
    if len(cell) > MAX_DIGITS:
        raise ValueError(f"{shorten(cell, 40)!r} is too large")
    return int(cell)


def _fault(path: Path, number: int, line: str, what: str) -> AnnotationError:
    return AnnotationError(
        f"{path}:{number}: {what} (got {shorten(line)!r}); correct the line or download the file again"
    )
