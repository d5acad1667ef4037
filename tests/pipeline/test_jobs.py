"""`fashiongen train` in a clone whose pipeline has run: the lock that it leaves, and how it fails and stops."""

import signal
import time
from pathlib import Path

import pytest
import yaml

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800)]  # the first waits for the whole run

BACKBONE, VARIANT, FAILING = "train_detector@resnet18", "train_dcgan@cropped", "train_dcgan@subset"
OUTCOMES = {BACKBONE: "finished", VARIANT: "finished", FAILING: "failed with status 255"}


@pytest.fixture(scope="module")
def clone(copy_finished):
    return copy_finished()


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


# of a library that DVC reads its paths with
@pytest.mark.filterwarnings("ignore:_NoneStep.value:DeprecationWarning")
def test_nothing_runs_where_nothing_is_stale(clone, call, monkeypatch):
    before = (clone.folder / "dvc.lock").read_bytes()
    monkeypatch.chdir(clone.folder)
    assert call("train", "--jobs", "2") == (0, "nothing is stale: the pipeline is up to date\n", "")
    assert (clone.folder / "dvc.lock").read_bytes() == before


@pytest.fixture(scope="module")
def run(clone):
    """The lines of a run where a backbone and a variant have never run, and another variant has a query that fails."""
    params = (clone.folder / "params.yaml").read_bytes()
    clone.change_yaml("params.yaml", {"dcgan": {"variants": {"subset": {"query": {"brand": "Nobody"}}}}})
    lock = clone.read_yaml("dvc.lock")
    for stage in (BACKBONE, VARIANT):
        del lock["stages"][stage]
    (clone.folder / "dvc.lock").write_text(yaml.dump(lock, Dumper=yaml.CSafeDumper, sort_keys=False))
    clone.run("rm -r .dvc/cache/runs")
    lines = clone.run("fashiongen train --jobs 2", status=1).splitlines()
    (clone.folder / "params.yaml").write_bytes(params)
    return lines


def test_the_lock_is_that_of_a_run_one_after_the_other(clone, finished, run):
    """DVC's own order made the lock that is compared."""
    assert clone.read_yaml("dvc.lock") == clone.read_yaml(finished / "dvc.lock")


def test_what_is_stale_runs_after_what_it_needs_and_its_items_side_by_side(run):
    begun = {name: run.index(f"{name} | Running stage '{name}':") for name in (BACKBONE, VARIANT, FAILING)}
    ended = {name: run.index(f"{name} | {end}") for name, end in OUTCOMES.items()}
    assert {line.split(" | ")[0] for line in run if " | Running stage" in line} == set(OUTCOMES)
    assert ended[BACKBONE] < min(begun[VARIANT], begun[FAILING])
    assert max(begun[VARIANT], begun[FAILING]) < min(ended[VARIANT], ended[FAILING])


def test_one_that_fails_is_named_after_the_others_have_finished(run):
    assert any(line.startswith(f"{FAILING} | error: no images of the train split fit") for line in run)
    assert f"{VARIANT} | finished" in run
    assert run[-1] == (
        f"error: {FAILING} failed, see above; fix the cause and run the same command again: finished stages "
        "are kept, and a training resumes from its last checkpoint"
    )


def test_a_run_that_is_stopped_leaves_no_process(clone, run):
    """By SIGTERM; tests of the processes side by side prove the same of Ctrl-C, and of several."""
    clone.change_yaml("params.yaml", {"dcgan": {"variants": {"cropped": {"epochs": 100_000}}}})
    stopped = clone.start("exec fashiongen train train_dcgan@cropped --jobs 2")
    for line in stopped.stdout:
        if "epoch" in line or "%|" in line:
            break
    stopped.send_signal(signal.SIGTERM)
    rest, _ = stopped.communicate()
    assert stopped.returncode == 130
    assert rest.splitlines()[-1].startswith("stopped; what finished is kept")
    deadline = time.monotonic() + 60
    while processes_in(clone.folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_in(clone.folder) == []
