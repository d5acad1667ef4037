"""Where the distinct images lie: files of their own, or shards."""

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from fashiongen.errors import BadInput
from fashiongen.executor.engine import map_locally
from fashiongen.images import collection
from fashiongen.images.collection import add_images
from fashiongen.images.shards import list_shard, read_content


@pytest.fixture
def sources(tmp_path):
    """Seven files in two folders, not in the order of their names."""
    paths = [tmp_path / f"scraped/{'ab'[number % 2]}/{number}.jpg" for number in (5, 0, 6, 2, 1, 4, 3)]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(path.name.encode() * 100)
    return paths


def add(sources, folder, images_per_shard, workers=1):
    return add_images(
        sources, folder, images_per_shard=images_per_shard, map_items=partial(map_locally, workers=workers)
    )


def read_folder(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_shards_are_full_but_the_last(sources, tmp_path, count, sizes):
    files = add(sources[:count], tmp_path / "images", 3)
    shards = sorted((tmp_path / "images").iterdir())
    assert [len(list_shard(shard)) for shard in shards] == sizes
    assert list(files.values()) == sorted(files.values(), key=lambda file: file.split("/")[1])
    for source in sources[:count]:
        assert read_content(tmp_path / "images" / files[source]) == source.read_bytes()


def test_two_workers_write_the_bytes_of_one(sources, tmp_path):
    for workers in (1, 2):
        add(sources, tmp_path / str(workers), 2, workers)
    assert read_folder(tmp_path / "1") == read_folder(tmp_path / "2")


def test_without_shards_each_image_is_a_link_to_its_source(sources, tmp_path):
    files = add(sources, tmp_path / "images", None)
    assert files == {source: source.name for source in sources}
    assert all((tmp_path / "images" / source.name).samefile(source) for source in sources)


@pytest.mark.parametrize("images_per_shard", [None, 2])
def test_two_images_of_one_name_are_refused_before_one_is_written(sources, tmp_path, images_per_shard):
    other = tmp_path / "scraped/b/0.jpg"
    other.write_bytes(b"another")
    with pytest.raises(BadInput, match=r"b/0\.jpg: [^\n]+images/0\.jpg is taken by another board's image"):
        add([*sources, other], tmp_path / "images", images_per_shard)
    assert not (tmp_path / "images").exists()


def test_a_worker_that_is_killed_while_it_writes_leaves_no_half_shard(sources, tmp_path, monkeypatch):
    add(sources, tmp_path / "whole", 2)
    mark, write_shard = tmp_path / "killed", collection.write_shard

    def die_once(path, of_shard):
        if path.name == "000001.zip" and not mark.exists():
            mark.touch()
            of_shard = [*of_shard, Killer("killer")]
        write_shard(path, of_shard)

    monkeypatch.setattr(collection, "write_shard", die_once)
    add(sources, tmp_path / "images", 2, workers=2)
    assert mark.exists()
    assert read_folder(tmp_path / "images") == read_folder(tmp_path / "whole")


class Killer(type(Path())):
    """A source whose name ends the process that reads it."""

    @property
    def name(self):
        os.kill(os.getpid(), signal.SIGKILL)
