"""Real helper processes: calls that hang, crash, are killed, or come from many threads and from forks."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fashiongen.runtime.isolation import CallEnded, CallTookTooLong, IsolatedCalls

ROOT = Path(__file__).parents[2]


def open_files():
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


@pytest.fixture
def calls():
    made = IsolatedCalls(2)
    yield made
    made.close()


def test_a_call_gives_what_the_function_gives(calls):
    assert calls.call(divmod, 17, 5, timeout_s=30.0) == (3, 2)


def test_a_megabyte_goes_there_and_back(calls):
    content = os.urandom(2**21)
    assert calls.call(bytes, content, timeout_s=30.0) == content


def test_what_the_function_raises_is_raised_here_and_the_helper_stays(calls):
    first = calls.call(os.getpid, timeout_s=30.0)
    with pytest.raises(ZeroDivisionError):
        calls.call(divmod, 1, 0, timeout_s=30.0)
    with pytest.raises(TypeError, match="cannot be sent"):
        calls.call(memoryview, b"", timeout_s=30.0)
    assert calls.call(os.getpid, timeout_s=30.0) == first != os.getpid()


def test_a_call_that_takes_too_long_is_ended(calls):
    began = time.monotonic()
    with pytest.raises(CallTookTooLong):
        calls.call(time.sleep, 600, timeout_s=0.2)
    assert time.monotonic() - began < 30
    assert calls.call(abs, -1, timeout_s=30.0) == 1


def test_code_that_never_returns_to_python_is_ended_too(calls):
    """A sum over a range is one loop in C, which no exception of Python would interrupt."""
    with pytest.raises(CallTookTooLong):
        calls.call(sum, range(10**13), timeout_s=0.2)


@pytest.mark.parametrize(
    ("function", "args", "ending"),
    [(os.abort, (), "signal SIGABRT"), (os._exit, (3,), "status 3"), (signal.raise_signal, (9,), "signal SIGKILL")],
)
def test_a_crash_ends_the_call_alone(calls, function, args, ending):
    with pytest.raises(CallEnded, match=ending):
        calls.call(function, *args, timeout_s=30.0)
    assert calls.call(abs, -1, timeout_s=30.0) == 1


def test_a_helper_that_died_while_it_had_nothing_to_do_is_replaced(calls):
    pid = calls.call(os.getpid, timeout_s=30.0)
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert calls.call(os.getpid, timeout_s=30.0) != pid


def test_many_threads_share_two_helpers(calls):
    with ThreadPoolExecutor(8) as pool:
        pids = list(pool.map(lambda _: calls.call(os.getpid, timeout_s=30.0), range(40)))
    assert 1 <= len(set(pids)) <= 2


def test_what_the_function_prints_is_no_answer(calls):
    assert calls.call(os.write, 1, b"a line\n", timeout_s=30.0) == 7
    assert calls.call(print, "another", timeout_s=30.0) is None


def test_ctrl_c_does_not_end_a_helper(calls):
    """It reaches all processes of a terminal; the caller decides what ends."""
    pid = calls.call(os.getpid, timeout_s=30.0)
    os.kill(pid, signal.SIGINT)
    assert calls.call(os.getpid, timeout_s=30.0) == pid


def test_a_fork_has_helpers_of_its_own():
    """Two processes that share one pipe would read each other's answers."""
    code = (
        "import os\n"
        "from fashiongen.runtime.isolation import ISOLATED\n"
        "mine = ISOLATED.call(os.getpid, timeout_s=30.0)\n"
        "if (child := os.fork()) == 0:\n"
        "    os._exit(ISOLATED.call(os.getpid, timeout_s=30.0) == mine)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "assert ISOLATED.call(os.getpid, timeout_s=30.0) == mine\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


@pytest.mark.parametrize("end", ["pass", "import signal; signal.raise_signal(9)"])
def test_helpers_end_with_their_program(end):
    """Killed in the middle of a call as well: the helper's own timer is its last limit."""
    code = (
        "import os, threading, time\n"
        "from fashiongen.runtime.isolation import ISOLATED\n"
        "pid = ISOLATED.call(os.getpid, timeout_s=30.0)\n"
        "def call(): ISOLATED.call(time.sleep, 600, timeout_s=0.5)\n"
        "threading.Thread(target=call, daemon=True).start()\n"
        "time.sleep(0.2)\n"
        "print(pid, flush=True)\n" + end
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60, capture_output=True)
    pid, deadline = int(done.stdout), time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()
    assert b"Traceback" not in done.stderr


def test_no_file_is_left_open():
    before = open_files()
    calls = IsolatedCalls(2)
    calls.call(abs, -1, timeout_s=30.0)
    with pytest.raises(CallTookTooLong):
        calls.call(time.sleep, 600, timeout_s=0.2)
    calls.call(abs, -1, timeout_s=30.0)
    calls.close()
    assert open_files() == before
