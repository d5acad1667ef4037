"""Which category a detector takes for which."""

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
    """Pair objects with finds, whatever their categories: the surest find first takes the object it overlaps most.

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
    free = list(range(len(objects)))
    for detection in sorted(found, key=lambda one: -one.score):
        predicted = names[detection.category_id]
        place = _nearest(detection, objects, free, min_iou=min_iou)
        if place is None:
            yield Confusion(actual=NOTHING, predicted=predicted)
        else:
            free.remove(place)
            yield Confusion(actual=names[objects[place]["category_id"]], predicted=predicted)
    for place in free:
        yield Confusion(actual=names[objects[place]["category_id"]], predicted=NOTHING)


def _nearest(detection: Detection, objects: list[dict[str, Any]], free: list[int], *, min_iou: float) -> int | None:
    """The free object that a find overlaps most, if by so much."""
    if not free:
        return None
    overlaps = iou_matrix([list(detection.bbox)], [objects[place]["bbox"] for place in free], [0] * len(free))[0]
    best = int(np.argmax(overlaps))
    return free[best] if overlaps[best] >= min_iou else None
