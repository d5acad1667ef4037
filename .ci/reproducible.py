"""Check that two runs of the pipeline give the same bytes.

    python .ci/reproducible.py                      run HEAD in two fresh clones, as `make reproducible` does
    python .ci/reproducible.py --profile street     the same for another profile
    python .ci/reproducible.py FOLDER FOLDER        compare two repositories that have been run, of the same code
    python .ci/reproducible.py --compare A B        compare the outputs of two repositories, of different code

The first three compare dvc.lock, data/*/dvc.lock and metrics/, and name the first stage and output that differ. The
clones are in folders whose paths differ in length; each runs `make repro` in the environment of this Python, from an
empty DVC cache of its own. Clones that differ or fail are kept.

--compare reads the outputs themselves and prints one line for each: equal, differs, or in which folder it is missing.
It ignores the code, its paths and its hashes.

Exit status: 0 if all is the same, 1 if something differs, 2 if a run fails.
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
CLONES = ("a", "a clone/with a path that is longer")  # so that a path in an output makes it differ
LAST_LINES = 20


class RunFailed(Exception):
    """A clone could not be made, or its run ended with an error."""


def say(text: str) -> None:
    print(f"reproducible: {text}", flush=True)


def call(command: list[str], *, folder: Path, log: Path) -> None:
    """Run a command and append its output to `log`.

    Raises:
        RunFailed: it failed; the message ends with the last lines of its output.
    """
    changes = {"PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(folder)}
    removed = ("MAKEFLAGS", "MAKELEVEL", "FASHIONGEN_CHECKPOINTS")  # set by the calling `make`; shared by both clones
    environment = {name: value for name, value in os.environ.items() if name not in removed} | changes
    with log.open("ab") as output:
        status = subprocess.run(
            command, cwd=folder, env=environment, stdout=output, stderr=output, check=False
        ).returncode
    if status:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        raise RunFailed(f"{' '.join(command)} in {folder}: exit status {status}, see {log}\n{last}")


def make_clone(folder: Path, revision: str, profile: str | None, log: Path) -> None:
    """Clone this repository at a revision, with a link to this environment and a DVC cache of its own."""
    folder.mkdir(parents=True)
    call(["git", "clone", "--quiet", "--no-checkout", str(ROOT), "."], folder=folder, log=log)
    call(["git", "checkout", "--quiet", "--detach", revision], folder=folder, log=log)
    environment = folder / ".venv"
    environment.unlink(missing_ok=True)  # .gitignore names a folder, so a link may have been committed
    environment.symlink_to(sys.prefix)
    call(["dvc", "cache", "dir", "--local", str(folder / ".dvc/cache")], folder=folder, log=log)
    if profile is not None:
        call(["fashiongen", "profile", profile], folder=folder, log=log)


def run_clones(work: Path, profile: str | None) -> tuple[Path, Path]:
    """Make two clones and run the pipeline in each."""
    shown = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    first, second = (work / name for name in CLONES)
    for number, folder in enumerate((first, second), start=1):
        log = work / f"clone{number}.log"
        began = time.monotonic()
        say(f"clone {number} of 2: {folder} (log: {log})")
        make_clone(folder, shown.stdout.strip(), profile, log)
        # Without --old-file make would rebuild the environment, because the clone's files are newer.
        call(["make", "--old-file=.venv/.ready", "repro"], folder=folder, log=log)
        say(f"clone {number} of 2: {time.monotonic() - began:.0f} s")
    return first, second


def read_lock(path: Path) -> Any:
    # libyaml's loader: the one in Python takes a second for a lock
    return yaml.load(path.read_text(), yaml.CSafeLoader)


def names_to_compare(folder: Path) -> list[str]:
    """The files that must be the same: the locks, those of the inputs first, and the metrics."""
    found = [*sorted(folder.glob("data/*/dvc.lock")), folder / "dvc.lock", *sorted(folder.glob("metrics/*"))]
    return [str(path.relative_to(folder)) for path in found if path.is_file()]


def find_difference(first: Path, second: Path) -> str | None:
    """Describe the first difference between two runs; None if there is none.

    Raises:
        RunFailed: a folder has no dvc.lock.
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
    """How two files of one name differ; for a lock, the first stage and output that differ."""
    if not name.endswith("dvc.lock"):
        return "other content, and the locks are the same"
    one, other = (read_lock(folder / name)["stages"] for folder in (first, second))
    stages = [stage for stage in dict.fromkeys([*one, *other]) if one.get(stage) != other.get(stage)]
    if not stages:
        return "the same stages in another order"
    if single := [stage for stage in stages if not (stage in one and stage in other)]:
        return f"stage {single[0]}: only in {first if single[0] in one else second}"
    # The difference began in a stage whose inputs are the same; later stages only pass it on.
    began = [stage for stage in stages if one[stage].get("deps") == other[stage].get("deps")]
    stage = (began or stages)[0]
    return f"stage {stage}: " + next(differences(first, second, one[stage], other[stage]))


def differences(first: Path, second: Path, one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """Describe each entry of a stage's lock that differs."""
    for part in ("cmd", "params", "deps", "outs"):
        if one.get(part) == other.get(part):
            continue
        if part in ("cmd", "params"):
            yield f"was run with different {part}"
            continue
        hashes, others = ({entry["path"]: entry["md5"] for entry in stage[part]} for stage in (one, other))
        for path in dict.fromkeys([*hashes, *others]):
            if hashes.get(path) != others.get(path):
                yield f"{part.removesuffix('s')} {path}{first_file(first / path, second / path)}"


def first_file(one: Path, other: Path) -> str:
    """Name the first file that differs between two folders, if they still exist."""
    files = sorted({path.relative_to(root) for root in (one, other) for path in root.rglob("*") if path.is_file()})
    for file in files:
        if not ((one / file).is_file() and (other / file).is_file()):
            return f", first in {file}, which one of them lacks"
        if (one / file).read_bytes() != (other / file).read_bytes():
            return f", first in {file}"
    return ""


def read_outputs(folder: Path) -> list[str]:
    """The paths of all outputs of a run, in the order of the locks: first those of data/*/dvc.lock.

    Raises:
        RunFailed: the folder has no dvc.lock.
    """
    if not (folder / "dvc.lock").is_file():
        raise RunFailed(f"{folder}: no dvc.lock; run `dvc repro` there")
    locks = [read_lock(path) for path in (*sorted(folder.glob("data/*/dvc.lock")), folder / "dvc.lock")]
    return [out["path"] for lock in locks for stage in lock["stages"].values() for out in stage["outs"]]


def compare_outputs(first: Path, second: Path) -> Iterator[tuple[str, bool]]:
    """One line for each output of either run, and whether it is the same in both."""
    for path in dict.fromkeys(read_outputs(first) + read_outputs(second)):
        one, other = first / path, second / path
        absent = [folder for folder in (first, second) if not (folder / path).exists()]
        if len(absent) == 2:
            yield f"missing  {path}: in both", False
        elif absent:
            yield f"missing  {path}: in {absent[0]}", False
        elif one.is_file() and other.is_file():
            same = one.read_bytes() == other.read_bytes()
            yield f"{'equal' if same else 'differs':<8} {path}", same
        else:
            difference = first_file(one, other)
            files = sum(file.is_file() for file in one.rglob("*"))
            yield f"{'differs' if difference else 'equal':<8} {path}{difference or f' ({files} files)'}", not difference


def print_comparison(first: Path, second: Path) -> int:
    """Print the comparison of all outputs and a summary; give the exit status."""
    results = list(compare_outputs(first, second))
    for line, _ in results:
        print(line)
    equal = sum(same for _, same in results)
    say(f"{equal} of {len(results)} outputs are equal")
    return int(equal < len(results))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", type=Path, metavar="FOLDER", help="two repositories to compare")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="compare the outputs of two runs")
    parser.add_argument("--profile", help="demo or street; by default the profile of HEAD")
    parser.add_argument("--work", type=Path, help="the folder for the clones, 1 GB or more; by default a temporary one")
    arguments = parser.parse_args()
    if arguments.compare:
        return print_comparison(*arguments.compare)
    if len(arguments.runs) not in (0, 2):
        parser.error("name two folders or none")
    if arguments.runs:
        work, (first, second) = None, arguments.runs
    else:
        if arguments.work and not arguments.work.is_dir():
            raise RunFailed(f"--work {arguments.work}: no such folder; create it first")
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
