"""The order of the stages, what is stale, locks and remotes, in a repository that DVC itself made."""

import subprocess
import sys
from functools import partial

import pytest

from fashiongen.cli.dvc_project import find_stale, is_complete_lock, plan_stages, read_remotes
from fashiongen.cli.jobs.processes import Ended, Line
from fashiongen.cli.jobs.reproduction import reproduce
from fashiongen.errors import AlreadyRunning, BadInput

# of a library that DVC reads its paths with
pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep.value:DeprecationWarning")

PIPELINE = """
stages:
  sort: {cmd: sort data.txt > sorted.txt, deps: [data.txt], outs: [sorted.txt]}
  fit:
    matrix: {seed: [7, 8]}
    cmd: cat sorted.txt > fit-${item.seed}.txt
    deps: [sorted.txt]
    outs: ["fit-${item.seed}.txt"]
  pick: {cmd: cat fit-7.txt fit-8.txt > best.txt, deps: [fit-7.txt, fit-8.txt], outs: [best.txt]}
  draw:
    foreach: {left: 1, right: 2}
    do: {cmd: "cat best.txt > ${key}.txt", deps: [best.txt], outs: ["${key}.txt"]}
  count: {cmd: wc -l data.txt > lines.txt, deps: [data.txt], outs: [lines.txt]}
"""


def dvc(*words: str, folder) -> None:
    subprocess.run([sys.executable, "-m", "dvc", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A small pipeline that is up to date."""
    folder = tmp_path_factory.mktemp("pipeline")
    dvc("init", "--no-scm", folder=folder)
    dvc("config", "core.analytics", "false", folder=folder)
    (folder / "dvc.yaml").write_text(PIPELINE)
    (folder / "data.txt").write_text("b\na\n")
    dvc("repro", "--quiet", folder=folder)
    return folder


@pytest.fixture
def pipeline(ran, monkeypatch):
    """The pipeline, in which a test may change data.txt and nothing else."""
    monkeypatch.chdir(ran)
    yield ran
    (ran / "data.txt").write_text("b\na\n")


STAGES = {
    "sort": set(),
    "fit@7": {"sort"},
    "fit@8": {"sort"},
    "pick": {"fit@7", "fit@8"},
    "draw@left": {"pick"},
    "draw@right": {"pick"},
    "count": set(),
}
run_stages = partial(reproduce, jobs=2, devices=[], expected_s={})


@pytest.mark.slow
def test_each_stage_stands_after_those_that_it_needs(pipeline):
    stages = plan_stages(pipeline, None)
    assert stages == STAGES
    order = list(stages)
    assert all(order.index(needed) < order.index(name) for name, needs in stages.items() for needed in needs)


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("pick", ["sort", "fit@7", "fit@8", "pick"]),
        ("fit", ["sort", "fit@7", "fit@8"]),
        ("fit@8", ["sort", "fit@8"]),
    ],
)
def test_a_target_needs_the_stages_before_it_and_no_others(pipeline, target, names):
    assert plan_stages(pipeline, target) == {name: STAGES[name] for name in names}


def test_nothing_is_stale_after_a_run_and_nothing_runs(pipeline):
    assert find_stale(pipeline, ["sort", "fit@7", "draw@left"]) == []
    assert list(run_stages(pipeline, None)) == []


@pytest.mark.slow
def test_what_depends_on_a_changed_file_is_stale_and_the_rest_is_skipped_if_that_gives_the_same_again(pipeline):
    (pipeline / "data.txt").write_text("a\nb\n")  # sorted, this is what it was
    assert find_stale(pipeline, ["sort", "fit@7", "pick", "count"]) == ["sort", "count"]
    lines = [event for event in run_stages(pipeline, "fit@8") if isinstance(event, Line)]
    assert "Running stage 'sort':" in [line.text for line in lines if line.name == "sort"]
    assert "Stage 'fit@8' didn't change, skipping" in [line.text for line in lines if line.name == "fit@8"]
    assert not any(line.text.startswith("Running stage 'fit") for line in lines)
    assert find_stale(pipeline, ["sort", "fit@7"]) == []


@pytest.mark.slow
def test_the_stage_that_is_expected_to_take_longest_begins_first(pipeline):
    (pipeline / "data.txt").write_text("c\na\n")
    expected = {"sort": 1.0, "fit@7": 2.0, "fit@8": 3.0, "count": 4.0}
    events = run_stages(pipeline, "fit", jobs=1, expected_s=expected)
    assert [event.name for event in events if isinstance(event, Ended)] == ["sort", "fit@8", "fit@7"]


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ("iron", "iron"),
        ("fit@9", "fit@9"),
        ("iron@7", "iron@7"),
        ("iron.dvc", "iron.dvc"),
        ("no/dvc.yaml:fit", "no/dvc.yaml"),
    ],
)
def test_a_target_that_is_no_stage_is_one_line_that_lists_the_stages(pipeline, target, named):
    with pytest.raises(BadInput, match=rf"^[^\n]*{named}[^\n]*; choose from count, draw, fit, pick, sort$"):
        plan_stages(pipeline, target)


def test_a_folder_without_dvc_is_named_in_a_line(tmp_path):
    with pytest.raises(BadInput, match=rf"^{tmp_path}: [^\n]*not inside of a DVC repository[^\n]*$"):
        plan_stages(tmp_path, None)


@pytest.mark.slow
def test_another_dvc_at_work_is_an_error_that_says_so(pipeline):
    holds = "import sys, dvc.repo; r = dvc.repo.Repo('.'); r.lock.lock(); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(AlreadyRunning, match="another DVC is at work here; wait for it"):
            find_stale(pipeline, ["sort"])
        other.stdin.close()


def test_a_lock_that_was_cut_off_anywhere_is_incomplete(pipeline, tmp_path):
    whole = (pipeline / "dvc.lock").read_text()
    lock = tmp_path / "dvc.lock"
    for length in range(0, len(whole), 50):
        lock.write_text(whole[:length].rstrip("\n"))
        assert not is_complete_lock(lock)
    lock.write_text(whole)
    assert is_complete_lock(lock)


@pytest.mark.slow
def test_the_remotes_are_those_of_all_files_and_of_the_committed_one(tmp_path):
    dvc("init", "--no-scm", folder=tmp_path)
    dvc("remote", "add", "--default", "store", "s3://bucket/path", folder=tmp_path)
    dvc("remote", "modify", "--local", "store", "profile", "team", folder=tmp_path)
    remotes = read_remotes(tmp_path)
    assert remotes.default == "store"
    assert remotes.configured["store"]["profile"] == "team"
    assert remotes.committed == {"store": {"url": "s3://bucket/path"}}
