"""`dvc repro`, with the items of a matrix side by side."""

import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

from fashiongen.cli.jobs.graph import find_stale, plan_waves
from fashiongen.cli.jobs.processes import Ended, Line, run_side_by_side
from fashiongen.cli.jobs.shares import count_cores, share_out
from fashiongen.errors import TrainingError


def reproduce(
    root: Path, target: str | None, *, jobs: int, threads: int | None, devices: Sequence[str]
) -> Generator[Line | Ended, None, None]:
    """Run the stale stages that `target` needs, and itself; nothing where none is stale.

    Items of a matrix run `jobs` at a time, each with its share of the cores and devices; a stage that is alone has the
    whole machine, as in `dvc repro`.

    Raises:
        AlreadyRunning: another DVC holds the repository's lock.
        BadInput: DVC does not read its files, or knows no such stage.
        TrainingError: stages failed; those that ran beside them have finished.
    """
    waves = plan_waves(root, target)
    if not find_stale(root, [name for wave in waves for name in wave]):
        return
    for wave in waves:
        stale = find_stale(root, wave)  # only now: earlier waves may have changed what these depend on
        each = threads if len(wave) > 1 else None
        shares = share_out(min(jobs, len(stale)), cores=count_cores(), threads=each, devices=devices)
        failed = []
        with closing(run_side_by_side({name: _command(name) for name in stale}, shares)) as events:
            for event in events:
                if isinstance(event, Ended) and event.status:
                    failed.append(event.name)
                yield event
        if failed:
            raise TrainingError(
                f"{', '.join(failed)} failed, as told above; mend the cause and give the same command again: what "
                "finished is kept, and a training goes on from its last checkpoint"
            )


def _command(name: str) -> list[str]:
    """DVC on one stage; it waits while another one of them reads or writes the lock file, however long."""
    return [sys.executable, "-m", "dvc", "--wait-for-lock", "repro", "--single-item", name]
