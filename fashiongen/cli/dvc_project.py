"""What DVC knows of this repository: the order of the stages, which of them are stale, its lock files, its remotes.

This is the only module that imports DVC's Python modules, which are no public API (import-linter checks it).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from dvc.dvcfile import PROJECT_FILE
from dvc.exceptions import DvcException
from dvc.lock import LockError
from dvc.parsing import JOIN
from dvc.repo import Repo, lock_repo
from dvc.repo.reproduce import collect_stages, get_active_graph, plan_repro
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from dvc.utils import strictyaml

from fashiongen.errors import AlreadyRunning, BadInput


class Remotes(NamedTuple):
    """The remotes of a repository, each a mapping of DVC's settings by the remote's name."""

    default: str | None
    configured: Mapping[str, Mapping[str, Any]]  # in all of DVC's configuration files together
    committed: Mapping[str, Mapping[str, Any]]  # in .dvc/config alone, which Git keeps


def plan_stages(root: Path, target: str | None) -> dict[str, set[str]]:
    """The stages that `target` needs, and `target` itself, each with those that it needs directly; all for None.

    They stand in an order in which they can run. Names are DVC's.

    Raises:
        AlreadyRunning: another DVC holds the repository's lock.
        BadInput: DVC cannot read its files, or there is no such stage.
    """
    with _open(root) as repo:
        graph = get_active_graph(repo.index.graph)
        return {
            stage.addressing: {needed.addressing for needed in graph.successors(stage)}
            for stage in plan_repro(graph, _find_stages(repo, target))
        }


def find_stale(root: Path, names: Sequence[str]) -> list[str]:
    """The stages among `names` whose command, params, dependencies or outputs changed since their last run.

    Raises:
        AlreadyRunning: another DVC holds the repository's lock.
        BadInput: DVC cannot read its files.
    """
    wanted = set(names)
    with _open(root) as repo, lock_repo(repo):  # not `repo.status`, which reads dvc.lock anew for each name
        stale = {stage.addressing for stage in repo.index.stages if stage.addressing in wanted and stage.status()}
    return [name for name in names if name in stale]


def is_complete_lock(path: Path) -> bool:
    """Whether DVC wrote a dvc.lock to its end: it writes in place, and a part of the file can be a valid lock too.

    A file that ends after a whole output counts as complete: DVC runs the stages that it lacks, or finds their outputs
    in its cache.
    """
    try:
        lock, text = strictyaml.load(str(path), COMPILED_LOCKFILE_SCHEMA)
    except DvcException:
        return False
    outputs_of_stages = [stage.get("outs", []) for stage in lock.get("stages", {}).values()]
    return str(text).endswith("\n") and all(
        outputs and all("md5" in output for output in outputs) for outputs in outputs_of_stages
    )


def read_remotes(root: Path) -> Remotes:
    """The remotes in the repository's configuration.

    Raises:
        BadInput: this is no DVC repository, or DVC cannot read its configuration.
    """
    with _open(root) as repo:
        default = repo.config["core"].get("remote")
        return Remotes(default, repo.config["remote"], repo.config.load_one("repo")["remote"])


def _find_stages(repo: Repo, target: str | None) -> Any:
    try:
        return collect_stages(repo, [target or PROJECT_FILE])
    except DvcException as error:
        names = dict.fromkeys(_matrix(stage.addressing) for stage in repo.index.stages)
        raise BadInput(f"{_join_lines(error)}; choose from {', '.join(sorted(names))}") from error


def _matrix(name: str) -> str:
    """The name that the items of a matrix share; the name itself for any other stage."""
    return name.partition(JOIN)[0]


@contextmanager
def _open(root: Path) -> Iterator[Repo]:
    """The repository as its files are now; an error of DVC becomes one of ours, in one line."""
    try:
        with Repo(str(root)) as repo:
            yield repo
    except LockError as error:
        raise AlreadyRunning(f"{root}: another DVC is at work here; wait for it, or stop it") from error
    except DvcException as error:
        raise BadInput(f"{root}: {_join_lines(error)}") from error


def _join_lines(error: DvcException) -> str:
    return " ".join(str(error).split())
