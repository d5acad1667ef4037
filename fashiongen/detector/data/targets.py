"""Annotated images as training targets, read from a COCO file."""

import hashlib
import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int64

from fashiongen.errors import BadInput, MissingInput
from fashiongen.files import read_json, require_below


class ImageFile(NamedTuple):
    """An image to detect on: the id that its detections get, and its path."""

    image_id: int
    path: Path


class Target(NamedTuple):
    """The annotated boxes of one image, in the image's own pixels."""

    image: ImageFile
    boxes_xyxy: Float32[np.ndarray, "boxes 4"]
    labels: Int64[np.ndarray, " boxes"]  # category ids, from 1


class TrainingSet(NamedTuple):
    """What a detector is trained or evaluated on, ordered by image id."""

    targets: list[Target]
    categories: dict[int, str]  # category id -> name

    @property
    def images(self) -> list[ImageFile]:
        """The images without their annotations."""
        return [target.image for target in self.targets]


def read_targets(annotations: Path, images: Path) -> TrainingSet:
    """The images of a COCO file, whose file names lie below `images`; those without an annotation are left out.

    Raises:
        MissingInput: the file or one of its images is not there.
        BadInput: the file is no COCO file, a box has no extent, or no image is annotated.
    """
    content = read_json(annotations)
    try:
        files = {int(image["id"]): images / require_below(image["file_name"]) for image in content["images"]}
        rows: dict[int, list[tuple[tuple[float, ...], int]]] = {}
        for row in content["annotations"]:
            rows.setdefault(int(row["image_id"]), []).append(
                (_corners(*map(float, row["bbox"])), int(row["category_id"]))
            )
        categories = {int(category["id"]): str(category["name"]) for category in content["categories"]}
        targets = [_target(image_id, files[image_id], rows[image_id]) for image_id in sorted(rows)]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadInput(f"{annotations}: no COCO file ({error!r}); run deepfashion_to_coco again") from error
    if not targets:
        raise BadInput(f"{annotations}: no image is annotated; run deepfashion_to_coco again")
    _require_images(annotations, targets)
    return TrainingSet(targets, categories)


def _corners(x: float, y: float, width: float, height: float) -> tuple[float, ...]:
    if not (width > 0 and height > 0 and all(map(math.isfinite, (x, y, width, height)))):
        raise ValueError(f"box {[x, y, width, height]} has no extent")
    return (x, y, x + width, y + height)


def _target(image_id: int, path: Path, rows: list[tuple[tuple[float, ...], int]]) -> Target:
    boxes = np.array([corners for corners, _ in rows], dtype=np.float32)
    return Target(ImageFile(image_id, path), boxes, np.array([label for _, label in rows], dtype=np.int64))


def _require_images(annotations: Path, targets: list[Target]) -> None:
    missing = [target.image.path for target in targets if not target.image.path.is_file()]
    if missing:
        raise MissingInput(
            f"{annotations}: {len(missing)} of its images are not there, the first is {missing[0]}: restore them"
        )


def hash_listing(images: Iterable[ImageFile]) -> str:
    """A hash over the names and sizes of the image files, or of the shards that they are in; no image is read."""
    digest = hashlib.sha256()
    for image in images:
        file = image.path if image.path.is_file() else image.path.parent
        digest.update(f"{image.path}\0{file.stat().st_size}\0".encode())
    return digest.hexdigest()
