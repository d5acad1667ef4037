"""`fashiongen train` in a clone whose pipeline has run: the lock that it leaves, and how it fails and stops."""

import re
import signal
import time
from pathlib import Path

import pytest
import yaml

from fashiongen.cli.jobs.shares import count_cores

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800)]  # the first waits for the whole run


@pytest.fixture(scope="module")
def clone(copy_finished):
    return copy_finished()


@pytest.fixture
def params(clone):
    """The finished run's params.yaml and dvc.lock, put back after a test that changes them."""
    files = {clone.folder / name: (clone.folder / name).read_bytes() for name in ("params.yaml", "dvc.lock")}
    yield clone.read_yaml("params.yaml")
    for file, content in files.items():
        file.write_bytes(content)


def forget(clone, *stages: str) -> None:
    """As if these had never run."""
    lock = clone.read_yaml("dvc.lock")
    for stage in stages:
        del lock["stages"][stage]
    (clone.folder / "dvc.lock").write_text(yaml.safe_dump(lock, sort_keys=False))
    clone.run("rm -r .dvc/cache/runs")


def processes_in(folder: Path) -> list[str]:
    """What runs in a folder, whoever its parent is."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve().is_relative_to(folder):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it has ended, or is none of ours
    return found


def test_nothing_runs_where_nothing_is_stale(clone):
    before = (clone.folder / "dvc.lock").read_bytes()
    assert clone.run("fashiongen train --jobs 2") == "nothing is stale: the pipeline is up to date\n"
    assert (clone.folder / "dvc.lock").read_bytes() == before


def test_with_all_threads_each_the_lock_is_that_of_a_run_one_after_the_other(clone, params):
    """Two backbones, what needs them, then two variants; DVC's own order made the lock that is compared."""
    before = clone.read_yaml("dvc.lock")
    trained = ["train_detector@resnet18", "train_detector@resnet34", "train_dcgan@original", "train_dcgan@subset"]
    forget(clone, *trained)
    shown = clone.run(f"fashiongen train train_dcgan --jobs 2 --threads {count_cores()}").splitlines()
    assert clone.read_yaml("dvc.lock") == before
    assert {line.split(" | ")[0] for line in shown} == set(trained)
    runs, ends = ([line.split(" | ")[0] for line in shown if end in line] for end in ("Running stage", "| finished"))
    assert (set(runs[:2]), set(runs[2:])) == (set(trained[:2]), set(trained[2:])) == (set(ends[:2]), set(ends[2:]))
    second_start = max(index for index, line in enumerate(shown) if "Running stage 'train_dcgan" in line)
    first_end = min(index for index, line in enumerate(shown) if re.match("train_dcgan.* finished", line))
    assert second_start < first_end


def test_one_that_fails_is_named_after_the_others_have_finished(clone, params):
    params["dcgan"]["variants"]["cropped"]["epochs"] += 1
    params["dcgan"]["variants"]["subset"]["query"]["brand"] = "Nobody"
    (clone.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    *shown, last = clone.run("fashiongen train --jobs 2", status=1).splitlines()
    assert last == (
        "error: train_dcgan@subset failed, see above; fix the cause and run the same command again: finished stages "
        "are kept, and a training resumes from its last checkpoint"
    )
    assert any(line.startswith("train_dcgan@subset | error: ") for line in shown)
    assert "train_dcgan@cropped | finished" in shown
    assert not any(line.startswith("evaluate") for line in shown)
    locked = clone.read_yaml("dvc.lock")["stages"]["train_dcgan@cropped"]["params"]["params.yaml"]
    assert locked["dcgan.variants.cropped"]["epochs"] == params["dcgan"]["variants"]["cropped"]["epochs"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_no_process(clone, params, number):
    for variant in ("cropped", "original"):
        params["dcgan"]["variants"][variant]["epochs"] = 100_000
    (clone.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    run = clone.start("exec fashiongen train train_dcgan --jobs 2")
    training = set()
    for line in run.stdout:
        name, _, text = line.partition(" | ")
        if "epoch" in text or "%|" in text:
            training.add(name)
        if len(training) == 2:
            break
    run.send_signal(number)
    rest, _ = run.communicate()
    assert run.returncode == 130
    assert rest.splitlines()[-1].startswith("stopped; what finished is kept")
    deadline = time.monotonic() + 60
    while processes_in(clone.folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_in(clone.folder) == []
