"""See that two fresh clones of HEAD, in folders of different lengths, give the same to the byte.

    python .ci/reproducible.py                      the profile that HEAD has, as `make reproducible` does
    python .ci/reproducible.py --profile street     another one
    python .ci/reproducible.py FOLDER FOLDER        compare two repositories in which a run was made, here or elsewhere

Each clone runs `make repro` in the environment of this Python, from an empty DVC cache of its own. Then dvc.lock,
data/*/dvc.lock and metrics/ are compared. Exit status: 0 where they are the same, 1 where they differ, with the first
stage and output that do, 2 where a run fails. Clones that differ or fail are kept, for a look.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
CLONES = ("a", "a clone/with a path that is longer")  # a path that got into a result would show
LAST_LINES = 20


class RunFailed(Exception):
    """A clone could not be made, or its run ended with an error."""


def say(text: str) -> None:
    print(f"reproducible: {text}", flush=True)


def call(command: list[str], *, folder: Path, log: Path) -> None:
    """Run a command, its words going to the end of `log`; one that fails shows the last of them."""
    ours = {"PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(folder)}
    not_ours = ("MAKEFLAGS", "MAKELEVEL", "FASHIONGEN_CHECKPOINTS")  # of the `make` around this; one for both clones
    environment = {name: value for name, value in os.environ.items() if name not in not_ours} | ours
    with log.open("ab") as said:
        status = subprocess.run(command, cwd=folder, env=environment, stdout=said, stderr=said, check=False).returncode
    if status:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        raise RunFailed(f"{' '.join(command)} in {folder}: exit status {status}, see {log}\n{last}")


def make_clone(folder: Path, revision: str, profile: str | None, log: Path) -> None:
    """What Git has of this repository, with this environment, and a cache that nothing else uses."""
    folder.mkdir(parents=True)
    call(["git", "clone", "--quiet", "--no-checkout", str(ROOT), "."], folder=folder, log=log)
    call(["git", "checkout", "--quiet", "--detach", revision], folder=folder, log=log)
    environment = folder / ".venv"
    environment.unlink(missing_ok=True)  # a link that was committed, since .gitignore names a folder
    environment.symlink_to(sys.prefix)
    call(["dvc", "cache", "dir", "--local", str(folder / ".dvc/cache")], folder=folder, log=log)
    if profile is not None:
        call(["fashiongen", "profile", profile], folder=folder, log=log)


def run_clones(work: Path, profile: str | None) -> tuple[Path, Path]:
    """The two clones, each after a run of its own."""
    shown = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    first, second = (work / name for name in CLONES)
    for number, folder in enumerate((first, second), start=1):
        log = work / f"clone{number}.log"
        began = time.monotonic()
        say(f"clone {number} of 2: {folder} (log: {log})")
        make_clone(folder, shown.stdout.strip(), profile, log)
        # The environment is this one's, and is not made again because a clone's files are newer.
        call(["make", "--old-file=.venv/.ready", "repro"], folder=folder, log=log)
        say(f"clone {number} of 2: {time.monotonic() - began:.0f} s")
    return first, second


def names_to_compare(folder: Path) -> list[str]:
    """What must be the same: the locks, the inputs' before the pipeline's, and the metrics."""
    found = [*sorted(folder.glob("data/*/dvc.lock")), folder / "dvc.lock", *sorted(folder.glob("metrics/*"))]
    return [str(path.relative_to(folder)) for path in found if path.is_file()]


def find_difference(first: Path, second: Path) -> str | None:
    """The first thing in which two runs differ, in words; None where all is the same.

    Raises:
        RunFailed: in one of them, or in both, there was no run.
    """
    for folder in (first, second):
        if not (folder / "dvc.lock").is_file():
            raise RunFailed(f"{folder}: no dvc.lock; run `dvc repro` there")
    names = list(dict.fromkeys(names_to_compare(first) + names_to_compare(second)))
    for name in names:
        one, other = first / name, second / name
        if not (one.is_file() and other.is_file()):
            return f"{name}: only in {(first if one.is_file() else second)}"
        if one.read_bytes() != other.read_bytes():
            return f"{name}: {describe(first, second, name)}"
    return None


def describe(first: Path, second: Path, name: str) -> str:
    """How two files of one name differ; of a lock, the stage that began it, and what of it."""
    if not name.endswith("dvc.lock"):
        return "other content, and the locks are the same"
    one, other = (yaml.safe_load((folder / name).read_text())["stages"] for folder in (first, second))
    stages = [stage for stage in dict.fromkeys([*one, *other]) if one.get(stage) != other.get(stage)]
    if not stages:
        return "the same stages in another order"
    if lonely := [stage for stage in stages if not (stage in one and stage in other)]:
        return f"stage {lonely[0]}: only in {first if lonely[0] in one else second}"
    # What goes in is the same, what comes out is not: there it began. The others have it from there.
    began = [stage for stage in stages if one[stage].get("deps") == other[stage].get("deps")]
    stage = (began or stages)[0]
    return f"stage {stage}: " + next(differences(first, second, one[stage], other[stage]))


def differences(first: Path, second: Path, one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """Each entry of a stage's lock that differs."""
    for part in ("cmd", "params", "deps", "outs"):
        if one.get(part) == other.get(part):
            continue
        if part in ("cmd", "params"):
            yield f"was run with other {part}"
            continue
        hashes, others = ({entry["path"]: entry["md5"] for entry in stage[part]} for stage in (one, other))
        for path in dict.fromkeys([*hashes, *others]):
            if hashes.get(path) != others.get(path):
                yield f"{part.removesuffix('s')} {path}{first_file(first / path, second / path)}"


def first_file(one: Path, other: Path) -> str:
    """The first file that differs in two folders that are still there."""
    files = sorted({path.relative_to(root) for root in (one, other) for path in root.rglob("*") if path.is_file()})
    for file in files:
        if not ((one / file).is_file() and (other / file).is_file()):
            return f", first in {file}, which one of them lacks"
        if (one / file).read_bytes() != (other / file).read_bytes():
            return f", first in {file}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", type=Path, metavar="FOLDER", help="two repositories to compare")
    parser.add_argument("--profile", help="demo or street; HEAD's own where none is named")
    parser.add_argument("--work", type=Path, help="where the clones go: 1 GB and more; the system's folder for such")
    arguments = parser.parse_args()
    if len(arguments.runs) not in (0, 2):
        parser.error("name two folders, or none")
    if arguments.runs:
        work, (first, second) = None, arguments.runs
    else:
        if arguments.work and not arguments.work.is_dir():
            raise RunFailed(f"--work {arguments.work}: no such folder; make it first")
        work = Path(tempfile.mkdtemp(prefix="reproducible-", dir=arguments.work))
        first, second = run_clones(work, arguments.profile)
    difference = find_difference(first, second)
    if difference is not None:
        say(f"the runs differ: {difference}")
        say(f"see {first} and {second}")
        return 1
    say(f"the same to the byte: {', '.join(names_to_compare(first))}")
    if work is not None:
        shutil.rmtree(work)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RunFailed as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
