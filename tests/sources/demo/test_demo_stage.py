"""The stage that draws the demo, where a process that draws is killed."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml

ROOT = Path(__file__).parents[3]
SMALL = {
    "labelled": {"images": 20, "long_side_px": 96},
    "boards": {
        "drawings_per_board": 3,
        "more_ideas_per_board": 1,
        "more_ideas_drawings": 1,
        "sides_px": [[100, 150], [105, 158], [112, 168]],
    },
}


def start(folder):
    """The stage in a folder, on a few small drawings."""
    params = yaml.safe_load((ROOT / "data/demo/params.yaml").read_text())
    for section, changes in SMALL.items():
        params["demo"][section] |= changes
    (folder / "data/demo").mkdir(parents=True)
    (folder / "data/demo/params.yaml").write_text(yaml.safe_dump(params))
    command = [sys.executable, "-m", "stages.demo"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)


def read_files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The files of a run that is left in peace."""
    folder = tmp_path_factory.mktemp("drawn")
    with start(folder) as stage:
        _, said = stage.communicate(timeout=120)
    assert stage.returncode == 0, said
    return read_files(folder)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, os.cpu_count()], ids=["while others start", "when all draw"])
def test_a_drawing_process_that_is_killed_changes_nothing(tmp_path, drawn, processes):
    with start(tmp_path) as stage:
        while len(drawing := psutil.Process(stage.pid).children()) < processes and stage.poll() is None:
            time.sleep(0.01)
        drawing[0].kill()
        _, said = stage.communicate(timeout=120)
    assert stage.returncode == 0, said
    assert re.search(r"worker process \d+ was killed by SIGKILL; [^\n]*; another one does its work", said)
    assert read_files(tmp_path) == drawn
