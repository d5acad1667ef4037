"""`dvc repro`, with the stages that do not need each other side by side."""

import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from fashiongen.cli.dvc_project import find_stale, plan_stages
from fashiongen.cli.jobs.processes import Ended, Line, run_side_by_side
from fashiongen.cli.jobs.shares import count_cores, share_out
from fashiongen.errors import TrainingError


def reproduce(
    root: Path,
    target: str | None,
    *,
    jobs: int,
    devices: Sequence[str],
    expected_s: Mapping[str, float],
) -> Generator[Line | Ended, None, None]:
    """Run the stale stages among `target` and all that it needs, and the stages that need them.

    Stages run `jobs` at a time, each with its share of the cores and devices; a stage beside which no other can run
    has the whole machine. Of those that could begin, the one begins that is expected to take longest, since a long one
    that begins last leaves cores idle at the end; one of which nothing is expected counts as the longest.

    Raises:
        AlreadyRunning: another DVC holds the repository's lock.
        BadInput: DVC cannot read its files, or there is no such stage.
        TrainingError: stages failed; all that do not need them have finished.
    """
    needs = plan_stages(root, target)
    stale = set(find_stale(root, list(needs)))
    for name, needed in needs.items():  # each stands after those that it needs
        if not stale.isdisjoint(needed):
            stale.add(name)  # perhaps: DVC skips it if what it needs gives the same again
    longest_first = sorted(stale, key=lambda name: -expected_s.get(name, float("inf")))
    cores, failed = count_cores(), []
    run = run_side_by_side(
        {name: _command(name) for name in longest_first},
        share_out(jobs, cores=cores, devices=devices),
        needs=needs,
        alone=share_out(1, cores=cores, devices=devices)[0],
    )
    with closing(run) as events:
        for event in events:
            if isinstance(event, Ended) and event.status:
                failed.append(event.name)
            yield event
    if failed:
        raise TrainingError(
            f"{', '.join(failed)} failed, see above; fix the cause and run the same command again: finished stages "
            "are kept, and a training resumes from its last checkpoint"
        )


def _command(name: str) -> list[str]:
    """The command that runs one stage; it waits as long as another DVC holds the repository's lock."""
    return [sys.executable, "-m", "dvc", "--wait-for-lock", "repro", "--single-item", name]
