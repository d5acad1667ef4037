"""Shards are zip files that every program opens, with the same bytes each time; damage is one line."""

import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashiongen.errors import BadInput, CorruptImage, FashiongenError, MissingInput
from fashiongen.images.hashing import describe_image
from fashiongen.images.reading.decode import read_image
from fashiongen.images.shards import find_shard, is_shard, list_shard, name_shard, open_shard, read_content, write_shard

CONTENTS = {
    "a.jpg": b"first",
    "Café Müller, look 2.png": bytes(range(0, 256, 8)),
    "leer.jpg": b"",
    "東京.webp": b"x" * 40,
}


@pytest.fixture
def shard(tmp_path):
    """A shard of four files."""
    path = tmp_path / name_shard(12)
    with open_shard(path) as add:
        for name, content in CONTENTS.items():
            add(name, content)
    return path


def test_a_file_in_a_shard_is_read_as_one_in_a_folder_of_its_name(shard):
    assert shard.name == "000012.zip"
    assert {path.name: read_content(path) for path in list_shard(shard)} == CONTENTS
    assert {name: read_content(shard / name) for name in CONTENTS} == CONTENTS


def test_python_extracts_the_files_as_they_were(shard, tmp_path):
    with zipfile.ZipFile(shard) as archive:
        assert archive.testzip() is None
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        archive.extractall(tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == CONTENTS


def test_an_extracted_shard_may_lie_in_its_place(shard):
    """As users leave it who extract the files beside it and delete the zip file."""
    with zipfile.ZipFile(shard) as archive:
        archive.extractall(shard.with_name("out"))
    shard.unlink()
    shard.with_name("out").rename(shard)
    assert {name: read_content(shard / name) for name in CONTENTS} == CONTENTS


def test_the_same_files_give_the_same_bytes_at_another_time(tmp_path, monkeypatch):
    shards = []
    for day in (1, 400):
        (tmp_path / str(day)).mkdir()
        for name in ("b.jpg", "a.jpg"):
            (tmp_path / str(day) / name).write_bytes(name.encode())
        monkeypatch.setattr(time, "time", lambda day=day: 1.6e9 + day * 86400)
        write_shard(tmp_path / f"{day}.zip", [tmp_path / str(day) / name for name in ("a.jpg", "b.jpg")])
        shards.append((tmp_path / f"{day}.zip").read_bytes())
    assert shards[0] == shards[1]


def test_images_are_decoded_and_described_as_files_of_their_own(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 256, (60, 40, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "ein Bild.png")
    write_shard(tmp_path / "000000.zip", [tmp_path / "ein Bild.png"])
    inside = tmp_path / "000000.zip/ein Bild.png"
    assert np.array_equal(np.asarray(read_image(inside)), pixels)
    assert describe_image(inside) == describe_image(tmp_path / "ein Bild.png")


def test_an_image_that_does_not_decode_is_named_with_its_shard(shard):
    with pytest.raises(CorruptImage, match=r"000012\.zip/a\.jpg: does not decode"):
        read_image(shard / "a.jpg")


@pytest.mark.parametrize(
    ("file", "expected"),
    [("000012.zip/a.jpg", "000012.zip"), ("a.jpg", None), ("own.zip/a.jpg", None), ("1000000.zip/a", "1000000.zip")],
)
def test_the_shard_of_a_file_is_in_its_name(file, expected):
    assert find_shard(file) == expected


def test_names_of_shards_sort_as_their_numbers():
    names = [name_shard(number) for number in (0, 9, 10, 999, 1000, 999_999)]
    assert names == sorted(names)
    assert all(is_shard(Path("data/pinterest/images") / name) for name in names)


def test_what_is_missing_is_named(shard):
    with pytest.raises(MissingInput, match=r"000012\.zip/b\.jpg: 000012\.zip has no such image; restore"):
        read_content(shard / "b.jpg")
    with pytest.raises(MissingInput, match=r"000013\.zip/a\.jpg: no such file"):
        read_content(shard.with_name("000013.zip") / "a.jpg")


def test_a_file_listed_twice_is_refused(shard):
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(shard, "a") as archive:
        archive.writestr("a.jpg", b"second")
    with pytest.raises(BadInput, match=r"^[^\n]*000012\.zip: lists a\.jpg twice; restore it[^\n]*$"):
        read_content(shard / "leer.jpg")


def test_a_compressed_shard_is_refused(shard):
    with zipfile.ZipFile(shard, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jpg", b"first")
    with pytest.raises(BadInput, match=r"000012\.zip: a\.jpg is compressed or encrypted"):
        read_content(shard / "a.jpg")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_shard_that_is_cut_short_is_refused(shard, share):
    content = shard.read_bytes()
    shard.write_bytes(content[: int(share * len(content))])
    with pytest.raises(BadInput, match=r"^[^\n]*000012\.zip: no zip file that can be read \([^\n]+\); restore[^\n]*$"):
        read_content(shard / "a.jpg")


@pytest.mark.slow
def test_any_byte_that_changes_gives_the_image_or_an_error_of_ours(shard):
    """Never another content, and never an error of Python's."""
    content, damaged = shard.read_bytes(), 0
    for place in range(len(content)):
        torn = bytearray(content)
        torn[place] ^= 0xFF
        shard.write_bytes(torn)
        for name, expected in CONTENTS.items():
            try:
                assert read_content(shard / name) == expected
            except FashiongenError:
                damaged += 1
    assert damaged > len(content)


def test_a_changed_shard_is_read_anew(shard):
    assert read_content(shard / "a.jpg") == b"first"
    with open_shard(shard) as add:
        add("a.jpg", b"another")
    assert read_content(shard / "a.jpg") == b"another"


def test_threads_read_a_shard_at_the_same_time(shard):
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(read_content, [shard / name for name in CONTENTS] * 50))
    assert found == list(CONTENTS.values()) * 50


def test_a_write_that_fails_leaves_the_old_shard_and_no_part_of_the_new(shard, tmp_path):
    before = shard.read_bytes()
    (tmp_path / "b.jpg").write_bytes(b"b")
    with pytest.raises(MissingInput, match=r"gone\.jpg"):
        write_shard(shard, [tmp_path / "b.jpg", tmp_path / "gone.jpg"])
    assert shard.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000012.zip", "b.jpg"]
