"""A machine shared out between trainings that run side by side: cores and GPUs, as environment variables."""

import os
from collections.abc import Sequence

import torch

from fashiongen.errors import BadArgument

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
DEVICES = "CUDA_VISIBLE_DEVICES"


def count_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_out(jobs: int, *, cores: int, threads: int | None, devices: Sequence[str]) -> list[dict[str, str]]:
    """The environment of each of `jobs` processes: its part of the cores and of the devices, as evenly as they divide.

    `threads`, if it is given, is the number for each process, even if they are more than there are cores. A process
    alone keeps all cores. With fewer devices than processes, some share one; without any named, all see all.
    """
    environments = []
    for job in range(jobs):
        environment: dict[str, str] = {}
        if threads is not None or jobs > 1:
            environment |= dict.fromkeys(THREADS, str(threads or max(cores // jobs, 1)))
        if threads is not None and threads * jobs > cores:
            environment["OMP_WAIT_POLICY"] = "PASSIVE"  # threads that spin would take the cores from those that work
        if devices:
            environment[DEVICES] = ",".join(devices[job::jobs] or [devices[job % len(devices)]])
        environments.append(environment)
    return environments


def find_devices(numbers: str) -> list[str]:
    """GPUs such as `0,1`, by their number among those that this process sees, as their driver names them.

    Raises:
        BadArgument: there is no such GPU.
    """
    visible = os.environ.get(DEVICES)
    names = visible.split(",") if visible else [str(number) for number in range(torch.cuda.device_count())]
    there = {str(number): name.strip() for number, name in enumerate(names[: torch.cuda.device_count()])}
    asked = [number.strip() for number in numbers.split(",")]
    for number in asked:
        if number not in there:
            raise BadArgument(f"--devices {number}: no such GPU; torch sees {', '.join(there) or 'none'}")
    return [there[number] for number in asked]
