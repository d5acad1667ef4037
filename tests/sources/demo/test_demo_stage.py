"""The stage that draws the demo, where a process that draws is killed."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, os.cpu_count()], ids=["while others start", "when all draw"])
def test_a_drawing_process_that_is_killed_ends_the_stage_with_one_line(tmp_path, processes):
    (tmp_path / "data/demo").mkdir(parents=True)
    shutil.copy(ROOT / "data/demo/params.yaml", tmp_path / "data/demo")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "stages.demo"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as stage:
        while len(drawing := psutil.Process(stage.pid).children()) < processes and stage.poll() is None:
            time.sleep(0.01)
        drawing[0].kill()
        _, said = stage.communicate(timeout=120)
    assert stage.returncode == 1
    (line,) = [line for line in said.splitlines() if line.startswith("error:")]
    assert re.fullmatch(r"error: worker process \d+ was killed by SIGKILL; the system kills a process when .*", line)
    assert "Traceback" not in said
    assert not (tmp_path / "data/demo/boards").exists()
