"""Where and how a training runs: device, precision, processes and random seeds."""

import os
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import torch
from lightning_fabric import Fabric
from lightning_fabric.utilities.seed import seed_everything
from torch.multiprocessing.spawn import ProcessException

from fashiongen.errors import ConfigError, FashiongenError
from fashiongen.runtime.params import RuntimeParams

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
RESULT, ERROR = "result.pickle", "error_"  # what processes leave; behind the second stands whose it is


def build_fabric(params: RuntimeParams, *, seed: int) -> Fabric:
    """A launched Fabric on one device, with every global generator seeded and deterministic kernels chosen.

    Raises:
        ConfigError: the device does not do that precision.
    """
    _require_precision(params)
    fabric = Fabric(accelerator=params.accelerator, devices=1, precision=params.precision)
    fabric.launch()
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
    """What `function(fabric, ...)` returns; on several devices it runs in a process for each, and the first's returns.

    There the function and its arguments are pickled, and a FashiongenError of one process ends the others. With
    several nodes each of them is started by hand with NODE_RANK, MASTER_ADDR and MASTER_PORT in its environment, and
    gets what the first of its own processes returns.

    Raises:
        ConfigError: the device does not do that precision.
    """
    _require_precision(params)
    if params.processes == 1:
        return function(build_fabric(params, seed=seed), *args, **kwargs)
    fabric = Fabric(
        accelerator=params.accelerator,
        devices=params.devices,
        num_nodes=params.nodes,
        strategy="ddp_spawn",
        precision=params.precision,
    )
    # Fabric looks into arguments for modules, and refuses some of what it finds there; into a partial it does not.
    job = partial(cast(Callable[..., Any], function), *args, **kwargs)
    with TemporaryDirectory() as name:
        folder = Path(name)
        try:
            fabric.launch(cast(Callable[..., None], _run_in_process), job, seed, folder)
        except ProcessException:
            for error in sorted(folder.glob(f"{ERROR}*")):
                raise cast(FashiongenError, pickle.loads(error.read_bytes())) from None
            raise
        return cast(Result, pickle.loads((folder / RESULT).read_bytes()))


def _require_precision(params: RuntimeParams) -> None:
    """Fabric itself takes another precision, and says so in passing."""
    on_cpu = params.accelerator == "cpu" or (params.accelerator == "auto" and not torch.accelerator.is_available())
    if on_cpu and params.precision == "16-mixed":
        raise ConfigError("runtime.precision: 16-mixed needs a GPU; a processor does 32-true or bf16-mixed")


def _run_in_process(fabric: Fabric, job: partial[Any], seed: int, folder: Path) -> None:
    """Leave the result of a node's first process in a file: Fabric's own queue stands still on more than a pipe holds.

    So does any process with an error that the user can mend: raised, it ends the others, which may wait for this one,
    but arrives as a traceback.
    """
    _make_deterministic(seed)
    try:
        result = job.func(fabric, *job.args, **job.keywords)
    except FashiongenError as error:
        (folder / f"{ERROR}{fabric.local_rank}").write_bytes(pickle.dumps(error))
        raise
    if fabric.local_rank == 0:
        (folder / RESULT).write_bytes(pickle.dumps(result))


def is_first_node() -> bool:
    """Whether this is the one machine of a training, or the first of several: the one that writes its outputs."""
    return os.environ.get("NODE_RANK", "0") == "0"


def _make_deterministic(seed: int) -> None:
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Nothing reads uninitialised memory here, and filling it would cost 5 % of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    seed_everything(seed, verbose=False)
