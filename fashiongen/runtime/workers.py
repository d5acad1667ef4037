"""A map over worker processes that yields results in order, and ends with one line when a worker dies.

PyTorch's DataLoader sends tensors through shared memory. Where that is small, as in a container with its default of
64 MB, a batch of large images does not fit: the loader drops it and waits for it for ever. Here each worker sends its
results as bytes through a pipe of its own. A pipe has no limit of size, and its end is seen as soon as the worker dies.
"""

import multiprocessing
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, TypeVar

from fashiongen.errors import FashiongenError, WorkerLost

Item = TypeVar("Item")
Result = TypeVar("Result")
KILLED = "the system kills a process when memory runs out: use fewer workers or smaller batches, or add memory"
FAILED = "its own error is printed above"


class _Worker(NamedTuple):
    process: BaseProcess
    results: Connection


def map_in_processes(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    initialize: Callable[[], object] | None = None,
) -> Iterator[Result]:
    """Yield `function(item)` for each item in order, computed ahead by `workers` processes (0: by this process).

    Worker number w computes the items w, w + workers, ...; each worker is at most one result ahead. `initialize` runs
    once in each worker; where `function` uses PyTorch it must set one thread, since OpenMP's do not survive a fork.

    Raises:
        FashiongenError: what `function` raises.
        WorkerLost: a worker died.
    """
    if workers == 0:
        yield from map(function, items)
        return
    started: list[_Worker] = []
    try:
        for number in range(min(workers, len(items))):
            compute = partial(_compute, function, items[number::workers], initialize)
            started.append(_start(compute, [one.results for one in started]))
        for index in range(len(items)):
            yield _receive(started[index % workers])
    finally:
        for worker in started:
            worker.results.close()
            worker.process.terminate()
        for worker in started:
            worker.process.join()


def _start(compute: Callable[[Connection, Sequence[Connection]], None], earlier: Sequence[Connection]) -> _Worker:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=compute, args=(sender, [*earlier, receiver]), daemon=True)
    process.start()
    sender.close()  # only the worker holds it now, so that its death ends the pipe
    return _Worker(process, receiver)


def _compute(
    function: Callable[[Item], object],
    items: Sequence[Item],
    initialize: Callable[[], object] | None,
    results: Connection,
    receivers: Sequence[Connection],
) -> None:
    """Send the result of each item; the first FashiongenError is sent in its place and ends the worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the parent stops its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the parent may have a handler of its own
    for receiver in receivers:  # the parent alone must hold these, so that its death ends the pipes
        receiver.close()
    if initialize is not None:
        initialize()
    for item in items:
        try:
            result: object = function(item)
        except FashiongenError as error:
            result = error
        # Bytes, because the connection itself would send tensors through shared memory.
        content = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
        try:
            results.send_bytes(content)
        except BrokenPipeError:  # the parent died
            return
        if isinstance(result, FashiongenError):
            return


def _receive(worker: _Worker) -> Any:
    try:
        content = worker.results.recv_bytes()
    except (EOFError, OSError):  # the pipe ended, before a result or in the middle of one
        worker.process.join()
        raise WorkerLost(describe_end(f"worker process {worker.process.pid}", worker.process.exitcode)) from None
    result = pickle.loads(content)
    if isinstance(result, FashiongenError):
        raise result
    return result


def describe_end(name: str, exitcode: int | None) -> str:
    """How a process ended, and what to do about it, in one line."""
    if exitcode is not None and exitcode < 0:
        return f"{name} was killed by {signal.Signals(-exitcode).name}; {KILLED}"
    return f"{name} ended with status {exitcode}; {FAILED}"
