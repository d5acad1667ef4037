"""The cost of a run: time, memory and disk space of each stage, measured while it runs and recorded for the report."""

import os
import platform
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fashiongen.errors import BadInput, MissingInput
from fashiongen.files import read_json, write_json

MEASURED = Path(".costs")  # <profile>/<stage>.json: the cost of the stage's last run in this clone
RECORDED = Path("metrics/costs")  # <profile>.json: the costs that the report shows; Git keeps them
CPU_INFO = Path("/proc/cpuinfo")

Cost = TypeVar("Cost", bound=BaseModel)


class StageCost(BaseModel):
    """The cost of one run of a stage; for a training that was resumed, of the part after that."""

    wall_s: float
    cpu_s: float  # of the process and of its children
    peak_mib: int  # of the largest of these processes


class RecordedCost(StageCost):
    """The cost of one run of a stage, and the size of its outputs."""

    output_bytes: int
    output_files: int


class Costs(BaseModel):
    """The costs of a run of a profile on a machine."""

    machine: str
    stages: dict[str, RecordedCost]  # by name; items of a matrix have their own, such as train_detector@resnet18

    def sum_times(self) -> dict[str, float]:
        """Seconds by stage; the items of a matrix are added up."""
        sums: defaultdict[str, float] = defaultdict(float)
        for name, cost in self.stages.items():
            sums[name.partition("@")[0]] += cost.wall_s
        return sums


@contextmanager
def measured(stage: str, profile: str, root: Path = MEASURED) -> Iterator[None]:
    """Write the cost of the block to a file in `root`, unless an error ends the block."""
    start = time.perf_counter()
    yield
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    kib = 1024 if sys.platform == "darwin" else 1  # macOS gives bytes, Linux KiB
    cost = StageCost(
        wall_s=round(time.perf_counter() - start, 1),
        cpu_s=round(sum(one.ru_utime + one.ru_stime for one in used), 1),
        peak_mib=max(one.ru_maxrss for one in used) // kib // 1024,
    )
    write_json(root / profile / f"{stage}.json", cost.model_dump())


def record(profile: str, locked: Mapping[str, Any], root: Path = MEASURED) -> Costs:
    """The measured costs of the stages in `locked`, the stages of a dvc.lock.

    A stage that DVC restored from its cache did not run here, so it has no cost.

    Raises:
        MissingInput: no stage has a cost.
        BadInput: a file of a cost is damaged.
    """
    stages = {}
    for name, stage in locked.items():
        path = root / profile / f"{name}.json"
        if path.exists():
            stages[name] = RecordedCost(
                **_read(path, StageCost).model_dump(),
                output_bytes=sum(out["size"] for out in stage["outs"]),
                output_files=sum(out.get("nfiles", 1) for out in stage["outs"]),
            )
    if not stages:
        raise MissingInput(f"{root / profile}: no stage was measured here: `dvc repro` measures those that it runs")
    return Costs(machine=describe_machine(), stages=stages)


def read_costs(profile: str, folder: Path = RECORDED) -> Costs | None:
    """The recorded costs of a profile, or None if there are none.

    Raises:
        BadInput: their file is damaged.
    """
    path = folder / f"{profile}.json"
    return _read(path, Costs) if path.exists() else None


def _read(path: Path, model: type[Cost]) -> Cost:
    try:
        return model.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        remedy = "delete the file, run `dvc repro`, then `fashiongen costs`"
        raise BadInput(f"{path}: {where}: {first['msg']}; {remedy}") from error


def describe_machine() -> str:
    """The processor and its cores, as in `AMD EPYC 7B13, 2 cores`."""
    lines = CPU_INFO.read_text().splitlines() if CPU_INFO.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(named, platform.processor() or platform.machine())}, {os.cpu_count()} cores"
