"""The benchmark of DVC at scale: our readers read its tree, and its tables come from real commands."""

import hashlib
import importlib
import sys
from pathlib import Path

import pytest

from fashiongen.deepfashion.annotations import read_annotations
from fashiongen.deepfashion.items import join_items
from fashiongen.deepfashion.layout import find_image_folder, require_benchmark
from fashiongen.images.reading.decode import read_image

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
IMAGES = 130  # two folders and a half


@pytest.fixture
def dvc_scale(monkeypatch):
    """Imports the benchmark with the modules beside it."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("dvc_scale")


@pytest.fixture
def tree(dvc_scale, tmp_path):
    images = dvc_scale.plan_images(IMAGES)
    dvc_scale.write_tree(tmp_path, images)
    size = dvc_scale.write_images(tmp_path, images)
    return tmp_path, size


def test_the_tree_is_what_the_readers_of_the_benchmark_expect(tree):
    root, _ = tree
    require_benchmark(root)
    items, unmatched = join_items(read_annotations(root, with_partition=True))
    assert len(items) == IMAGES
    assert list(unmatched) == []
    folder = find_image_folder(root, [items[0].image_name])
    assert all(read_image(root / folder / item.image_name).size == (8, 8) for item in items)


def test_every_image_has_its_own_content(tree):
    root, size = tree
    contents = [path.read_bytes() for path in (root / "Img").rglob("*.jpg")]
    assert len({hashlib.md5(content).hexdigest() for content in contents}) == IMAGES
    assert sum(map(len, contents)) == size


def test_linked_files_are_counted_once(dvc_scale, tmp_path):
    (tmp_path / "below").mkdir()
    first = tmp_path / "below/first"
    first.write_bytes(bytes(8192))
    (tmp_path / "second").hardlink_to(first)
    inodes, mib = dvc_scale.count_disk(tmp_path)
    folders_mib = sum(folder.stat().st_blocks for folder in (tmp_path, tmp_path / "below")) * 512 / 2**20
    assert inodes == 3
    assert mib == pytest.approx(folders_mib + 8192 / 2**20)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_prints_a_row_for_each_command_and_kind_of_link(dvc_scale, warm_commands, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "prefix", str(warm_commands))  # where the benchmark finds its commands
    monkeypatch.setattr(dvc_scale, "COMMANDS", (dvc_scale.COMMANDS[-1],))
    monkeypatch.setattr(dvc_scale, "LINKS", ("hardlink",))
    monkeypatch.setattr(sys, "argv", ["dvc_scale.py", "--images=60", "--cached=10", f"--work={tmp_path}"])
    dvc_scale.main()
    rows = [line.split(" | ")[0].removeprefix("| ") for line in capsys.readouterr().out.splitlines() if line[:1] == "|"]
    assert {"`dvc status`", "hardlink", "files", "one archive"} <= set(rows)
    assert list(tmp_path.iterdir()) == []
