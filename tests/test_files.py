"""Files that are whole or absent."""

import hashlib
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from fashiongen.errors import BadInput, MissingInput
from fashiongen.files import (
    TEMPORARY,
    atomic_path,
    read_csv,
    read_json,
    remove_unfinished,
    sha256_file,
    write_bytes,
    write_csv,
    write_json,
    write_text,
)


class Garment(BaseModel):
    """A row with every kind of cell."""

    name: str
    pieces: int
    score: float | None
    season: str | None


def test_a_write_replaces_the_file_and_leaves_nothing_beside_it(tmp_path):
    write_bytes(tmp_path / "a.txt", b"old")
    write_text(tmp_path / "a.txt", "née")
    assert (tmp_path / "a.txt").read_bytes() == "née".encode()
    assert list(tmp_path.iterdir()) == [tmp_path / "a.txt"]


def test_a_write_makes_its_folders_and_a_file_that_all_may_read(tmp_path):
    write_bytes(tmp_path / "a/b/c.bin", b"x")
    assert (tmp_path / "a/b/c.bin").stat().st_mode & 0o777 == 0o644


def test_a_failed_write_leaves_the_old_file_alone(tmp_path):
    write_text(tmp_path / "a.txt", "old")
    with pytest.raises(RuntimeError), atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert (tmp_path / "a.txt").read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / "a.txt"]


def test_what_a_killed_process_had_begun_to_write_goes_and_nothing_else(tmp_path):
    write_text(tmp_path / "folder/whole.jpg", "whole")
    begun = [tmp_path / f"folder/{TEMPORARY}a.jpg", tmp_path / f"{TEMPORARY}b", tmp_path / f"{TEMPORARY}c.zip"]
    for path in begun:
        path.write_bytes(b"half")
    remove_unfinished(tmp_path)
    remove_unfinished(tmp_path / "none yet")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "folder/whole.jpg"]


def test_until_the_block_ends_the_old_file_is_read(tmp_path):
    write_text(tmp_path / "a.png", "old")
    with atomic_path(tmp_path / "a.png") as temporary:
        temporary.write_text("new")
        assert temporary.suffix == ".png"
        assert (tmp_path / "a.png").read_text() == "old"
    assert (tmp_path / "a.png").read_text() == "new"


def test_the_content_is_on_the_disk_before_the_name_points_to_it(tmp_path, monkeypatch):
    """After a power cut a name must not lead to an empty file: sync first, rename second."""
    calls = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: calls.append("sync") or sync(handle))
    monkeypatch.setattr(os, "replace", lambda *paths: calls.append("rename") or replace(*paths))
    write_text(tmp_path / "a.txt", "new")
    assert calls == ["sync", "rename"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=10,
)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_values)
def test_json_comes_back_as_it_was(tmp_path, value):
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value


def test_json_keeps_the_order_and_ends_its_last_line(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1, "a": "é"})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "b": 1,\n  "a": "é"\n}\n'


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_json_has_no_nan(tmp_path, number):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"loss": number})
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_json_is_named(tmp_path):
    write_text(tmp_path / "a.json", "{")
    with pytest.raises(BadInput, match=r"a\.json: not JSON"):
        read_json(tmp_path / "a.json")


@pytest.mark.parametrize("read", [read_json, lambda path: read_csv(path, Garment)])
def test_a_missing_file_is_said_to_be_missing(tmp_path, read):
    with pytest.raises(MissingInput, match="nowhere: no such file"):
        read(tmp_path / "nowhere")


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1)
garments = st.builds(
    Garment,
    name=st.just("") | cells,
    pieces=st.integers(),
    score=st.none() | st.floats(allow_nan=False),
    season=st.none() | cells,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(garments, max_size=5))
def test_rows_come_back_as_they_were(tmp_path, rows):
    """Quotes, commas, line ends, empty names and absent numbers among them."""
    write_csv(tmp_path / "a.csv", Garment, rows)
    assert read_csv(tmp_path / "a.csv", Garment) == rows


def test_a_table_without_rows_keeps_its_header(tmp_path):
    write_csv(tmp_path / "a.csv", Garment, [])
    assert (tmp_path / "a.csv").read_bytes() == b"name,pieces,score,season\n"


def test_a_bad_cell_is_named_by_line_column_and_value(tmp_path):
    write_text(tmp_path / "a.csv", "name,pieces,score,season\ncoat,1,,\ndress,many,,\n")
    with pytest.raises(BadInput, match=r"a\.csv:3: pieces: .*\(got 'many'\)"):
        read_csv(tmp_path / "a.csv", Garment)


@pytest.mark.parametrize("name", ["a" * 251 + ".png", "ü" * 125 + ".png", "a." + "b" * 253])
def test_a_name_as_long_as_the_file_system_allows_is_written(tmp_path, name):
    write_text(tmp_path / name, "long")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_link_in_the_place_of_a_file_is_replaced_and_its_target_left_alone(tmp_path):
    """DVC's cache may be what the link points to."""
    write_text(tmp_path / "cache/a.txt", "old")
    (tmp_path / "a.txt").symlink_to("cache/a.txt")
    write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "cache/a.txt").read_text() == "old"
    assert (tmp_path / "a.txt").read_text() == "new"


@pytest.mark.slow
def test_a_files_hash_is_that_of_its_content(tmp_path):
    write_bytes(tmp_path / "a.bin", b"abc" * 100_000)
    assert sha256_file(tmp_path / "a.bin") == hashlib.sha256(b"abc" * 100_000).hexdigest()
