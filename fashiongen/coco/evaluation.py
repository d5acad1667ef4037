"""COCO's evaluation of a detector: its 12 statistics, AP per category and the precision-recall curve."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster

from fashiongen.coco.detection import Detection
from fashiongen.coco.evaluation_records import STATISTICS, CurvePoint
from fashiongen.errors import BadInput
from fashiongen.files import read_json

NO_SUCH_OBJECT = -1.0  # COCOeval's value for a scale or category without an annotated object


class Evaluation(NamedTuple):
    """What a detector scores on one set of annotated images; all fractions of 1."""

    metrics: dict[str, float]  # those of STATISTICS for which objects are annotated
    per_class: dict[str, dict[str, float]]  # category name -> AP, AP50, images
    pr_curve: list[CurvePoint]


def evaluate_detections(
    annotations: Path, detections: Sequence[Detection], *, image_ids: Sequence[int] | None = None
) -> Evaluation:
    """Score detections against a COCO file, or against `image_ids` of it; without any detection every statistic is 0.

    DeepFashion annotates one garment per image: a correct detection of a second garment counts as a false positive.

    Raises:
        MissingInput: the file is not there.
        BadInput: the file is no COCO file, or holds no annotation.
    """
    truth = _read_truth(annotations)
    evaluated = COCOeval_faster(truth, truth.loadRes(_as_results(detections)), "bbox", print_function=_silent)
    if image_ids is not None:
        evaluated.params.imgIds = sorted(image_ids)
    evaluated.run()
    metrics = {
        name: float(value) for name, value in zip(STATISTICS, evaluated.stats, strict=False) if value != NO_SUCH_OBJECT
    }
    precision = evaluated.eval["precision"][:, :, :, 0, -1]  # IoU x recall x category; all areas, 100 detections
    categories = [truth.cats[category_id] for category_id in evaluated.params.catIds]
    return Evaluation(
        metrics=metrics,
        per_class=_per_class(truth, categories, precision, {int(number) for number in evaluated.params.imgIds}),
        pr_curve=_curve(categories, precision[0], evaluated.params.recThrs),
    )


def _silent(*_: object) -> None:
    """Replace the evaluator's print function: the caller has the numbers."""


def _read_truth(annotations: Path) -> COCO:
    content = read_json(annotations)
    try:
        truth = COCO(content)
    except (KeyError, TypeError, ValueError, AssertionError) as error:
        raise BadInput(f"{annotations}: no COCO file ({error!r}); run deepfashion_to_coco again") from error
    if not truth.anns:
        raise BadInput(f"{annotations}: holds no annotation, so there is nothing to evaluate against")
    return truth


def _as_results(detections: Sequence[Detection]) -> np.ndarray | list[dict[str, Any]]:
    """COCO's table of results: image_id, x, y, width, height, score, category_id."""
    if not detections:
        return []
    return np.array([(d.image_id, *d.bbox, d.score, d.category_id) for d in detections], dtype=np.float64)


def _per_class(
    truth: COCO, categories: list[dict[str, Any]], precision: np.ndarray, image_ids: set[int]
) -> dict[str, dict[str, float]]:
    """AP, AP50 and the number of annotated images of each category that has any."""
    return {
        category["name"]: {
            "AP": float(precision[:, :, index].mean()),
            "AP50": float(precision[0, :, index].mean()),
            "images": len(image_ids.intersection(truth.getImgIds(catIds=[category["id"]]))),
        }
        for index, category in enumerate(categories)
        if precision[0, 0, index] != NO_SUCH_OBJECT
    }


def _curve(categories: list[dict[str, Any]], precision: np.ndarray, recalls: np.ndarray) -> list[CurvePoint]:
    return [
        CurvePoint(category=category["name"], recall=round(float(recall), 2), precision=float(precision[at, index]))
        for index, category in enumerate(categories)
        if precision[0, index] != NO_SUCH_OBJECT
        for at, recall in enumerate(recalls)
    ]
