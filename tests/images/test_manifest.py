"""Rows of the tables that stages pass on name files of their own folder only."""

from typing import Annotated, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashiongen.deepfashion import records
from fashiongen.errors import BadInput
from fashiongen.files import FileName, read_csv, require_below, write_text
from fashiongen.images import manifest

OUTSIDE = ["../secret.jpg", "/etc/passwd", "images/../../secret.jpg", "a/.."]
ROWS = [
    row
    for module in (manifest, records)
    for row in vars(module).values()
    if isinstance(row, type) and issubclass(row, manifest.BaseModel) and row is not manifest.BaseModel
]
NAMED = [
    (row, name)
    for row in ROWS
    for name, hint in row.__annotations__.items()
    if hint is FileName or FileName in get_args(hint)
]


def _cell(hint):
    """A value that the field takes."""
    if get_origin(hint) is Annotated:
        return "a.jpg"
    plain = {str: "a.jpg", int: "1", float: "1.0"}
    return plain[hint] if hint in plain else str(get_args(hint)[0])


def _table(row, **changed):
    cells = {name: _cell(field.annotation) for name, field in row.model_fields.items()}
    cells |= {name: "" for name, field in row.model_fields.items() if type(None) in get_args(field.annotation)}
    return f"{','.join(cells)}\n{','.join((cells | changed).values())}\n"


@pytest.mark.parametrize(("row", "name"), NAMED, ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("outside", OUTSIDE)
def test_a_row_whose_file_lies_outside_its_folder_is_refused(tmp_path, row, name, outside):
    write_text(tmp_path / "good.csv", _table(row))
    assert len(read_csv(tmp_path / "good.csv", row)) == 1
    write_text(tmp_path / "rows.csv", _table(row, **{name: outside}))
    with pytest.raises(BadInput, match=rf"rows\.csv:2: {name}: .*leads out of its folder"):
        read_csv(tmp_path / "rows.csv", row)


def test_every_name_of_a_file_in_these_tables_is_checked():
    """A field with such a name is one that is joined to a folder."""
    joined = {(row, name) for row in ROWS for name in row.__annotations__ if name in ("file", "removed", "keeper")}
    assert joined <= set(NAMED)
    assert joined


@given(st.lists(st.sampled_from(["a", "..", ".", "", "b c", "...", "..a"]), max_size=5).map("/".join))
def test_what_is_accepted_stays_below_the_folder(tmp_path_factory, name):
    folder = tmp_path_factory.getbasetemp() / "folder"
    try:
        accepted = require_below(name)
    except ValueError:
        return
    assert (folder / accepted).resolve().is_relative_to(folder.resolve())
