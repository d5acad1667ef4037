"""A run that is killed again and again, with its browser and all, ends where one that is left in peace ends."""

import hashlib
import json
import os
import random
import re
import signal
import time
from pathlib import Path

import pytest
import yaml

KILLS, SEED = 10, 7
LATEST_FRAC = 0.3  # of the last stage: later, it could be over where the machine is faster than it was in the whole run
LOCKS = ("data/demo/dvc.lock", "dvc.lock")


def kill(clone, begun_s: dict[str, float], moment_s: float) -> tuple[str, bool]:
    """Run `dvc repro` to the stage that a whole run is in at a moment, and as far into it: then SIGKILL to all of it.

    Gives the last stage that had begun, and whether the run was still there to be killed.
    """
    mend_locks(clone)
    stages = list(begun_s)
    target = max((stage for stage in stages if begun_s[stage] <= moment_s), key=begun_s.__getitem__, default=stages[0])
    process, said = clone.start("dvc repro", clone.commands), []
    for _, line in clone.follow(process):
        said.append(line)
        found = re.match("Running stage '(.*)'", line)
        if found and stages.index(found[1]) >= stages.index(target):
            time.sleep(max(0, moment_s - begun_s[target]))
            os.killpg(process.pid, signal.SIGKILL)
            rest, _ = process.communicate()
            stage = [found[1], *re.findall("Running stage '(.*)'", rest)][-1]
            return stage, process.returncode == -signal.SIGKILL
    raise AssertionError(f"ended by itself before {moment_s:.1f} s of a whole run:\n{''.join(said)[-8000:]}")


def mend_locks(clone) -> None:
    """What `fashiongen doctor` says to do where the last kill came while DVC wrote a lock."""
    for name in LOCKS:
        if not (clone.folder / name).read_text().endswith("\n"):
            clone.run(f"git checkout {name}")


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
def test_a_run_killed_ten_times_ends_where_one_in_peace_ends(lay_out, finished, tmp_path):
    times = json.loads((finished / ".git/times.json").read_text())
    (tmp_path / "clone").mkdir()
    clone = lay_out(tmp_path / "clone")
    rng = random.Random(SEED)
    last_s = max(times["begun_s"].values())
    latest_s = last_s + LATEST_FRAC * (times["whole_s"] - last_s)
    tenth_s = latest_s / KILLS
    alive = 0
    for number in range(KILLS):  # one in each tenth of the run
        moment_s = (number + rng.random()) * tenth_s
        stage, was_alive = kill(clone, times["begun_s"], moment_s)
        print(f"{moment_s:.1f} s: {stage}")
        alive += was_alive
    assert alive >= KILLS - 1  # the last may come too late where the machine has become faster
    mend_locks(clone)
    clone.run("dvc repro --quiet")
    for name in LOCKS:
        assert (clone.folder / name).read_bytes() == (finished / name).read_bytes()
    for metric in filter(Path.is_file, (finished / "metrics").rglob("*")):
        assert (clone.folder / metric.relative_to(finished)).read_bytes() == metric.read_bytes()
    left = [path for path in (clone.folder / ".checkpoints").rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert left == []
    assert broken_objects(clone.folder / ".dvc/cache/files/md5") == []
    assert "up to date" in clone.run("dvc status")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(1800)
def test_a_lock_cut_off_by_a_kill_costs_no_training(copy_finished):
    """As `fashiongen doctor` says: the lock as Git has it, and what has run comes out of the cache."""
    clone = copy_finished()
    lock = clone.folder / "dvc.lock"
    whole = lock.read_bytes()
    clone.run("git checkout --quiet HEAD~1 -- dvc.lock")  # Git's is of another run, as when work goes on
    before = lock.read_bytes()
    assert before != whole
    clone.commit("The lock of an earlier run")
    for kept in (b"", whole[: len(whole) // 2]):
        lock.write_bytes(kept)
        assert "`git checkout dvc.lock`" in clone.run("fashiongen doctor", status=1)
    clone.run("git checkout dvc.lock")
    assert lock.read_bytes() == before
    ran = re.findall("Running stage '(.*)'", clone.run("dvc repro train_dcgan"))
    assert ran == ["select_detector"]  # a collector, whose metrics are in Git and not in the cache
    later = dict.fromkeys(("evaluate", "report"))  # which did not run
    assert clone.read_yaml("dvc.lock")["stages"] | later == yaml.safe_load(whole)["stages"] | later
