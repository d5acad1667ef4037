"""The benchmark of `dvc status`: its images are ours to read, and its table comes from real commands."""

import importlib
import sys
from pathlib import Path

import pytest

from fashiongen.images.shards import list_shard, read_content

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def dvc_status(monkeypatch):
    """Imports the benchmark with the modules beside it."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("dvc_status")


def test_shards_and_files_hold_the_same_images(dvc_status, tmp_path, monkeypatch):
    monkeypatch.setattr(dvc_status, "PER_SHARD", 4)
    dvc_status.write_shards(tmp_path / "shards", 10)
    dvc_status.write_files(tmp_path / "files", 10)
    sizes = [len(list_shard(shard)) for shard in sorted((tmp_path / "shards").iterdir())]
    images = [path for shard in sorted((tmp_path / "shards").iterdir()) for path in list_shard(shard)]
    assert sizes == [4, 4, 2]
    assert {path.name: read_content(path) for path in images} == {
        path.name: path.read_bytes() for path in (tmp_path / "files").iterdir()
    }


def test_the_extrapolation_extends_the_line_through_two_measurements(dvc_status):
    """Two seconds of DVC's own, and three per thousand files."""
    times = [dvc_status.Times(*[2 + 0.003 * files] * 4) for files in (1000, 5000)]
    assert dvc_status.extrapolate(times, (1000, 5000), 100_000) == pytest.approx([302.0] * 4)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_prints_a_row_for_each_layout_and_the_ratio(dvc_status, warm_commands, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "prefix", str(warm_commands))  # where the benchmark finds its commands
    monkeypatch.setattr(dvc_status, "ROUNDS", 1)
    monkeypatch.setattr(sys, "argv", ["dvc_status.py", "--images=20", "--files", "2", "4", f"--work={tmp_path}"])
    dvc_status.main()
    output = capsys.readouterr().out
    rows = [line.split(" | ")[0].removeprefix("| ") for line in output.splitlines() if line[:1] == "|"]
    assert rows[2:] == ["20 in shards", "2", "4", "20, extrapolated"]
    assert "the goal of 10 s is" in output
    assert list(tmp_path.iterdir()) == []
