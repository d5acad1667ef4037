"""Real worker processes: results in order, and one line when a worker dies, whatever the size of shared memory."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import torch

from fashiongen.errors import BadInput, WorkerLost
from fashiongen.runtime.workers import map_in_processes

ROOT = Path(__file__).parents[2]
MIB = 2**20
map_tensors = partial(map_in_processes, initialize=partial(torch.set_num_threads, 1))


def square(number):
    return number * number


def make_tensor(mib, number):
    return torch.full((mib, MIB), number, dtype=torch.uint8)


def pid_and_tensor(number):
    return os.getpid(), make_tensor(4, number)


def die_at(end, last, number):
    if number == last:
        end()
    return number


def kill_itself():
    os.kill(os.getpid(), signal.SIGKILL)


def raise_an_error(error):
    raise error


def is_alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_dead(pids, seconds=60):
    deadline = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(is_alive, pids))


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1, 2, 3, 20])
def test_results_come_in_order(workers):
    assert list(map_in_processes(square, range(10), workers=workers)) == [square(number) for number in range(10)]
    assert list(map_in_processes(square, [], workers=workers)) == []


def test_tensors_arrive_whole():
    received = list(map_tensors(partial(make_tensor, 8), range(5), workers=2))
    assert all(torch.equal(tensor, make_tensor(8, number)) for number, tensor in enumerate(received))


def test_each_worker_is_initialized():
    threads = list(map_tensors(torch_threads, range(4), workers=2))
    assert threads == [1] * 4


def torch_threads(number):
    return torch.get_num_threads()


@pytest.mark.parametrize(("workers", "last"), [(1, 0), (2, 3)])
@pytest.mark.parametrize(
    ("end", "line"),
    [
        (kill_itself, r"worker process \d+ was killed by SIGKILL; the system kills [^\n]+ memory runs out[^\n]+"),
        (partial(os._exit, 3), r"worker process \d+ ended with status 3; [^\n]+"),
        (partial(raise_an_error, ValueError("odd")), r"worker process \d+ ended with status 1; [^\n]+"),
        (partial(raise_an_error, BrokenPipeError("odd")), r"worker process \d+ ended with status 1; [^\n]+"),
    ],
    ids=["killed", "exit", "error", "a pipe of its own"],
)
def test_an_item_that_no_worker_survives_ends_the_iteration_with_one_line(end, line, workers, last, capfd):
    results = map_in_processes(partial(die_at, end, last), range(8), workers=workers)
    assert [next(results) for _ in range(last)] == list(range(last))
    with pytest.raises(WorkerLost, match=f"^{line}$"):
        next(results)
    assert ("Error: odd" in capfd.readouterr().err) == (line.find("status 1") > 0)


def die_once(end, folder, number):
    """Number 3 ends its process the first time."""
    try:
        (folder / f"{number}").touch(exist_ok=number != 3)
        if number == 3:
            end()
    except FileExistsError:
        pass
    return number


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_another_worker_does_the_work_of_one_that_was_killed(workers, tmp_path, capfd):
    results = map_in_processes(partial(die_once, kill_itself, tmp_path), range(12), workers=workers)
    assert list(results) == list(range(12))
    assert re.fullmatch(
        r"worker process \d+ was killed by SIGKILL; [^\n]+; another one does its work\n", capfd.readouterr().err
    )


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_sending_has_its_work_done_again():
    """Its next result is larger than a pipe holds, so it waits in the middle of it."""
    results = map_tensors(pid_and_tensor, range(8), workers=1)
    pid, _ = next(results)
    time.sleep(0.5)
    os.kill(pid, signal.SIGKILL)
    rest = list(results)
    assert all(torch.equal(tensor, make_tensor(4, number)) for number, (_, tensor) in enumerate(rest, 1))
    assert {other for other, _ in rest} != {pid}


def test_an_expected_error_arrives_as_it_is():
    end = partial(raise_an_error, BadInput("table.csv:3: no number"))
    results = map_in_processes(partial(die_at, end, 2), range(6), workers=2)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(BadInput, match=r"^table.csv:3: no number$"):
        next(results)


class Unreadable:
    """A result that raises an error of the file system where it is read."""

    def __reduce__(self):
        return raise_an_error, (FileNotFoundError(2, "No such file", "font.ttf"),)


def return_unreadable(number):
    return Unreadable()


def test_an_error_while_a_result_is_read_is_raised_as_it_is():
    """It is no lost worker: that one lives, and waits until somebody takes its next result."""
    results = map_in_processes(return_unreadable, range(3), workers=1)
    with pytest.raises(FileNotFoundError, match=r"font\.ttf"):
        next(results)


def test_an_iteration_that_ends_early_leaves_no_worker():
    results = map_tensors(pid_and_tensor, range(100), workers=2)
    pids = [next(results)[0] for _ in range(2)]
    assert len(set(pids)) == 2
    results.close()
    assert not any(map(is_alive, pids))


PROGRAM = """
import sys
sys.path.insert(0, "tests/runtime")
from test_workers import map_tensors, partial, make_tensor, pid_and_tensor
"""


def start(code, *before):
    command = [*before, sys.executable, "-c", PROGRAM + code]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.slow
def test_workers_end_when_their_parent_is_killed():
    code = "for pid, _ in map_tensors(pid_and_tensor, range(100), workers=3): print(pid, flush=True)"
    with start(code) as parent:
        pids = [int(parent.stdout.readline()) for _ in range(3)]
        parent.kill()
    assert len(set(pids)) == 3
    assert wait_until_dead(pids)


@pytest.mark.slow
def test_tensors_larger_than_shared_memory_arrive():
    """A container has 64 MB of it unless it asks for more; here it is 1 MB, and each result 16 MB."""
    small = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=1m tmpfs /dev/shm && exec "$@"', "sh")
    if not shutil.which("unshare") or subprocess.run([*small, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small /dev/shm here")
    code = """
import shutil
assert shutil.disk_usage("/dev/shm").total == 2**20
print([int(tensor.max()) for tensor in map_tensors(partial(make_tensor, 16), range(6), workers=2)])
"""
    with start(code, *small) as program:
        output, _ = program.communicate(timeout=120)
    assert output == "[0, 1, 2, 3, 4, 5]\n"
