"""The stage that draws the demo, where a process that draws is killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def find_drawing(pid: int) -> list[int]:
    """The children of a process that draw."""
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@pytest.mark.slow
def test_a_drawing_process_that_is_killed_ends_the_stage_with_one_line(tmp_path):
    (tmp_path / "data/demo").mkdir(parents=True)
    shutil.copy(ROOT / "data/demo/params.yaml", tmp_path / "data/demo")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "stages.demo"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as stage:
        while not find_drawing(stage.pid) and stage.poll() is None:
            time.sleep(0.05)
        os.kill(find_drawing(stage.pid)[0], signal.SIGKILL)
        _, said = stage.communicate(timeout=120)
    assert stage.returncode == 1
    (line,) = [line for line in said.splitlines() if line.startswith("error:")]
    assert line.startswith("error: a process that draws images died; the system kills a process when memory runs out")
    assert "Traceback" not in said
    assert not (tmp_path / "data/demo/boards").exists()
