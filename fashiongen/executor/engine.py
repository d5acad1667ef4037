"""One map over items, by processes of this machine or of a Ray cluster: the same results in the same order.

Items go out and results come back in blocks. Items should be small, as paths are, and results too: what a function
makes of a large image it writes to a file, or reduces to what the caller needs.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Protocol, TypeVar, runtime_checkable

from threadpoolctl import threadpool_limits

from fashiongen.executor.blocks import run_block, split
from fashiongen.executor.params import ExecutorParams
from fashiongen.runtime.workers import map_in_processes

Item = TypeVar("Item")
Result = TypeVar("Result")


@runtime_checkable
class MapItems(Protocol):
    """A map whose function and items can be pickled."""

    def __call__(
        self, function: Callable[[Item], Result], items: Sequence[Item], *, per_block: int = 1
    ) -> Iterator[Result]:
        """Yield `function(item)` for each item, in the order of the items.

        Raises:
            FashiongenError: what `function` raises, after the results of the items before.
            WorkerLost: a worker ended by itself, or three were killed at the same block.
        """


@contextmanager
def open_executor(params: ExecutorParams) -> Iterator[MapItems]:
    """The map of an engine; its processes end with the block at the latest.

    Raises:
        MissingInput: Ray is not installed, or there is no cluster at the address.
    """
    if params.engine == "local":
        yield partial(map_locally, workers=params.workers)
        return
    from fashiongen.executor.ray_cluster import connect  # noqa: PLC0415  Ray is an optional extra

    with connect(params) as map_items:
        yield map_items


def map_locally(
    function: Callable[[Item], Result], items: Sequence[Item], *, per_block: int = 1, workers: int | None = None
) -> Iterator[Result]:
    """As `MapItems`, in processes of this machine, one per core for None; a single block needs none of them."""
    blocks = split(items, per_block)
    processes = (workers or os.cpu_count() or 1) if len(blocks) > 1 else 0
    run = partial(run_block, function)
    for done in map_in_processes(run, blocks, workers=processes, initialize=_use_one_thread):
        yield from done.unpack()


def _use_one_thread() -> None:
    """Of OpenMP and of NumPy's BLAS: the workers share out the cores, and more threads would only get in their way."""
    threadpool_limits(limits=1)
