"""What a run takes: time, memory and disk of each stage, measured as it runs and recorded for the report."""

import os
import platform
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from fashiongen.errors import MissingInput
from fashiongen.files import read_json, write_json

MEASURED = Path(".costs")  # <profile>/<stage>.json: of the last time that this clone ran the stage
RECORDED = Path("metrics/costs")  # <profile>.json: what the report shows, in Git
CPU_INFO = Path("/proc/cpuinfo")


class StageCost(BaseModel):
    """What one run of a stage took; of a training that was resumed, since then."""

    wall_s: float
    cpu_s: float  # of the process and of those that it waited for
    peak_mib: int  # of the largest of these processes


class RecordedCost(StageCost):
    """And what it left."""

    output_bytes: int
    output_files: int


class Costs(BaseModel):
    """What a run of a profile took on a machine."""

    machine: str
    stages: dict[str, RecordedCost]  # an item of a matrix by its own name: train_detector@resnet18

    def sum_times(self) -> dict[str, float]:
        """Seconds by stage, its items together."""
        sums: defaultdict[str, float] = defaultdict(float)
        for name, cost in self.stages.items():
            sums[name.partition("@")[0]] += cost.wall_s
        return sums


@contextmanager
def measured(stage: str, profile: str, root: Path = MEASURED) -> Iterator[None]:
    """Leave the cost of the block in `root`, unless an error ends it."""
    start = time.perf_counter()
    yield
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    kib = 1024 if sys.platform == "darwin" else 1  # which counts bytes
    cost = StageCost(
        wall_s=round(time.perf_counter() - start, 1),
        cpu_s=round(sum(one.ru_utime + one.ru_stime for one in used), 1),
        peak_mib=max(one.ru_maxrss for one in used) // kib // 1024,
    )
    write_json(root / profile / f"{stage}.json", cost.model_dump())


def record(profile: str, locked: Mapping[str, Any], root: Path = MEASURED) -> Costs:
    """What was measured of `locked`, the stages of a dvc.lock; of those that DVC restored from its cache, nothing was.

    Raises:
        MissingInput: of none.
    """
    stages = {}
    for name, stage in locked.items():
        path = root / profile / f"{name}.json"
        if path.exists():
            stages[name] = RecordedCost(
                **read_json(path),
                output_bytes=sum(out["size"] for out in stage["outs"]),
                output_files=sum(out.get("nfiles", 1) for out in stage["outs"]),
            )
    if not stages:
        raise MissingInput(f"{root / profile}: no stage was measured here: `dvc repro` measures those that it runs")
    return Costs(machine=describe_machine(), stages=stages)


def read_costs(profile: str, folder: Path = RECORDED) -> Costs | None:
    """What was recorded of a profile, or None."""
    path = folder / f"{profile}.json"
    return Costs.model_validate(read_json(path)) if path.exists() else None


def describe_machine() -> str:
    """The processor and its cores, as in `AMD EPYC 7B13, 2 cores`."""
    lines = CPU_INFO.read_text().splitlines() if CPU_INFO.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(named, platform.processor() or platform.machine())}, {os.cpu_count()} cores"
