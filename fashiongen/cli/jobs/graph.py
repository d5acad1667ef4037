"""What DVC's own graph says of the pipeline: in which order its stages run, which side by side, and which are stale."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dvc.dvcfile import PROJECT_FILE
from dvc.exceptions import DvcException
from dvc.lock import LockError
from dvc.parsing import JOIN
from dvc.repo import Repo
from dvc.repo.reproduce import collect_stages, get_active_graph, plan_repro

from fashiongen.errors import AlreadyRunning, BadInput


def plan_waves(root: Path, target: str | None) -> list[list[str]]:
    """The stages that `target` needs and itself, by the names that DVC gives them, in an order in which they can run.

    A wave is one stage, or those items of one matrix (or foreach) that need nothing of each other. No target: all.

    Raises:
        AlreadyRunning: another DVC holds the repository's lock.
        BadInput: DVC does not read its files, or knows no such stage.
    """
    with _open(root) as repo:
        graph = get_active_graph(repo.index.graph)
        left = plan_repro(graph, collect_stages(repo, [target or PROJECT_FILE]))
        waves: list[list[str]] = []
        done: set[Any] = set()
        while left:
            ready = [stage for stage in left if done.issuperset(graph.successors(stage))]
            wave = [stage for stage in ready if _matrix(stage) == _matrix(ready[0])]
            done.update(wave)
            left = [stage for stage in left if stage not in done]
            waves.append(sorted(stage.addressing for stage in wave))
    return waves


def find_stale(root: Path, names: Sequence[str]) -> list[str]:
    """Those of the stages whose command, params, dependencies or outputs are not as their last run left them.

    Raises:
        AlreadyRunning: another DVC holds the repository's lock.
        BadInput: DVC does not read its files.
    """
    with _open(root) as repo:
        stale = repo.status(targets=list(names), check_updates=False)
    return [name for name in names if name in stale]


def _matrix(stage: Any) -> str:
    """What the items of a matrix share; another stage shares it with none."""
    return str(stage.addressing).partition(JOIN)[0]


@contextmanager
def _open(root: Path) -> Iterator[Repo]:
    """The repository as its files are now; what DVC has to say against them, in one line."""
    try:
        with Repo(str(root)) as repo:
            yield repo
    except LockError as error:
        raise AlreadyRunning(f"{root}: another DVC is at work here; wait for it, or stop it") from error
    except DvcException as error:
        raise BadInput(f"{root}: {' '.join(str(error).split())}") from error
