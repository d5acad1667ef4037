"""Which categories a detector confuses."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools.mask import iou as iou_matrix

from fashiongen.coco.dataset import load_dataset
from fashiongen.coco.detection import Detection, keep_confident
from fashiongen.coco.evaluation_records import NOTHING, Confusion


def match_categories(
    annotations: Path, detections: Sequence[Detection], *, min_score: float, min_iou: float
) -> list[Confusion]:
    """Pair annotated objects with detections, whatever their categories.

    In the order of falling scores, each detection takes the object that it overlaps most among those not yet taken,
    if their IoU is at least `min_iou`.

    Raises:
        MissingInput, BadInput, AnnotationError: as `load_dataset`.
    """
    truth = load_dataset(annotations)
    names = {number: category["name"] for number, category in truth.cats.items()}
    found: dict[int, list[Detection]] = defaultdict(list)
    for detection in keep_confident(detections, min_score=min_score):
        found[detection.image_id].append(detection)
    return [
        pair
        for image_id in truth.getImgIds()
        for pair in _pairs(truth.imgToAnns[image_id], found[image_id], names, min_iou=min_iou)
    ]


def _pairs(
    objects: list[dict[str, Any]], found: list[Detection], names: Mapping[int, str], *, min_iou: float
) -> Iterator[Confusion]:
    free = list(range(len(objects)))  # indices of the objects not yet taken
    for detection in sorted(found, key=lambda one: -one.score):
        predicted = names[detection.category_id]
        index = _overlapped(detection, objects, free, min_iou=min_iou)
        if index is None:
            yield Confusion(actual=NOTHING, predicted=predicted)
        else:
            free.remove(index)
            yield Confusion(actual=names[objects[index]["category_id"]], predicted=predicted)
    for index in free:
        yield Confusion(actual=names[objects[index]["category_id"]], predicted=NOTHING)


def _overlapped(detection: Detection, objects: list[dict[str, Any]], free: list[int], *, min_iou: float) -> int | None:
    """The index of the free object that a detection overlaps most, or None if no IoU reaches `min_iou`."""
    if not free:
        return None
    overlaps = iou_matrix([list(detection.bbox)], [objects[index]["bbox"] for index in free], [0] * len(free))[0]
    best = int(np.argmax(overlaps))
    return free[best] if overlaps[best] >= min_iou else None
