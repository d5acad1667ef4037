"""Where and how a training runs: device, precision, processes and random seeds."""

import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import torch
from lightning_fabric import Fabric, wrappers
from lightning_fabric.utilities.seed import seed_everything
from torch.distributed import is_torchelastic_launched
from torch.multiprocessing.spawn import ProcessException, ProcessExitedException

from fashiongen.errors import ConfigError, FashiongenError, WorkerLost
from fashiongen.runtime.params import RuntimeParams
from fashiongen.runtime.workers import describe_end

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
RESULT, ERROR = "result.pickle", "error_"  # files that processes leave; the rank follows the second name


def build_fabric(params: RuntimeParams, *, seed: int) -> Fabric:
    """A launched Fabric on one device, with every global generator seeded and deterministic kernels chosen.

    From now on PyTorch has as many threads as `params` says in this process: their number decides in which order a
    processor sums, and so the last digits of weights and scores.

    Raises:
        ConfigError: the device is not there, or does not support the precision.
    """
    _require_device(params.model_copy(update={"devices": 1}))
    fabric = Fabric(accelerator=params.accelerator, devices=1, precision=params.precision)
    fabric.launch()
    _limit_threads(params.threads)
    _make_deterministic(seed)
    return fabric


def launch(
    function: Callable[Concatenate[Fabric, Arguments], Result],
    params: RuntimeParams,
    seed: int,
    /,
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Result:
    """Call `function(fabric, ...)`, on several devices in one process per device, and return the first one's result.

    Each process has as many threads as `params` says. Where torchrun has started a process for each device, every one
    of them calls the function itself and gets its own result. Else the processes are started here: the function and its
    arguments are pickled, and if one process fails, the others are ended. Several nodes then need NODE_RANK,
    MASTER_ADDR and MASTER_PORT in their environments, and each gets the result of its own first process.

    Raises:
        ConfigError: the device is not there, or does not support the precision.
        FashiongenError: what `function` raises.
        WorkerLost: one of several processes died.
    """
    require_devices(params)
    if params.processes == 1:
        return function(build_fabric(params, seed=seed), *args, **kwargs)
    fabric = Fabric(
        accelerator=params.accelerator,
        devices=params.devices,
        num_nodes=params.nodes,
        strategy="ddp" if is_torchelastic_launched() else "ddp_spawn",
        precision=params.precision,
    )
    if is_torchelastic_launched():
        fabric.launch()
        _limit_threads(params.threads)
        _make_deterministic(seed)
        return function(fabric, *args, **kwargs)
    # Fabric searches arguments for modules and refuses some; it does not search a partial.
    job = partial(cast(Callable[..., Any], function), *args, **kwargs)
    return cast(Result, _start_processes(fabric, job, seed, params.threads))


def _start_processes(fabric: Fabric, job: partial[Any], seed: int, threads: int | None) -> Any:
    """The result of the first of the processes that do the job here."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        try:
            fabric.launch(cast(Callable[..., None], _run_in_process), job, seed, threads, folder)
        except ProcessException as lost:
            for error in sorted(folder.glob(f"{ERROR}*")):
                raise cast(FashiongenError, pickle.loads(error.read_bytes())) from None
            if isinstance(lost, ProcessExitedException):
                raise WorkerLost(describe_end(f"training process {lost.error_index}", lost.exit_code)) from None
            raise
        return pickle.loads((folder / RESULT).read_bytes())


@contextmanager
def gradients_allowed() -> Iterator[None]:
    """Allow `torch.autograd.grad` through a network that Fabric has set up, for a penalty on a gradient.

    In mixed precision Fabric raises an error if gradients pass its networks outside of `fabric.backward`, since nobody
    should forget to scale a loss. A gradient that is itself part of a loss must not be scaled.
    """
    wrappers._in_fabric_backward = True
    try:
        yield
    finally:
        wrappers._in_fabric_backward = False


def require_devices(params: RuntimeParams) -> None:
    """Refuse what a training cannot have: devices that this machine lacks, or not as many as torchrun started for.

    Raises:
        ConfigError: a device is not there, or does not support the precision; torchrun started other processes.
    """
    _require_device(params)
    if not is_torchelastic_launched():
        return
    started, of_node = int(os.environ["WORLD_SIZE"]), int(os.environ["LOCAL_WORLD_SIZE"])
    if (params.processes, params.devices) != (started, of_node):
        raise ConfigError(
            f"runtime.devices {params.devices} and runtime.nodes {params.nodes}: torchrun started {started} processes, "
            f"{of_node} of them here; set devices to its --nproc-per-node and nodes to its --nnodes"
        )


def _require_device(params: RuntimeParams) -> None:
    """Also refuse float16 on a processor: Fabric would use another precision."""
    backends: dict[str, Callable[[], bool]] = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if params.accelerator in backends and not backends[params.accelerator]():
        raise ConfigError(
            f"runtime.accelerator: {params.accelerator} is not available on this machine; use auto or cpu"
        )
    there = torch.accelerator.device_count() if torch.accelerator.is_available() else None
    if params.accelerator != "cpu" and there is not None and params.devices > there:
        raise ConfigError(f"runtime.devices: {params.devices} on a machine with {there}: lower it to {there}")
    on_cpu = params.accelerator == "cpu" or (params.accelerator == "auto" and not torch.accelerator.is_available())
    if on_cpu and params.precision == "16-mixed":
        raise ConfigError("runtime.precision: 16-mixed needs a GPU; a processor does 32-true or bf16-mixed")


def _run_in_process(fabric: Fabric, job: partial[Any], seed: int, threads: int | None, folder: Path) -> None:
    """Write the result of a node's first process to a file, because Fabric's own queue blocks on more than 64 KiB.

    Write a FashiongenError to a file too. It is also raised, which ends the other processes, but that arrives as a
    traceback.
    """
    _limit_threads(threads)
    _make_deterministic(seed)
    try:
        result = job.func(fabric, *job.args, **job.keywords)
    except FashiongenError as error:
        (folder / f"{ERROR}{fabric.local_rank}").write_bytes(pickle.dumps(error))
        raise
    if fabric.local_rank == 0:
        (folder / RESULT).write_bytes(pickle.dumps(result))


def is_first_process() -> bool:
    """Whether this process writes the outputs: the only one, torchrun's first, or that of the first node."""
    return os.environ.get("RANK" if is_torchelastic_launched() else "NODE_RANK", "0") == "0"


def _limit_threads(threads: int | None) -> None:
    if threads is not None:
        torch.set_num_threads(threads)


def _make_deterministic(seed: int) -> None:
    # It sets the same flag as `use_deterministic_algorithms`, which loads Inductor first and takes a second.
    torch.set_deterministic_debug_mode("warn")
    # Nothing here reads uninitialised memory, and filling it costs 5 % of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    seed_everything(seed, verbose=False)
