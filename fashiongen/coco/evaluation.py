"""COCO's evaluation of a detector: its 12 statistics, AP per category and the precision-recall curve.

The numbers are pycocotools'; the tests compare them. docs/benchmarks.md has the time and the memory.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int64
from numpy import ndarray
from pycocotools.coco import COCO

from fashiongen.coco.dataset import load_dataset
from fashiongen.coco.detection import Detection
from fashiongen.coco.evaluation_records import STATISTICS, CurvePoint
from fashiongen.coco.matching import AREAS, IOU_THRESHOLDS, Boxes, Matches, Objects, match, rank
from fashiongen.coco.precision import MOST, sample_precision
from fashiongen.errors import BadInput

RECALLS = np.linspace(0, 1, 101)  # pycocotools' numbers
FEW = (1, 10, MOST)  # the numbers of detections an image that AR is told for
NOTHING_ANNOTATED = np.nan


class Evaluation(NamedTuple):
    """What a detector scores on one set of annotated images; all fractions of 1."""

    metrics: dict[str, float]  # those of STATISTICS for which objects are annotated
    per_class: dict[str, dict[str, float]]  # category name -> AP, AP50, images
    pr_curve: list[CurvePoint]


class _Scored(NamedTuple):
    """One category: NaN where no object is annotated."""

    precision: Float[ndarray, "areas thresholds recalls"]
    recall: Float[ndarray, "areas thresholds"]
    recall_of_few: Float[ndarray, "few thresholds"]  # of all areas


def evaluate_detections(
    annotations: Path, detections: Sequence[Detection], *, image_ids: Sequence[int] | None = None
) -> Evaluation:
    """Score detections against a COCO file, or against `image_ids` of it; without any detection every statistic is 0.

    DeepFashion annotates one garment per image: a correct detection of a second garment counts as a false positive.

    Raises:
        MissingInput, AnnotationError: as `load_dataset`.
        BadInput: the file holds no annotation.
    """
    truth = load_dataset(annotations)
    if not truth.anns:
        raise BadInput(f"{annotations}: holds no annotation, so there is nothing to evaluate against")
    images = np.array(sorted(set(truth.imgs if image_ids is None else image_ids)), dtype=np.int64)
    categories = [truth.cats[category_id] for category_id in sorted(truth.cats)]
    table = _tabulate(detections)
    scored, annotated = [], []
    for category in categories:
        objects = _find_objects(truth, images, category["id"])
        annotated.append(len(np.unique(objects.boxes.images)))
        boxes, scores = _rank_detections(table, images, category["id"])
        scored.append(_score(match(boxes, objects), scores))
    precision = np.stack([one.precision for one in scored], axis=-1)  # area, IoU, recall, category
    return Evaluation(
        metrics=_summarise(precision, scored),
        per_class=_per_class(categories, precision[0], annotated),
        pr_curve=_curve(categories, precision[0, 0]),
    )


def _tabulate(detections: Sequence[Detection]) -> Float[ndarray, "n 7"]:
    """Rows of image, x, y, width, height, score and category."""
    table = np.empty((len(detections), 7))
    for row, (image_id, category_id, bbox, score) in zip(table, detections, strict=True):
        row[:] = (image_id, *bbox, score, category_id)
    return table


def _find_objects(truth: COCO, images: Int64[ndarray, " images"], category_id: int) -> Objects:
    rows = [row for row in truth.anns.values() if row["category_id"] == category_id]
    ids = np.array([row["image_id"] for row in rows], dtype=np.int64)
    chosen = np.flatnonzero(np.isin(ids, images))
    chosen = chosen[np.argsort(ids[chosen], kind="stable")]
    rows = [rows[index] for index in chosen]
    return Objects(
        Boxes(np.searchsorted(images, ids[chosen]), np.array([row["bbox"] for row in rows], float).reshape(-1, 4)),
        np.array([row["area"] for row in rows], dtype=float),
        np.array([row.get("iscrowd", 0) for row in rows], dtype=bool),
    )


def _rank_detections(
    table: Float[ndarray, "n 7"], images: Int64[ndarray, " images"], category_id: int
) -> tuple[Boxes, Float[ndarray, " kept"]]:
    """The detections of a category on the images, the highest scores of each image first, `MOST` of each."""
    chosen = np.flatnonzero((table[:, 6] == category_id) & np.isin(table[:, 0], images))
    chosen = chosen[np.lexsort((-table[chosen, 5], table[chosen, 0]))]
    chosen = chosen[rank(table[chosen, 0].astype(np.int64)) < MOST]
    places = np.searchsorted(images, table[chosen, 0].astype(np.int64))
    return Boxes(places, table[chosen, 1:5]), table[chosen, 5]


def _score(matches: Matches, scores: Float[ndarray, " n"]) -> _Scored:
    """Precision by recall and recall of one category."""
    thresholds = len(IOU_THRESHOLDS)
    precision = np.full((len(AREAS), thresholds, len(RECALLS)), NOTHING_ANNOTATED)
    recall = np.full((len(AREAS), thresholds), NOTHING_ANNOTATED)
    recall_of_few = np.full((len(FEW), thresholds), NOTHING_ANNOTATED)
    order = np.argsort(-scores, kind="stable")
    for area, count in enumerate(matches.objects.tolist()):
        if not count:
            continue
        found, counted = matches.found[area, order], matches.counted[area, order]
        for threshold in range(thresholds):
            bit = np.uint16(1 << threshold)
            hits = np.flatnonzero(found & bit)
            precision[area, threshold] = sample_precision(hits, np.cumsum((counted & bit) > 0), count, recalls=RECALLS)
            recall[area, threshold] = len(hits) / count
            if area == 0:
                ranks = matches.ranks[order[hits]]
                recall_of_few[:, threshold] = [(ranks < most).sum() / count for most in FEW]
    return _Scored(precision, recall, recall_of_few)


def _summarise(
    precision: Float[ndarray, "areas thresholds recalls categories"], scored: Sequence[_Scored]
) -> dict[str, float]:
    """COCO's statistics; without those of a range of areas that no object lies in."""
    recall = np.stack([one.recall for one in scored], axis=-1)
    of_few = np.stack([one.recall_of_few for one in scored], axis=-1)
    at_75 = int(np.searchsorted(IOU_THRESHOLDS, 0.75 - 1e-9))
    values = (
        *(precision[0], precision[0, 0], precision[0, at_75], precision[1], precision[2], precision[3]),
        *(of_few[0], of_few[1], of_few[2], recall[1], recall[2], recall[3]),
    )
    known = [value[~np.isnan(value)] for value in values]
    return {name: float(value.mean()) for name, value in zip(STATISTICS, known, strict=True) if len(value)}


def _per_class(
    categories: Sequence[dict[str, Any]],
    precision: Float[ndarray, "thresholds recalls categories"],
    annotated: Sequence[int],
) -> dict[str, dict[str, float]]:
    """AP, AP50 and the number of annotated images of each category that has any."""
    return {
        category["name"]: {
            "AP": float(precision[:, :, index].mean()),
            "AP50": float(precision[0, :, index].mean()),
            "images": annotated[index],
        }
        for index, category in enumerate(categories)
        if not np.isnan(precision[0, 0, index])
    }


def _curve(categories: Sequence[dict[str, Any]], precision: Float[ndarray, "recalls categories"]) -> list[CurvePoint]:
    return [
        CurvePoint(category=category["name"], recall=round(float(recall), 2), precision=float(precision[at, index]))
        for index, category in enumerate(categories)
        if not np.isnan(precision[0, index])
        for at, recall in enumerate(RECALLS)
    ]
