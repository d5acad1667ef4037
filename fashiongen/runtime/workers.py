"""A map over worker processes that yields results in order, and outlives workers that the system kills.

PyTorch's DataLoader sends tensors through shared memory. Where that is small, as in a container with its default of
64 MB, a batch of large images does not fit: the loader drops it and waits for it for ever. Here each worker sends its
results as bytes through a pipe of its own. A pipe has no limit of size, and its end is seen as soon as the worker dies.
"""

import heapq
import multiprocessing
import pickle
import signal
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, NamedTuple, TypeVar

from fashiongen.errors import FashiongenError, WorkerLost

Item = TypeVar("Item")
Result = TypeVar("Result")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # how many threads a process has
ATTEMPTS = 3  # at an item whose worker is killed
AHEAD = 2  # items that a worker has been given: it computes the second while the first waits to be taken
KILLED = "the system kills a process when memory runs out: use fewer workers or smaller batches, or add memory"
FAILED = "its own error is printed above"


def map_in_processes(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    initialize: Callable[[], object] | None = None,
) -> Iterator[Result]:
    """Yield `function(item)` for each item in order, computed ahead by `workers` processes (0: by this process).

    `initialize` runs once in each worker; where `function` uses PyTorch it must set one thread, since OpenMP's do not
    survive a fork. If a worker is killed, another one computes its items.

    Raises:
        FashiongenError: what `function` raises.
        WorkerLost: a worker ended by itself, or three were killed at the same item.
    """
    if workers == 0:
        yield from map(function, items)
        return
    crew = _Crew(function, items, workers, initialize)
    try:
        for index in range(len(items)):
            yield crew.wait_for(index)
    finally:
        crew.dismiss()


class _Worker(NamedTuple):
    process: BaseProcess
    pipe: Connection  # indices of items to it, results from it
    given: deque[int]  # the items whose results have not come, in the order in which they will


class _Crew(Generic[Item, Result]):
    """The workers of one map, and the results that came before their turn."""

    def __init__(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        workers: int,
        initialize: Callable[[], object] | None,
    ) -> None:
        self._function, self._items, self._initialize = function, items, initialize
        self._size = min(workers, len(items))
        self._workers: list[_Worker] = []
        self._unbegun = 0  # this item and those after it were given to nobody
        self._lost: list[int] = []  # a heap of items whose worker died
        self._kills: Counter[int] = Counter()
        self._results: dict[int, bytes | WorkerLost] = {}

    def wait_for(self, index: int) -> Result:
        """The result of an item; the items before it have been asked for."""
        self._hand_out(index)
        while index not in self._results:
            for pipe in wait([worker.pipe for worker in self._workers]):
                self._receive(next(worker for worker in self._workers if worker.pipe is pipe))
            self._hand_out(index)
        content = self._results.pop(index)
        if isinstance(content, WorkerLost):
            raise content
        result: Result | FashiongenError = pickle.loads(content)
        if isinstance(result, FashiongenError):
            raise result
        return result

    def dismiss(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()

    def _hand_out(self, awaited: int) -> None:
        """Give each worker what to do, not so far ahead that results pile up."""
        end = min(awaited + AHEAD * self._size, len(self._items))
        while self._lost or self._unbegun < end:
            if len(self._workers) < self._size:
                self._workers.append(self._start())
            worker = min(self._workers, key=lambda one: len(one.given))
            if len(worker.given) == AHEAD:
                return
            if self._lost:
                index = heapq.heappop(self._lost)
            else:
                index, self._unbegun = self._unbegun, self._unbegun + 1
            worker.given.append(index)
            try:
                worker.pipe.send(index)
            except OSError:
                return  # it died; `wait` says so next

    def _receive(self, worker: _Worker) -> None:
        try:
            content = worker.pipe.recv_bytes()
        except (EOFError, OSError):  # the pipe ended, before a result or in the middle of one
            self._replace(worker)
        else:
            self._results[worker.given.popleft()] = content

    def _replace(self, worker: _Worker) -> None:
        """Note what a dead worker leaves undone, for the others and the one that is started in its place."""
        worker.process.join()
        worker.pipe.close()
        self._workers.remove(worker)
        if not worker.given:
            return
        ended = describe_end(f"worker process {worker.process.pid}", worker.process.exitcode)
        at_work = worker.given.popleft()
        self._kills[at_work] += 1
        if (worker.process.exitcode or 0) >= 0 or self._kills[at_work] == ATTEMPTS:
            self._results[at_work] = WorkerLost(ended)
        else:
            print(f"{ended}; another one does its work", file=sys.stderr)
            heapq.heappush(self._lost, at_work)
        for index in worker.given:
            heapq.heappush(self._lost, index)

    def _start(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        of_parent = [*(worker.pipe for worker in self._workers), ours]
        process = multiprocessing.Process(target=self._work, args=(theirs, of_parent), daemon=True)
        process.start()
        theirs.close()  # only the worker holds it now, so that its death ends the pipe
        return _Worker(process, ours, deque())

    def _work(self, pipe: Connection, of_parent: Sequence[Connection]) -> None:
        """Send the result of each item that is asked for, or the FashiongenError that it raised."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the parent stops its workers
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the parent may have a handler of its own
        for end in of_parent:  # the parent alone must hold these, so that its death ends the pipes
            end.close()
        if self._initialize is not None:
            self._initialize()
        while True:
            try:
                index = pipe.recv()
            except (EOFError, OSError):  # the parent died
                return
            try:
                result: object = self._function(self._items[index])
            except FashiongenError as error:
                result = error
            # Bytes, because the connection itself would send tensors through shared memory.
            content = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
            try:
                pipe.send_bytes(content)
            except BrokenPipeError:  # the parent died
                return


def describe_end(name: str, exitcode: int | None) -> str:
    """How a process ended, and what to do about it, in one line."""
    if exitcode is not None and exitcode < 0:
        return f"{name} was killed by {signal.Signals(-exitcode).name}; {KILLED}"
    return f"{name} ended with status {exitcode}; {FAILED}"
