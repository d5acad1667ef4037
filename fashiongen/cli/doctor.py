"""What the current profile needs, whether it is there, and how to get what is missing."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import torch

from fashiongen.boards.browser import find_programs
from fashiongen.boards.catalogue import CATALOGUE, STANDIN, read_catalogue, require_photographs
from fashiongen.boards.credentials import EMAIL_VARIABLE, PASSWORD_VARIABLE
from fashiongen.cli.dvc_project import is_complete_lock, read_remotes
from fashiongen.cli.watched_files import require_hashable
from fashiongen.config import section
from fashiongen.deepfashion.layout import require_benchmark
from fashiongen.errors import BadInput, ConfigError, FashiongenError
from fashiongen.runtime.devices import require_devices
from fashiongen.runtime.params import RuntimeParams
from fashiongen.sources.street.ccp import ENVIRONMENT_NAME, require_ccp

State = Literal["ok", "missing", "optional"]
Answers = Iterator[tuple[State, str]]
IMAGENET_BACKBONES = Path(torch.hub.get_dir()) / "checkpoints"
SECRETS = {  # DVC's names of the settings that grant access to a remote
    *("access_key_id", "secret_access_key", "session_token", "sse_customer_key", "password", "passphrase", "token"),
    *("account_key", "sas_token", "connection_string", "client_secret", "gdrive_client_secret", "oss_key_secret"),
}
SECRET_REMEDY = "take it out, and set it in the environment or in a profile of the cloud's own tools"
DEEPFASHION = "data/thesis/deepfashion"
ARCHIVE = "Img/img.zip"
PHOTOGRAPHS_ALONE = "not needed: the catalogue lists photographs alone"


class Finding(NamedTuple):
    """One thing looked for; `detail` says what is there, or how to get it."""

    subject: str
    state: State
    detail: str


def examine(values: dict[str, Any], root: Path) -> Iterator[Finding]:
    """Findings for the params `values` of the repository at `root`, in the order in which a run would meet them."""
    for subject, check in CHECKS.items():
        try:
            for state, detail in check(values, root):
                yield Finding(subject, state, detail)
        except FashiongenError as error:
            yield Finding(subject, "missing", str(error))


def _python(values: dict[str, Any], root: Path) -> Answers:
    yield "ok", f"{sys.version.split()[0]}, torch {torch.__version__}, {os.cpu_count()} cores"


def _disk(values: dict[str, Any], root: Path) -> Answers:
    free_gb = shutil.disk_usage(root).free / 1e9
    needed_gb = section(values, "about.free_disk_gb")
    state: State = "ok" if free_gb >= needed_gb else "missing"
    remedy = "" if state == "ok" else ": free some, or move the cache with `dvc cache dir FOLDER`"
    yield state, f"{free_gb:.0f} GB free, about {needed_gb:g} GB needed by this profile{remedy}"


def _browser(values: dict[str, Any], root: Path) -> Answers:
    boards = root / section(values, "scrape.boards")
    if (boards / CATALOGUE).is_file() and read_catalogue(boards).site is None:
        yield "ok", PHOTOGRAPHS_ALONE
        return
    programs = find_programs()
    yield "ok", programs.browser or "found by Selenium Manager when the scrape starts"


def _boards(values: dict[str, Any], root: Path) -> Answers:
    yield _input("scrape.boards", values, root)
    boards = root / section(values, "scrape.boards")
    if boards.exists():
        require_photographs(read_catalogue(boards), boards)
        require_hashable(boards)


def _labelled(values: dict[str, Any], root: Path) -> Answers:
    if not section(values, "sources.thesis"):  # else it is DeepFashion itself
        yield _input("deepfashion.root", values, root)


def _input(key: str, values: dict[str, Any], root: Path) -> tuple[State, str]:
    """A folder that the pipeline starts from; one that a stage below data/ writes need not be there yet."""
    folder = Path(section(values, key))
    if (root / folder).exists():
        return "ok", str(folder)
    if (root / folder.parent / "dvc.yaml").is_file():
        return "ok", f"{folder}: not there yet, `dvc repro` makes it"
    return "missing", f"{folder}: no such folder; put it there, or change {key}"


def _street(values: dict[str, Any], root: Path) -> Answers:
    if section(values, "sources.street"):
        photographs = root / os.environ.get(ENVIRONMENT_NAME, "data/street/ccp")
        require_ccp(photographs)
        yield "ok", str(photographs)


def _thesis(values: dict[str, Any], root: Path) -> Answers:
    if section(values, "sources.thesis"):
        require_benchmark(root / DEEPFASHION)
        yield "ok", DEEPFASHION
        if not (root / DEEPFASHION / ARCHIVE).is_file():
            yield (
                "optional",
                f"no {ARCHIVE} beside its images: DVC tracks that file, not the images, and misses their changes",
            )


def _credentials(values: dict[str, Any], root: Path) -> Answers:
    boards = root / section(values, "scrape.boards")
    if not boards.exists():
        return
    catalogue = read_catalogue(boards)
    if catalogue.site is None:
        yield "ok", PHOTOGRAPHS_ALONE
        return
    if catalogue.site == STANDIN:
        yield "ok", "not needed: the boards are served by the local test site"
        return
    absent = [name for name in (EMAIL_VARIABLE, PASSWORD_VARIABLE) if not os.environ.get(name)]
    if absent:
        yield "missing", f"export {' and '.join(absent)}; they are never written to a file"
    else:
        yield "ok", "in the environment"


def _weights(values: dict[str, Any], root: Path) -> Answers:
    common, of_some = section(values, "detector.model.weights"), section(values, "detector.per_backbone")
    chosen = (of_some.get(name, {}).get("weights", common) for name in section(values, "detector.backbones"))
    yield from (_first_weights(weights, root) for weights in dict.fromkeys(chosen))


def _first_weights(weights: str, root: Path) -> tuple[State, str]:
    if weights == "none":
        return "ok", "none: the detectors train from random weights"
    if weights == "imagenet":
        there = sorted(path.name for path in IMAGENET_BACKBONES.glob("res*.pth"))
        return ("ok", ", ".join(there)) if there else ("optional", "fetched at the first training")
    if (root / weights).exists():
        return "ok", weights
    remedy = "`dvc pull` or put it there, or set detector.model.weights to none or imagenet"
    return "missing", f"{weights}: no such file; {remedy}"


def _gpu(values: dict[str, Any], root: Path) -> Answers:
    if torch.cuda.is_available():
        yield "ok", torch.cuda.get_device_name()
    else:
        yield (
            "optional",
            "none: demo and street need none; thesis would take weeks without: run it on a machine with a GPU",
        )


def _devices(values: dict[str, Any], root: Path) -> Answers:
    sections = {
        "detector": values["detector"],
        **{f"dcgan.variants.{n}": v for n, v in values["dcgan"]["variants"].items()},
    }
    for name, of_section in sections.items():
        try:
            require_devices(RuntimeParams.model_validate(of_section["runtime"]))
        except ConfigError as error:
            yield "missing", f"{name}.{error}"


def _detectron2(values: dict[str, Any], root: Path) -> Answers:
    if importlib.util.find_spec("detectron2"):
        yield "ok", "installed"
    elif section(values, "detector.engine") == "detectron2":
        yield "missing", "install it from its source, as its documentation says, or set detector.engine to torchvision"
    else:
        yield "optional", "not installed; not needed for engine torchvision"


def _lock(values: dict[str, Any], root: Path) -> Answers:
    for path in (*sorted(root.glob("data/*/dvc.lock")), root / "dvc.lock"):
        if not path.is_file():
            continue
        name = path.relative_to(root)
        if is_complete_lock(path):
            yield "ok", str(name)
        else:
            yield (
                "missing",
                f"{name}: incomplete: DVC was killed while writing it: `git checkout {name}`, or delete it if Git "
                "does not have it; `dvc repro` then restores the outputs of finished stages from its cache",
            )


def _remote(values: dict[str, Any], root: Path) -> Answers:
    try:
        name, configured, committed = read_remotes(root)
    except BadInput as error:
        yield "optional", f"no DVC repository: {error}"
        return
    for owner, settings in committed.items():
        if secret := sorted(SECRETS & settings.keys()):
            yield "missing", f"{owner}: .dvc/config, which Git keeps, has {', '.join(secret)}: {SECRET_REMEDY}"
        if hide_secrets(str(settings.get("url", ""))) != settings.get("url", ""):
            yield "missing", f"{owner}: .dvc/config, which Git keeps, has a secret in its url: {SECRET_REMEDY}"
    if name is None:
        yield "optional", "none; `dvc remote add -d NAME URL` to share data"
    elif configured[name].get("verify"):
        yield "ok", f"{name}: {hide_secrets(str(configured[name]['url']))}"
    else:
        yield (
            "optional",
            f"{name}: DVC does not verify hashes of downloads; `dvc remote modify {name} verify true` makes it",
        )


def hide_secrets(url: str) -> str:
    """An address with `***` in place of a password, and of the values of its query: these may be signatures or keys."""
    parts = urlsplit(url)
    user, separator, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    netloc = f"{name}{':***' if colon else ''}{separator}{host}"
    query = "&".join(f"{field.partition('=')[0]}=***" for field in parts.query.split("&")) if parts.query else ""
    return parts._replace(netloc=netloc, query=query).geturl()


CHECKS: dict[str, Callable[[dict[str, Any], Path], Answers]] = {
    "python": _python,
    "disk": _disk,
    "browser": _browser,
    "photographs": _street,
    "DeepFashion": _thesis,
    "boards": _boards,
    "labelled images": _labelled,
    "credentials": _credentials,
    "initial weights": _weights,
    "gpu": _gpu,
    "devices": _devices,
    "detectron2": _detectron2,
    "dvc.lock": _lock,
    "remote": _remote,
}
