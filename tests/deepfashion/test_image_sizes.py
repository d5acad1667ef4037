"""Sizes from headers are those of decoded images, whatever the file, and are remembered while it stays the same."""

import os
import sqlite3

import numpy as np
import pytest
from PIL import Image

from fashiongen.deepfashion import image_sizes
from fashiongen.deepfashion.image_sizes import measure_sizes
from fashiongen.images.reading.decode import read_image


@pytest.fixture
def draw(tmp_path):
    """Writes an image with its orientation in EXIF."""

    def draw(name, size=(40, 30), orientation=None):
        path = tmp_path / name
        pixels = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), np.uint8)
        exif = Image.Exif()
        if orientation:
            exif[0x0112] = orientation
        Image.fromarray(pixels).save(path, exif=exif)
        return path

    return draw


def measure(tmp_path, *paths, decode=False):
    names = [path.name for path in paths]
    return list(measure_sizes(tmp_path, names, decode=decode, cache=tmp_path / "kept/sizes.sqlite"))


@pytest.mark.parametrize("decode", [False, True])
@pytest.mark.parametrize("orientation", [None, *range(1, 9)])
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_the_size_is_that_of_the_decoded_image(tmp_path, draw, suffix, orientation, decode):
    path = draw(f"one.{suffix}", orientation=orientation)
    assert measure(tmp_path, path, decode=decode) == [read_image(path).size]


def test_what_is_not_a_whole_image_is_said_in_its_place(tmp_path, draw):
    whole = draw("whole.jpg")
    content = whole.read_bytes()
    files = {
        "cut.jpg": content[:-200],
        "text.jpg": b"<html>",
        "empty.jpg": b"",
        "ended.jpg": content[:20] + b"\xff\xd9",  # the mark of an end, and no image before it
        "tail.jpg": content + b"more",  # after its end; decoders do not care
    }
    for name, changed in files.items():
        (tmp_path / name).write_bytes(changed)
    (tmp_path / "folder.jpg").mkdir()
    names = ["cut.jpg", "whole.jpg", "text.jpg", "gone.jpg", "empty.jpg", "ended.jpg", "tail.jpg", "folder.jpg"]
    expected = ["corrupt", (40, 30), "corrupt", "missing", "corrupt", "corrupt", (40, 30), "missing"]
    for _ in range(2):  # the second time with a cache
        assert measure(tmp_path, *(tmp_path / name for name in names)) == expected


def test_a_header_of_too_many_pixels_is_not_believed(tmp_path, draw):
    path = draw("bomb.jpg")
    content = bytearray(path.read_bytes())
    start = content.index(b"\xff\xc0") + 5
    content[start : start + 4] = b"\xff\xf0\xff\xf0"
    path.write_bytes(content)
    assert measure(tmp_path, path) == ["corrupt"]


def test_a_file_that_has_not_changed_is_not_opened_again(tmp_path, draw, monkeypatch):
    paths = [draw("a.jpg"), draw("b.jpg", (50, 20))]
    first = measure(tmp_path, *paths)
    draw("b.jpg", (20, 50))
    os.utime(paths[1], ns=(1, 1))
    opened = []
    monkeypatch.setattr(image_sizes, "_measure", lambda file, decode: opened.append(file.path) or (7, 7))
    assert measure(tmp_path, *paths) == [first[0], (7, 7)]
    assert opened == [os.fsencode(paths[1])]


def test_a_size_from_a_header_is_no_proof_where_all_are_to_be_decoded(tmp_path, draw, monkeypatch):
    path = draw("a.jpg")
    measure(tmp_path, path)
    monkeypatch.setattr(image_sizes, "_measure", lambda file, decode: (7, 7))
    assert measure(tmp_path, path, decode=True) == [(7, 7)]
    assert measure(tmp_path, path) == [(7, 7)]  # and one that was decoded is better than a header's


def test_a_damaged_cache_costs_only_time(tmp_path, draw):
    path = draw("a.jpg")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/sizes.sqlite").write_bytes(b"no database" * 100)
    assert measure(tmp_path, path) == measure(tmp_path, path) == [(40, 30)]
    with sqlite3.connect(tmp_path / "kept/sizes.sqlite") as database:
        assert database.execute("SELECT width_px, height_px FROM sizes").fetchall() == [(40, 30)]


def test_several_processes_give_the_same_in_the_same_order(tmp_path, draw, monkeypatch):
    paths = [draw(f"{number}.jpg", (10 + number, 30)) for number in range(9)]
    paths[4].write_bytes(b"")
    monkeypatch.setattr(image_sizes, "CHUNK", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    expected = [(10 + number, 30) if number != 4 else "corrupt" for number in range(9)]
    assert measure(tmp_path, *paths) == expected
