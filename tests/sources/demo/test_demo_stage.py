"""The stage that draws the demo, where processes that draw are killed."""

import os
import re
import time
from pathlib import Path

import psutil
import pytest
import yaml

ROOT = Path(__file__).parents[3]
SMALL = {
    "labelled": {"images": 20, "long_side_px": 96},
    "boards": {
        "seasons": 2,
        "drawings_per_board": 3,
        "more_ideas_per_board": 1,
        "more_ideas_drawings": 1,
        "sides_px": [[100, 150], [105, 158], [112, 168]],
    },
}


@pytest.fixture(scope="module")
def start(start_warm):
    """Starts the stage in a folder, on a few small drawings."""

    def start(folder):
        params = yaml.safe_load((ROOT / "data/demo/params.yaml").read_text())
        for section, changes in SMALL.items():
            params["demo"][section] |= changes
        (folder / "data/demo").mkdir(parents=True)
        (folder / "data/demo/params.yaml").write_text(yaml.safe_dump(params))
        return start_warm("stages.demo", folder=folder)

    return start


def read_files(folder):
    """What the stage has read and written."""
    return {path.relative_to(folder): path.read_bytes() for path in (folder / "data").rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def drawn(start, tmp_path_factory):
    """The files of a run that is left in peace."""
    folder = tmp_path_factory.mktemp("drawn")
    stage = start(folder)
    said, _ = stage.communicate(timeout=120)
    assert stage.returncode == 0, said.decode()
    return read_files(folder)


def kill_one_of(stage, processes):
    """Kill the newest process that draws, once there are so many: it has begun, and not ended, its work."""
    children = Path(f"/proc/{stage.pid}/task/{stage.pid}/children")
    while stage.poll() is None:
        alive = [pid for pid in map(int, children.read_text().split()) if is_alive(pid)]
        if len(alive) >= processes:
            psutil.Process(alive[-1]).kill()
            return
        time.sleep(0.002)


def is_alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_drawing_processes_that_are_killed_change_nothing(tmp_path, start, drawn):
    """One is killed while others start, and another one when all draw."""
    stage = start(tmp_path)
    kill_one_of(stage, 1)
    kill_one_of(stage, os.cpu_count())
    said, _ = stage.communicate(timeout=120)
    assert stage.returncode == 0, said.decode()
    lines = re.findall(r"worker process (\d+) was killed by SIGKILL; [^\n]*; another one does its work", said.decode())
    assert len(set(lines)) == 2
    assert read_files(tmp_path) == drawn
