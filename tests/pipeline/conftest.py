"""A copy of the working tree on a tiny profile, whose pipeline runs once for all tests of this folder."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from filelock import FileLock

from fashiongen.cli.profiles import compose

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
TINY = yaml.safe_load(Path(__file__).with_name("tiny.yaml").read_text())
IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Test"), ("EMAIL", "test@example.com"))
}
WIDE = "2000"  # columns of the terminal: no table of DVC's cuts a name off, whatever numbers stand beside it
FINISHED = ".git/finished"  # a file of a clone whose run ended well


def merge(values: dict[str, Any], changes: dict[str, Any]) -> None:
    """Change the keys that stand in `changes` in place; a key that is not there already is an error."""
    for key, change in changes.items():
        if isinstance(change, dict) and isinstance(values[key], dict):
            merge(values[key], change)
        else:
            assert key in values, key
            values[key] = change


class Clone:
    """A copy of the repository, and shell commands in it."""

    commands = BIN

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, command: str, status: int = 0, **environment: str) -> str:
        """The output of a shell command, which must end with `status`."""
        result = self.start(command, self.commands, **environment)
        output, _ = result.communicate()
        assert result.returncode == status, f"{command}\n{output[-8000:]}"
        return output

    def fail(self, command: str, **environment: str) -> str:
        """The output of a shell command, which must end with an error of any status."""
        result = self.start(command, self.commands, **environment)
        output, _ = result.communicate()
        assert result.returncode != 0, f"{command}\n{output[-8000:]}"
        return output

    def start(self, command: str, commands: Path = BIN, **environment: str) -> subprocess.Popen[str]:
        """A shell command in a process group of its own, stdout and stderr in one pipe."""
        ours = {
            "PATH": f"{commands}:{BIN}:{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder),
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": WIDE,
        }
        return subprocess.Popen(
            ["bash", "-c", command],
            cwd=self.folder,
            env=os.environ | IDENTITY | ours | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def commit(self, message: str) -> None:
        self.run(f"git add -A && git commit -q -m {shlex.quote(message)}")

    def clone(self, folder: Path) -> "Clone":
        """What Git has, and nothing of DVC's cache."""
        self.run(f"git clone -q . {folder}")
        return Clone(folder)

    def copy(self, folder: Path) -> "Clone":
        """All of it: cache, outputs and what Git does not know."""
        return Clone(shutil.copytree(self.folder, folder, symlinks=True))

    def read_yaml(self, name: str | Path) -> Any:
        """A file of the clone, or one elsewhere by its whole path."""
        # libyaml's loader: a lock takes the one in Python a second
        return yaml.load((self.folder / name).read_text(), yaml.CSafeLoader)

    def change_yaml(self, name: str, changes: dict[str, Any]) -> None:
        values = self.read_yaml(name)
        merge(values, changes)
        (self.folder / name).write_text(yaml.safe_dump(values, sort_keys=False))

    def add_variant(self, name: str, values: dict[str, Any]) -> None:
        """Add a variant as small as the others."""
        merge(values, TINY["params.yaml"]["dcgan"]["variants"]["cropped"])
        params = self.read_yaml("params.yaml")
        params["dcgan"]["variants"][name] = values
        (self.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))


def link_environment(folder: Path) -> None:
    """The environment of these tests as one that `make setup` has made: a target of a clone never installs into it.

    Where `Clone.run` calls commands that start at once, so does `make`.
    """
    (folder / "bin").mkdir(parents=True)
    for entry in BIN.parent.iterdir():
        if entry.name not in ("bin", ".ready"):
            (folder / entry.name).symlink_to(entry)
    for command in BIN.iterdir():
        warm = Clone.commands / command.name
        (folder / "bin" / command.name).symlink_to(warm if warm.exists() else command)
    (folder / ".ready").touch()


@cache
def list_files() -> list[str]:
    """What Git has of the working tree, or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def lay_out_clone(folder: Path, profile: str = "demo") -> Clone:
    """A copy of the working tree in an empty folder, on a tiny profile, committed to a Git of its own."""
    clone = Clone(folder)
    for name in list_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "params.yaml").write_text(compose(profile, ROOT / "profiles"))
    for file, changes in TINY.items():
        clone.change_yaml(file, changes)
    tiny = clone.read_yaml("params.yaml")
    del tiny["profile"]
    (folder / f"profiles/{profile}.yaml").write_text(yaml.safe_dump(tiny, sort_keys=False))
    (folder / "params.yaml").write_text(compose(profile, folder / "profiles"))
    link_environment(folder / ".venv")
    for name in ("requirements.lock", "pyproject.toml", ".ci/environment"):
        os.utime(folder / name, (0, 0))  # older than the environment, which `make` then leaves alone
    clone.run("git init -q -b main")
    clone.commit("tiny")
    return clone


@pytest.fixture(scope="session")
def warm_clones(warm_commands: Path) -> Iterator[None]:
    """`Clone.run` calls commands that start at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Clone, "commands", warm_commands / "bin")
        yield


@pytest.fixture(scope="session")
def lay_out(warm_clones: None) -> Callable[..., Clone]:
    return lay_out_clone


@pytest.fixture(scope="session")
def finished(warm_clones: None, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A clone whose pipeline ran and whose run is committed: to be copied, never changed. All workers share it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if hasattr(request.config, "workerinput") else base) / "finished"
    with FileLock(f"{shared}.lock"):
        if not (shared / FINISHED).exists():
            shutil.rmtree(shared, ignore_errors=True)
            clone = lay_out_clone(shared)
            clone.run("dvc repro")
            clone.commit("The run")
            (shared / FINISHED).touch()
    return shared


@pytest.fixture(scope="session")
def copy_finished(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Clone]:
    """Makes a copy of the finished clone, cache and outputs included."""

    def copy() -> Clone:
        return Clone(finished).copy(tmp_path_factory.mktemp("copy") / "clone")

    return copy
