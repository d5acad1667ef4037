"""A run that is killed again and again ends where one that is left in peace ends.

Kills of a scrape, with its browser, are in tests/boards/test_scrape_kills.py.
"""

import hashlib
import os
import re
import signal
import sys
from pathlib import Path

import pytest
import yaml

BIN = Path(sys.executable).parent
TRAINING = "train_dcgan@cropped"
WRITING = "Updating lock file"  # a kill here leaves an empty lock, if it comes at once
KILLS = [  # a stage, and the line that it has come to
    ("dedup", "^dedup: "),  # its output is there, and DVC is about to keep it
    (TRAINING, r"\| 1/2 "),  # epochs
    (TRAINING, WRITING),
]
LAST_KILL = ("report", "Running stage")  # not later: a run that ends by itself could not be killed


@pytest.fixture
def clone(copy_finished):
    """A clone whose lock is of an earlier run for the stages that are to be killed, as Git's is."""
    clone = copy_finished()
    lock = clone.read_yaml("dvc.lock")
    earlier = yaml.load(clone.run("git show HEAD~1:dvc.lock"), yaml.CSafeLoader)["stages"]
    for stage in {stage for stage, _ in (*KILLS, LAST_KILL)}:
        assert lock["stages"][stage] != earlier[stage]
        lock["stages"][stage] = earlier[stage]
    (clone.folder / "dvc.lock").write_text(yaml.dump(lock, Dumper=yaml.CSafeDumper, sort_keys=False))
    clone.commit("The lock of an earlier run")
    clone.run("rm -r .dvc/cache/runs && dvc gc --quiet --force --workspace")
    return clone


def kill(clone, stage: str, moment: str) -> list[str]:
    """Run the pipeline, and SIGKILL all of it once a stage has come to a line; gives the stages that ran."""
    # A command of `clone.commands` dies a moment later than the process that called it: DVC itself must not be one.
    dvc = BIN / "dvc" if moment == WRITING else "dvc"
    process = clone.start(f"{dvc} repro", clone.commands)
    ran: list[str] = []
    for line in process.stdout:
        ran += re.findall("Running stage '(.*)'", line)
        if ran and ran[-1] == stage and re.search(moment, line):
            os.killpg(process.pid, signal.SIGKILL)
            rest, _ = process.communicate()
            assert process.returncode == -signal.SIGKILL, rest
            return ran
    raise AssertionError(f"{stage} ended before it was killed; these ran: {ran}")


def broken_objects(cache: Path) -> list[Path]:
    """The files in DVC's cache whose content is not what their name says."""
    objects = [path for path in cache.rglob("*") if path.is_file()]
    assert objects
    return [
        path
        for path in objects
        if hashlib.md5(path.read_bytes()).hexdigest() != path.parent.name + path.name.removesuffix(".dir")
    ]


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(1800)  # `finished` may have to run first
def test_a_run_killed_again_and_again_ends_where_one_in_peace_ends(clone, finished):
    for stage, line in KILLS:
        assert kill(clone, stage, line)[-1] == stage
    # What `fashiongen doctor` says to do where a kill has cut off the lock costs no training: the cache has it.
    clone.run("git checkout dvc.lock")
    assert TRAINING in clone.run(f"dvc status {TRAINING}")
    assert kill(clone, *LAST_KILL) == ["report"]
    clone.run("dvc repro --quiet")
    for name in ("data/demo/dvc.lock", "dvc.lock"):
        assert (clone.folder / name).read_bytes() == (finished / name).read_bytes()
    for metric in filter(Path.is_file, (finished / "metrics").rglob("*")):
        assert (clone.folder / metric.relative_to(finished)).read_bytes() == metric.read_bytes()
    checkpoints = clone.folder / ".checkpoints"
    kept = (checkpoints / "scrape", checkpoints / "image_sizes.sqlite")  # for later runs: downloads, and sizes
    files = (path for path in checkpoints.rglob("*") if path.is_file() and path.suffix != ".lock")
    left = [path for path in files if not any(path.is_relative_to(place) for place in kept)]
    assert left == []
    assert broken_objects(clone.folder / ".dvc/cache/files/md5") == []
    assert "up to date" in clone.run("dvc status")
