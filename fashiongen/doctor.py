"""What the current profile needs, what of it is there, and the remedy for what is not."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
import yaml
from dvc.exceptions import DvcException
from dvc.repo import Repo

from fashiongen.boards.browser import find_browser
from fashiongen.boards.catalogue import read_catalogue
from fashiongen.config import section
from fashiongen.errors import FashiongenError

State = Literal["ok", "missing", "optional"]
IMAGENET_BACKBONES = Path(torch.hub.get_dir()) / "checkpoints"
FREE_DISK_GB = {"demo": 2, "street": 3, "thesis": 120}


class Finding(NamedTuple):
    """One thing looked for; `detail` says what is there, or how to get it."""

    subject: str
    state: State
    detail: str


def examine(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    """Findings for the params `values` of the repository at `root`, in the order in which a run would meet them."""
    for check in (_python, _disk, _browser, _boards, _credentials, _deepfashion, _weights, _gpu, _detectron2, _remote):
        try:
            yield from check(values, root)
        except FashiongenError as error:
            yield Finding(check.__name__.strip("_"), "missing", str(error))


def _python(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    yield Finding("python", "ok", f"{sys.version.split()[0]}, torch {torch.__version__}, {os.cpu_count()} cores")


def _disk(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    free_gb = shutil.disk_usage(root).free / 1e9
    needed_gb = FREE_DISK_GB.get(str(values.get("profile")), 2)
    state: State = "ok" if free_gb >= needed_gb else "missing"
    yield Finding("disk", state, f"{free_gb:.0f} GB free, about {needed_gb} GB needed by this profile")


def _browser(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    yield Finding("browser", "ok", str(find_browser()))


def _boards(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    boards = root / section(values, "scrape.boards")
    if not boards.exists():
        yield _to_be_made("boards", boards, root)
        return
    catalogue = read_catalogue(boards / "catalogue.yaml")
    yield Finding("boards", "ok", f"{len(catalogue.boards)} boards of {catalogue.site}")


def _credentials(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    file = root / section(values, "scrape.boards") / "catalogue.yaml"
    if not file.exists() or read_catalogue(file).site == "standin":
        yield Finding("credentials", "ok", "not needed: the boards are served by the local stand-in")
        return
    absent = [name for name in ("PINTEREST_EMAIL", "PINTEREST_PASSWORD") if not os.environ.get(name)]
    if absent:
        yield Finding("credentials", "missing", f"export {' and '.join(absent)}; they are never written to a file")
    else:
        yield Finding("credentials", "ok", "in the environment")


def _deepfashion(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    tree = root / section(values, "deepfashion.root")
    if tree.exists():
        yield Finding("labelled images", "ok", str(tree.relative_to(root)))
    else:
        yield _to_be_made("labelled images", tree, root)


def _to_be_made(subject: str, path: Path, root: Path) -> Finding:
    """A missing input that a source's stage writes, unless that source lacks its own input."""
    source = path.parent
    if not (source / "dvc.yaml").is_file():
        return Finding(subject, "missing", f"{path.relative_to(root)}: no such folder")
    listed = yaml.safe_load((source / "dvc.yaml").read_text())["stages"]
    stages = [stage.get("do", stage) for stage in listed.values()]
    (stage,) = [s for s in stages if path.name in map(_output_name, s["outs"])]
    made_here = {_output_name(output) for s in stages for output in s["outs"]}
    lacking = [source / dep for dep in stage["deps"] if dep not in made_here and not (source / dep).exists()]
    where = path.relative_to(root)
    if lacking:
        needed = lacking[0].relative_to(root)
        return Finding(subject, "missing", f"{where} is made from {needed}, which is not there; see README, Profiles")
    if "persist" in str(stage["outs"]):
        return Finding(subject, "missing", f"{where}: put DeepFashion there; see README, Profiles")
    return Finding(subject, "ok", f"{where}: not there yet, `dvc repro` makes it")


def _output_name(output: str | dict[str, Any]) -> str:
    return output if isinstance(output, str) else next(iter(output))


def _weights(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    weights = section(values, "detector.model.weights")
    if weights == "none":
        yield Finding("initial weights", "ok", "none: the detectors train from random weights")
    elif weights == "imagenet":
        there = sorted(path.name for path in IMAGENET_BACKBONES.glob("res*.pth"))
        state: State = "ok" if there else "optional"
        yield Finding("initial weights", state, f"{', '.join(there) or 'fetched at the first training'}")
    else:
        state = "ok" if (root / weights).exists() else "missing"
        yield Finding("initial weights", state, f"{weights}")


def _gpu(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    if torch.cuda.is_available():
        yield Finding("gpu", "ok", torch.cuda.get_device_name())
    else:
        yield Finding("gpu", "optional", "none: demo and street run on the processor, thesis would take weeks")


def _detectron2(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    needed = section(values, "detector.engine") == "detectron2"
    there = importlib.util.find_spec("detectron2") is not None
    state: State = "ok" if there else "missing" if needed else "optional"
    yield Finding("detectron2", state, "installed" if there else "not installed; engine torchvision does without it")


def _remote(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    try:
        with Repo(str(root)) as repo:
            remote = repo.config["core"].get("remote")
    except DvcException as error:
        yield Finding("remote", "optional", f"no DVC repository: {error}")
        return
    yield Finding("remote", "ok" if remote else "optional", remote or "none; `dvc remote add -d NAME URL` to share data")


