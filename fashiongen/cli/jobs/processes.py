"""Run commands in parallel, each after those that it needs, and follow their output line by line."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from types import FrameType
from typing import IO, NamedTuple, NoReturn

STOPPED_BY = (signal.SIGTERM, signal.SIGHUP)
STOP_S = 10.0  # from the request to stop to the kill
CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r)")


class Line(NamedTuple):
    """A line that a command printed; `is_progress` means that it is a progress bar, which the next line overwrites."""

    name: str
    text: str
    is_progress: bool


class Ended(NamedTuple):
    """A command ended with this exit status: 0 for success."""

    name: str
    status: int

    @property
    def text(self) -> str:
        """The outcome in words."""
        return f"failed with status {self.status}" if self.status else "finished"


def run_side_by_side(
    commands: Mapping[str, Sequence[str]],
    shares: Sequence[Mapping[str, str]],
    *,
    needs: Mapping[str, Set[str]] | None = None,
    alone: Mapping[str, str] | None = None,
) -> Generator[Line | Ended, None, None]:
    """Run the commands in their order, as many at a time as there are shares.

    A command waits for those that it needs. It gets a share added to its environment; `alone` instead, if no other
    command runs or could run beside it. If one fails, those that need it, directly or indirectly, do not run, and all
    others do. If the iteration ends early, by an error, a signal or `close`, all running commands get SIGINT, and
    SIGKILL after ten seconds.
    """
    waiting, free = dict(commands), list(shares)
    unmet = {name: set((needs or {}).get(name, ())) & commands.keys() for name in commands}
    running: dict[str, tuple[subprocess.Popen[bytes], Mapping[str, str]]] = {}
    events: SimpleQueue[Line | Ended] = SimpleQueue()
    try:
        while True:
            ready = [name for name in waiting if not unmet[name]]
            whole = alone if len(ready) == 1 and not running else None
            for name in ready[: len(free)]:
                share = free.pop(0)
                environment = share if whole is None else whole
                running[name] = _start(name, waiting.pop(name), environment, events), share
            if not running:
                return
            event = events.get()
            if isinstance(event, Ended):
                free.append(running.pop(event.name)[1])
                if not event.status:
                    for names in unmet.values():
                        names.discard(event.name)
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
    """Yield the lines that arrive on a pipe, without terminal codes and without empty lines."""
    rest = b""
    while chunk := os.read(stream.fileno(), 65536):
        rest += chunk
        # A carriage return at the end may be the first half of "\r\n".
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
    """Drop the states of a progress bar that come less than `every_s` after the last one that was passed on."""
    shown: dict[str, float] = {}
    for event in events:
        if isinstance(event, Line) and event.is_progress:
            if time.monotonic() - shown.get(event.name, float("-inf")) < every_s:
                continue
            shown[event.name] = time.monotonic()
        yield event


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt in the block on SIGTERM and SIGHUP, as Ctrl-C does; for the main thread only."""

    def interrupt(signum: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in STOPPED_BY}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End whole process groups: the training gets SIGINT and ends, and the DVC that started it waits for that.

    A second signal ends the wait.
    """
    try:
        _signal(processes, signal.SIGINT)
        deadline = time.monotonic() + STOP_S
        for process in processes:
            process.wait(max(deadline - time.monotonic(), 0))
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        pass
    finally:
        _signal(processes, signal.SIGKILL)  # also processes that a command left running
        for process in processes:
            process.wait()


def _signal(processes: Sequence[subprocess.Popen[bytes]], number: signal.Signals) -> None:
    for process in processes:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            continue  # the whole group has ended
