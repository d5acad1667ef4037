"""Divide the cores and GPUs of a machine between parallel trainings, by environment variables."""

import os
from collections.abc import Sequence

import torch

from fashiongen.errors import BadArgument
from fashiongen.runtime.workers import THREAD_VARIABLES

DEVICES = "CUDA_VISIBLE_DEVICES"


def count_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose_jobs(devices: Sequence[str]) -> int:
    """How many stages run at a time by default: one per device that was named, one on a GPU, else one per core."""
    if devices or torch.accelerator.is_available():
        return len(devices) or 1
    return count_cores()


def share_out(jobs: int, *, cores: int, devices: Sequence[str]) -> list[dict[str, str]]:
    """The environment of each of `jobs` processes: its share of the cores and of the devices, as equal as possible.

    A single process has all cores. If there are fewer devices than processes, some share one; if none are named, every
    process sees all.
    """
    environments = []
    for job in range(jobs):
        environment: dict[str, str] = {}
        if jobs > 1:
            environment |= dict.fromkeys(THREAD_VARIABLES, str(max(cores // jobs, 1)))
        if devices:
            environment[DEVICES] = ",".join(devices[job::jobs] or [devices[job % len(devices)]])
        environments.append(environment)
    return environments


def find_devices(numbers: str) -> list[str]:
    """The driver's names of GPUs such as `0,1`, which are numbered among those that this process sees.

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
