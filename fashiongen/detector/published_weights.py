"""Files of initial weights that torchvision and detectron2 publish: their names, addresses and checksums."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args
from urllib.error import URLError

import torch
from torchvision.models import get_model_weights

from fashiongen.detector.params import BackboneName
from fashiongen.errors import BadInput, CheckpointError, MissingInput
from fashiongen.files import atomic_path, sha256_file

COCO_DETECTORS = {"coco-v1": "fasterrcnn_resnet50_fpn", "coco-v2": "fasterrcnn_resnet50_fpn_v2"}
MODEL_ZOO = "https://dl.fbaipublicfiles.com/detectron2"
ZOO_FILES: dict[str, tuple[BackboneName, str]] = {  # by name: the backbone, and the path in detectron2's model zoo
    "R-50": ("resnet50", "ImageNetPretrained/MSRA/R-50.pkl"),
    "R-101": ("resnet101", "ImageNetPretrained/MSRA/R-101.pkl"),
    "X-101-32x8d": ("resnext101_32x8d", "ImageNetPretrained/FAIR/X-101-32x8d.pkl"),
}


class PublishedWeights(NamedTuple):
    """One published file."""

    name: str
    backbone: BackboneName
    url: str
    sha256_start: str  # torchvision's files have the start of their SHA-256 in their names; empty where none is known
    stride_in_1x1: bool  # see `ModelParams.stride_in_1x1`

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.url.rpartition("/")[2]


def list_published() -> Iterator[PublishedWeights]:
    """All files, those of torchvision's classifiers first."""
    for backbone in get_args(BackboneName):
        for weights in get_model_weights(backbone):
            version = weights.name.removeprefix("IMAGENET1K_").lower()
            yield _of_torchvision(f"{backbone}-{version}", backbone, weights.url)
    for name, detector in COCO_DETECTORS.items():
        yield _of_torchvision(name, "resnet50", get_model_weights(detector)["COCO_V1"].url)
    for name, (backbone, path) in ZOO_FILES.items():
        yield PublishedWeights(name, backbone, f"{MODEL_ZOO}/{path}", "", backbone.startswith("resnet"))


def _of_torchvision(name: str, backbone: BackboneName, url: str) -> PublishedWeights:
    return PublishedWeights(name, backbone, url, url.rpartition("-")[2].removesuffix(".pth"), stride_in_1x1=False)


def find_published(name: str) -> PublishedWeights:
    """A published file by its name.

    Raises:
        BadInput: there is none; the message lists all names.
    """
    published = {one.name: one for one in list_published()}
    if name not in published:
        raise BadInput(f"{name!r}: no published weights; there are {', '.join(published)}")
    return published[name]


def fetch(weights: PublishedWeights, folder: Path, *, given: Path | None = None) -> tuple[Path, str]:
    """Put the file into a folder, unless it is there, and check it; return its path and its SHA-256.

    It is downloaded, or copied from `given`.

    Raises:
        MissingInput: it could not be fetched; the message says where from and where to.
        CheckpointError: it is not the published file.
    """
    target = folder / weights.file
    if target.exists():
        return target, _check(target, weights)
    with atomic_path(target) as temporary:
        if given is not None:
            _copy(given, temporary)
        else:
            _download(weights, target, temporary)
        return target, _check(temporary, weights, named=given)


def _copy(given: Path, target: Path) -> None:
    if not given.is_file():
        raise MissingInput(f"--from {given}: no such file")
    shutil.copyfile(given, target)


def _download(weights: PublishedWeights, target: Path, temporary: Path) -> None:
    try:
        torch.hub.download_url_to_file(weights.url, str(temporary))
    except (URLError, ConnectionError, TimeoutError) as error:
        raise MissingInput(
            f"{weights.url} could not be fetched ({error}); fetch it on another machine and put it to {target}, "
            "then run this command again"
        ) from error


def _check(path: Path, weights: PublishedWeights, *, named: Path | None = None) -> str:
    """The SHA-256 of a file that is the published one; an error names `named` in place of its path."""
    sha256 = sha256_file(path)
    if not sha256.startswith(weights.sha256_start):
        raise CheckpointError(
            f"{named or path}: its SHA-256 is {sha256}, and that of {weights.file} begins with "
            f"{weights.sha256_start}: not the published file; delete it and fetch it again"
        )
    return sha256
