"""Ground truth in COCO's format: one file of images, boxes and categories."""

import io
import json
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from pycocotools.coco import COCO

from fashiongen.coco.garment_types import CATEGORY_NAMES
from fashiongen.errors import AnnotationError
from fashiongen.files import read_json, write_text

TABLES = ("images", "annotations", "categories")


class LabelledImage(NamedTuple):
    """An image with its one labelled garment: DeepFashion labels one per image."""

    image_id: int
    file_name: str  # below the data set's root
    width: int
    height: int
    category_id: int  # a key of CATEGORY_NAMES; ids start at 1, because 0 is a detector's background
    bbox: tuple[float, float, float, float]  # x, y, width, height in pixels


def build_dataset(images: Iterable[LabelledImage], description: str) -> dict[str, Any]:
    """The COCO document of `images`; it lists every category, also those without an image."""
    rows = list(images)
    return {
        "info": {
            "description": description,
            "version": "1.0",
        },  # no date: equal inputs give equal files
        "licenses": [],
        "images": [_image(row) for row in rows],
        "annotations": [_annotation(row) for row in rows],
        "categories": [{"id": key, "name": name, "supercategory": "item"} for key, name in CATEGORY_NAMES.items()],
    }


def _image(row: LabelledImage) -> dict[str, Any]:
    return {"id": row.image_id, "file_name": row.file_name, "width": row.width, "height": row.height}


def _annotation(row: LabelledImage) -> dict[str, Any]:
    return {
        "id": row.image_id,
        "image_id": row.image_id,
        "category_id": row.category_id,
        "bbox": list(row.bbox),
        "area": row.bbox[2] * row.bbox[3],
        "iscrowd": 0,
    }


def write_dataset(path: Path, dataset: dict[str, Any]) -> None:
    """Write a COCO document with one image or annotation per line: small, and readable in a diff."""
    parts = [f"{json.dumps(key)}: {_dump(value)}" for key, value in dataset.items()]
    write_text(path, "{\n" + ",\n".join(parts) + "\n}\n")


def _dump(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return json.dumps(value)
    return "[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]"


def load_dataset(path: Path) -> COCO:
    """The COCO file as pycocotools' object, without what pycocotools prints.

    Raises:
        MissingInput: there is no such file.
        BadInput: it is not JSON.
        AnnotationError: it lacks a table or a key, or an annotation names an image or category that is not in it.
    """
    document = read_json(path)
    _check(path, document)
    coco = COCO()
    coco.dataset = document
    with redirect_stdout(io.StringIO()):
        coco.createIndex()
    return coco


def _check(path: Path, document: Any) -> None:
    missing = [table for table in TABLES if not isinstance(document, dict) or table not in document]
    if missing:
        raise AnnotationError(f"{path}: not a COCO file: no {', '.join(missing)}; run `dvc repro deepfashion_to_coco`")
    try:
        images = {image["id"] for image in document["images"]}
        categories = {category["id"] for category in document["categories"]}
        keys = [(row["id"], row["image_id"], row["category_id"]) for row in document["annotations"]]
    except (KeyError, TypeError) as error:
        raise AnnotationError(f"{path}: not a COCO file ({error!r}); run `dvc repro deepfashion_to_coco`") from error
    for number, image_id, category_id in keys:
        if image_id not in images or category_id not in categories:
            raise AnnotationError(f"{path}: annotation {number}: its image or its category is not in this file")
