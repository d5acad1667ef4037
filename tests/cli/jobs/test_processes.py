"""Real processes side by side: who runs when, what is shown of them, and that none stays behind."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from fashiongen.cli.jobs.processes import Ended, Line, interruptible, read_lines, run_side_by_side, thin_out

ROOT = Path(__file__).parents[3]


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def read(content: bytes) -> list[tuple[str, bool]]:
    source, sink = os.pipe()
    os.write(sink, content)
    os.close(sink)
    with os.fdopen(source, "rb") as stream:
        return [(line.text, line.is_progress) for line in read_lines("job", stream)]


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie, whom its parent has not fetched yet, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"one\ntwo\n", [("one", False), ("two", False)]),
        (b"no end", [("no end", False)]),
        (b"\r 0%\r 50%\r100%\nnext\n", [(" 0%", True), (" 50%", True), ("100%", False), ("next", False)]),
        (b"windows\r\n", [("windows", False)]),
        (b"\x1b[31mred\x1b[0m\x1b[A\n\n   \n", [("red", False)]),
        ("Kōmori\n".encode() + b"\xff\n", [("Kōmori", False), ("�", False)]),
    ],
)
def test_lines_and_the_states_of_a_bar_are_told_apart(content, lines):
    assert read(content) == lines


MEET = """
import os, sys, time
from pathlib import Path
print(os.environ["SHARE"], time.monotonic())
here, name = map(Path, sys.argv[1:])
(here / name).touch()
while len(list(here.iterdir())) < 2:
    time.sleep(0.01)
print("end", time.monotonic())
"""


@pytest.mark.slow
def test_as_many_run_at_a_time_as_there_are_shares_and_each_sees_its_own(tmp_path):
    """The first waits for the second: it would wait for ever if they did not run at the same time."""
    jobs = {name: [*python(MEET), str(tmp_path), name] for name in "abcde"}
    events = list(run_side_by_side(jobs, [{"SHARE": "left"}, {"SHARE": "right"}]))
    assert sorted(event.name for event in events if isinstance(event, Ended)) == list("abcde")
    spans = {}
    for name in jobs:
        (share, start), (_, end) = (
            event.text.split() for event in events if event.name == name and isinstance(event, Line)
        )
        spans.setdefault(share, []).append((float(start), float(end)))
    for share, taken in spans.items():
        taken.sort()
        assert all(end < start for (_, end), (start, _) in pairwise(taken)), share
    (first, *_), (second, *_) = spans["left"], spans["right"]
    assert max(first[0], second[0]) < min(first[1], second[1])


def test_one_that_fails_leaves_the_others_be(tmp_path):
    """The good one ends after the bad one, whose end it is told."""
    told = tmp_path / "told"
    wait = f"import time, pathlib\nwhile not pathlib.Path({str(told)!r}).exists(): time.sleep(0.01)\nprint('done')"
    jobs, events = {"bad": python("raise SystemExit(3)"), "good": python(wait)}, []
    for event in run_side_by_side(jobs, [{}, {}]):
        events.append(event)
        told.touch()
    assert events == [Ended("bad", 3), Line("good", "done", False), Ended("good", 0)]
    assert [event.text for event in events] == ["failed with status 3", "done", "finished"]


def test_a_command_runs_after_those_that_it_needs_and_never_if_one_of_them_failed():
    jobs = {name: python("") for name in ("last", "middle", "first")} | {"bad": python("raise SystemExit(3)")}
    jobs |= {"after bad": python(""), "after after bad": python("")}
    needs = {"last": {"middle"}, "middle": {"first", "not one of these"}, "after bad": {"bad"}}
    events = list(run_side_by_side(jobs, [{}], needs=needs | {"after after bad": {"after bad"}}))
    assert events == [Ended("first", 0), Ended("middle", 0), Ended("last", 0), Ended("bad", 3)]


def test_one_beside_which_no_other_can_run_has_the_whole_machine():
    show = python("import os; print(os.environ['SHARE'])")
    jobs = {"first": show, "left": show, "right": show, "last": show}
    needs = {"left": {"first"}, "right": {"first"}, "last": {"left", "right"}}
    run = run_side_by_side(jobs, [{"SHARE": "half"}] * 2, needs=needs, alone={"SHARE": "whole"})
    shown = {event.name: event.text for event in run if isinstance(event, Line)}
    assert shown == {"first": "whole", "left": "half", "right": "half", "last": "whole"}


def test_a_bar_is_shown_now_and_then_and_every_line_is():
    lines = [Line("a", f"{percent} %", True) for percent in range(100)]
    events = [*lines, Line("b", "0 %", True), Line("a", "100 %", False), Ended("a", 0)]
    assert list(thin_out(events, every_s=60.0)) == [lines[0], *events[-3:]]
    assert list(thin_out(events, every_s=0.0)) == events


FAMILY = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
{deaf}
child.wait()
"""
DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"


@pytest.mark.parametrize("deaf", ["", DEAF], ids=["hears", "deaf as DVC is while its stage runs"])
def test_an_iteration_that_ends_early_leaves_no_child_of_a_child(deaf, monkeypatch):
    """The patience is longer than the test may take: all end by the signal, and none has to be killed."""
    monkeypatch.setattr("fashiongen.cli.jobs.processes.STOP_S", 3600)
    with closing(run_side_by_side({"family": python(FAMILY.format(deaf=deaf))}, [{}])) as events:
        grandchild = int(next(events).text)
        assert is_alive(grandchild)
    assert wait_until(lambda: not is_alive(grandchild))


@pytest.mark.slow
def test_one_that_ignores_every_signal_is_killed(monkeypatch):
    monkeypatch.setattr("fashiongen.cli.jobs.processes.STOP_S", 0.5)
    code = f"{DEAF}; import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with closing(run_side_by_side({"deaf": python(code)}, [{}])) as events:
        pid = int(next(events).text)
    assert not is_alive(pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_an_interrupt_inside_the_block_and_what_it_was_after_it(number):
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interruptible():
        os.kill(os.getpid(), number)
        time.sleep(60)
    assert signal.getsignal(number) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_program_that_is_stopped_takes_its_jobs_with_it(number):
    program = f"""
import sys
from contextlib import closing
from fashiongen.cli.jobs.processes import interruptible, run_side_by_side
jobs = {{name: [sys.executable, "-c", {FAMILY.format(deaf="")!r}] for name in "ab"}}
with interruptible(), closing(run_side_by_side(jobs, [{{}}, {{}}])) as events:
    for event in events:
        print(event.text, flush=True)
"""
    with subprocess.Popen(
        python(program), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as main:
        grandchildren = [int(main.stdout.readline()) for _ in "ab"]
        main.send_signal(number)
        assert main.wait(60) != 0
    assert wait_until(lambda: not any(map(is_alive, grandchildren)))
