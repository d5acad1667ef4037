"""Calls in processes that can be ended: for code that an untrusted file can hold up or crash, such as a decoder.

A thread cannot be ended, and a fault in a library's C code ends its whole process. So each call goes to a helper
process, which has a timer of the system; what is not done when it rings ends with the process. A helper serves one call
at a time, is kept for the next one, and ends with the process that started it.
"""

import atexit
import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")

_ROOT = Path(__file__).parents[2]  # where a helper finds this package


class CallEnded(Exception):
    """The process of a call ended before the call did."""


class CallTookTooLong(CallEnded):
    """The call was not done in its time."""


class IsolatedCalls:
    """Helper processes, at most `most` at the same time; further calls wait for one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.restart()

    def restart(self) -> None:
        """Start without helpers: those of a parent answer the parent."""
        self._places = threading.BoundedSemaphore(self._most)
        self._idle: list[subprocess.Popen[bytes]] = []

    def close(self) -> None:
        """End the helpers that serve no call."""
        while self._idle:
            _end(self._idle.pop())

    def call(self, function: Callable[..., Result], *args: object, timeout_s: float) -> Result:
        """`function(*args)` in a helper, which imports the function by its module and name.

        Raises:
            CallTookTooLong: it was not done in `timeout_s`; waiting for a helper does not count.
            CallEnded: the helper died.
            Exception: what the function raised.
        """
        with self._places:
            helper = self._take()
            try:
                result: Result | _Raised = _exchange(helper, (function, args, timeout_s))
            except BaseException:
                _end(helper)
                raise
            self._idle.append(helper)
        if isinstance(result, _Raised):
            raise result.error
        return result

    def _take(self) -> "subprocess.Popen[bytes]":
        with contextlib.suppress(IndexError):
            helper = self._idle.pop()
            if helper.poll() is None:
                return helper
            _end(helper)
        command = [sys.executable, "-c", f"from {__name__} import serve; serve()"]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT)


class _Raised:
    """An answer: what the function raised."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _exchange(helper: "subprocess.Popen[bytes]", request: object) -> Any:
    assert helper.stdin is not None and helper.stdout is not None  # both are pipes
    try:
        pickle.dump(request, helper.stdin, protocol=pickle.HIGHEST_PROTOCOL)
        helper.stdin.flush()
        return pickle.load(helper.stdout)
    except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
        code = helper.wait()
        if code == -signal.SIGALRM:
            raise CallTookTooLong("it takes too long") from error
        ended = f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"
        raise CallEnded(f"its process ended with {ended}") from error


def _end(helper: "subprocess.Popen[bytes]") -> None:
    helper.kill()
    with helper, contextlib.suppress(BrokenPipeError):  # closes its pipes and waits for its end
        pass


def serve() -> None:
    """What a helper runs: answer calls on standard input until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the caller decides
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends this process, in the middle of C code too
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    while True:
        try:
            function, args, timeout_s = pickle.load(requests)
        except EOFError:
            return
        signal.setitimer(signal.ITIMER_REAL, timeout_s)
        answer = _answer(function, args)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            answers.write(answer)
            answers.flush()
        except BrokenPipeError:  # the caller died
            return


def _answer(function: Callable[..., object], args: tuple[object, ...]) -> bytes:
    try:
        answer = function(*args)
    except Exception as error:
        answer = _Raised(error)
    try:
        return pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return pickle.dumps(_Raised(TypeError(f"{type(answer).__name__} cannot be sent: {error}")))


ISOLATED = IsolatedCalls(os.cpu_count() or 1)
atexit.register(ISOLATED.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=ISOLATED.restart)
