"""`dvc repro`, with the items of a matrix side by side."""

import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path

from fashiongen.cli.dvc_project import find_stale, plan_waves
from fashiongen.cli.jobs.processes import Ended, Line, run_side_by_side
from fashiongen.cli.jobs.shares import count_cores, share_out
from fashiongen.errors import TrainingError


def reproduce(
    root: Path, target: str | None, *, jobs: int, threads: int | None, devices: Sequence[str]
) -> Generator[Line | Ended, None, None]:
    """Run the stale stages among `target` and all that it needs.

    Items of a matrix run `jobs` at a time, each with its share of the cores and devices. Any other stage runs alone and
    has the whole machine, as in `dvc repro`.

    Raises:
        AlreadyRunning: another DVC holds the repository's lock.
        BadInput: DVC cannot read its files, or there is no such stage.
        TrainingError: stages failed; the stages that ran at the same time have finished.
    """
    waves = plan_waves(root, target)
    all_stale = find_stale(root, list(chain(*waves)))
    for place, wave in enumerate(waves, 1):
        stale = [name for name in wave if name in all_stale]
        if not stale:
            continue
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
                f"{', '.join(failed)} failed, see above; fix the cause and run the same command again: finished stages "
                "are kept, and a training resumes from its last checkpoint"
            )
        if later := list(chain(*waves[place:])):
            all_stale = find_stale(root, later)  # what ran may have changed their dependencies


def _command(name: str) -> list[str]:
    """The command that runs one stage; it waits as long as another DVC holds the repository's lock."""
    return [sys.executable, "-m", "dvc", "--wait-for-lock", "repro", "--single-item", name]
