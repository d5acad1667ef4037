"""The engine on Ray, the only module that imports it.

Every node needs the environment, and this repository with its data at the same path, as on a shared file system.
"""

import os
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from fashiongen.errors import MissingInput, WorkerLost
from fashiongen.executor.blocks import Done, run_block, split
from fashiongen.executor.params import ExecutorParams
from fashiongen.runtime.workers import THREAD_VARIABLES

try:
    import ray
except ImportError as absent:
    raise MissingInput(
        "executor.engine: ray is not installed; `uv pip install ray` (the extra `ray`), or set it to local"
    ) from absent

Item = TypeVar("Item")
Result = TypeVar("Result")
ROOT = Path(__file__).parents[2]  # where a worker finds this package
CONNECT_S = 10.0
RETRIES = 2  # of a block whose worker was killed


@contextmanager
def connect(params: ExecutorParams) -> Iterator[Any]:
    """The map of the cluster at an address, or of one that is started here and ends with the block.

    Raises:
        MissingInput: there is no cluster at the address.
    """
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    if params.address is not None:
        _require_cluster(params.address)
    environment = {"PYTHONPATH": paths, **dict.fromkeys(THREAD_VARIABLES, "1")}
    options: dict[str, Any] = {"include_dashboard": False, "num_cpus": params.workers} if params.address is None else {}
    ray.init(
        address=params.address or "local",
        runtime_env={"env_vars": environment},
        logging_level="ERROR",
        log_to_driver=False,
        **options,
    )
    try:
        at_once = params.workers or 2 * int(ray.cluster_resources().get("CPU", 1))
        yield partial(_map, at_once=at_once)
    finally:
        ray.shutdown()


def _require_cluster(address: str) -> None:
    """Ray itself would try for minutes, and then end the process."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_S).close()
    except (OSError, ValueError, OverflowError) as error:
        raise MissingInput(
            f"executor.address: no Ray cluster at {address} ({error}); start one with `ray start --head`, or set it to "
            "null for one that lives as long as the stage"
        ) from error


def _map(
    function: Callable[[Item], Result], items: Sequence[Item], *, per_block: int = 1, at_once: int
) -> Iterator[Result]:
    """As `MapItems`; at most `at_once` blocks are on their way, so that memory stays flat."""
    run = ray.remote(num_cpus=1, max_retries=RETRIES)(_run_block_in)
    folder, shared = Path.cwd(), ray.put(function)
    waiting: deque[Any] = deque()
    try:
        for block in split(items, per_block):
            waiting.append(run.remote(folder, shared, block))
            if len(waiting) == at_once:
                yield from _take(waiting.popleft())
        while waiting:
            yield from _take(waiting.popleft())
    finally:
        for block in waiting:
            ray.cancel(block, force=True)


def _run_block_in(folder: Path, function: Callable[[Item], Result], block: Sequence[Item]) -> Done[Result]:
    """What a worker does; paths are relative to the driver's folder."""
    os.chdir(folder)
    return run_block(function, block)


def _take(block: Any) -> Iterator[Any]:
    try:
        done = ray.get(block)
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError, ray.exceptions.OutOfMemoryError) as error:
        raise WorkerLost(
            f"Ray: {RETRIES + 1} workers died at the same block, mostly since memory ran out: use fewer workers, or "
            "nodes with more memory"
        ) from error
    yield from done.unpack()
