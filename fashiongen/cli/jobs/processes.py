"""Commands side by side: each in a process group of its own, what they print line by line, and none left behind."""

import os
import re
import signal
import subprocess
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from types import FrameType
from typing import IO, NamedTuple, NoReturn

STOPPED_BY = (signal.SIGTERM, signal.SIGHUP)
STOP_S = 10.0  # before what does not stop when it is asked to is killed
CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r)")


class Line(NamedTuple):
    """A line that a command printed; `is_progress` where it is the state of a bar that the next one overwrites."""

    name: str
    text: str
    is_progress: bool


class Ended(NamedTuple):
    """A command came to its end, with the status of its process: 0 where all went well."""

    name: str
    status: int

    @property
    def text(self) -> str:
        """The end in words."""
        return f"failed with status {self.status}" if self.status else "finished"


def run_side_by_side(
    commands: Mapping[str, Sequence[str]], shares: Sequence[Mapping[str, str]]
) -> Generator[Line | Ended, None, None]:
    """Run each command, as many at a time as there are shares; a share is what it adds to the environment.

    One that fails leaves the others be. When the iteration ends early, by an error, a signal or `close`, all that runs
    is asked to stop, as Ctrl-C asks, and after ten seconds is killed.
    """
    waiting, free = deque(commands.items()), deque(shares)
    running: dict[str, tuple[subprocess.Popen[bytes], Mapping[str, str]]] = {}
    events: SimpleQueue[Line | Ended] = SimpleQueue()
    try:
        while waiting or running:
            while waiting and free:
                (name, command), share = waiting.popleft(), free.popleft()
                running[name] = _start(name, command, share, events), share
            event = events.get()
            if isinstance(event, Ended):
                free.append(running.pop(event.name)[1])
            yield event
    finally:
        _stop([process for process, _ in running.values()])


def _start(
    name: str, command: Sequence[str], share: Mapping[str, str], events: SimpleQueue[Line | Ended]
) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **share},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )

    def follow() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in read_lines(name, process.stdout):
                events.put(line)
        events.put(Ended(name, process.wait()))

    Thread(target=follow, daemon=True).start()
    return process


def read_lines(name: str, stream: IO[bytes]) -> Iterator[Line]:
    """What arrives on a pipe, as it arrives, in lines; without the codes for a terminal, and without empty ones."""
    rest = b""
    while chunk := os.read(stream.fileno(), 65536):
        rest += chunk
        # A carriage return that ends what is there may be the half of a line's end.
        ends = [match for match in LINE.finditer(rest) if match[2] != b"\r" or match.end() < len(rest)]
        for match in ends:
            yield from _line(name, match[1], is_progress=match[2] == b"\r")
        rest = rest[ends[-1].end() :] if ends else rest
    yield from _line(name, rest, is_progress=False)


def _line(name: str, text: bytes, *, is_progress: bool) -> Iterator[Line]:
    shown = CONTROL.sub(b"", text).decode(errors="replace").strip("\r").rstrip()
    if shown:
        yield Line(name, shown, is_progress)


def thin_out(events: Iterable[Line | Ended], *, every_s: float) -> Iterator[Line | Ended]:
    """All but those states of a bar that come sooner than `every_s` after the last that was let through."""
    shown: dict[str, float] = {}
    for event in events:
        if isinstance(event, Line) and event.is_progress:
            if time.monotonic() - shown.get(event.name, float("-inf")) < every_s:
                continue
            shown[event.name] = time.monotonic()
        yield event


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does, by a KeyboardInterrupt; in the main thread."""

    def interrupt(signum: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in STOPPED_BY}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End whole process groups: DVC waits for the training that it started, which hears SIGINT and leaves.

    A second signal in the meantime shortens the wait.
    """
    try:
        _signal(processes, signal.SIGINT)
        deadline = time.monotonic() + STOP_S
        for process in processes:
            process.wait(max(deadline - time.monotonic(), 0))
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        pass
    finally:
        _signal(processes, signal.SIGKILL)  # what a process left running in its group, too
        for process in processes:
            process.wait()


def _signal(processes: Sequence[subprocess.Popen[bytes]], number: signal.Signals) -> None:
    for process in processes:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            continue  # the whole group has ended
