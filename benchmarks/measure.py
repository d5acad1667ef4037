"""Run each contender in its own process, time the lines it prints, and print figures as a Markdown table."""

import math
import os
import platform
import re
import sys
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from subprocess import PIPE, STDOUT, Popen
from typing import NamedTuple

import torch

EPOCH_END = re.compile(r"\[\d+/\d+\]\[(\d+)/(\d+)\]\s+Loss_D: (\S+)\s+Loss_G: (\S+)")  # step, steps, losses
FIGURE = re.compile(r"([\w ./]+): (-?[\d.]+)$")  # a name, and a number alone


class Run(NamedTuple):
    """The times and figures of one run of a contender."""

    epochs_s: list[float]  # without the first, a warm-up
    losses: list[tuple[float, float]]  # Loss_D and Loss_G of each epoch, as printed at its end
    figures: dict[str, float]  # by the printed name


def measure(script: Path, *arguments: str, cwd: Path | None = None) -> Run:
    """Run a Python script, and note when each of its epochs ends and which figures it prints."""
    ends, losses, figures, output = [], [], {}, []
    command = [sys.executable, "-u", str(script), *arguments]
    with Popen(command, stdout=PIPE, stderr=STDOUT, text=True, cwd=cwd) as process:
        for line in process.stdout or ():
            output.append(line)
            end, figure = EPOCH_END.match(line), FIGURE.match(line)
            if end and int(end[1]) + 1 == int(end[2]):
                ends.append(time.perf_counter())
                losses.append((float(end[3]), float(end[4])))
            if figure:
                figures[figure[1]] = float(figure[2])
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}\n{''.join(output[-20:])}")
    return Run([after - before for before, after in pairwise(ends)], losses, figures)


def read_peak_mib() -> float:
    """The peak resident memory of this process; not a number on systems without /proc.

    `getrusage` would count the parent's memory before this program started.
    """
    status = Path("/proc/self/status")
    return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024 if status.is_file() else math.nan


def ratio(ours: list[float], theirs: list[float] | None) -> str:
    """Our speed divided by theirs: the median over the rounds, in each of which both ran."""
    return "—" if theirs is None else f"{median(a / b for a, b in zip(ours, theirs, strict=True)):.2f}"


def figure(runs: list[Run], name: str, *, missing: str) -> str:
    """The median of the figures that the runs printed under a name."""
    values = [run.figures[name] for run in runs if name in run.figures]
    return missing if not values else f"{median(values):,.0f}" if median(values) >= 100 else f"{median(values):.1f}"


def print_table(header: list[str], rows: list[list[str]]) -> None:
    for row in (header, ["---", *["---:"] * (len(header) - 1)], *rows):
        print(f"| {' | '.join(row)} |")
    print()


def describe_machine(device: str) -> str:
    """Processor, cores, threads, the instruction set that torch uses, and the GPU if it is used."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    parts = [
        names[0] if names else platform.processor() or platform.machine(),
        f"{os.cpu_count()} cores, {torch.get_num_threads()} threads",
        torch.backends.cpu.get_cpu_capability(),
        f"torch {torch.__version__}",
    ]
    return "; ".join([*parts, torch.cuda.get_device_name()] if device == "cuda" else parts)
