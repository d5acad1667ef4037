"""What each kind of a detector's errors costs it, after TIDE (Bolya et al., ECCV 2020, arXiv:2008.08115).

A detection that is no true positive at IoU 0.5 is an error of one of five kinds, and an object that nothing came near
is the sixth:

    classification   on an object, with another category
    localisation     of the category, on its object by an IoU from 0.1 to 0.5
    both             neither the category nor the place is right
    duplicate        on an object that a detection with a higher score has
    background       on no object: every IoU is below 0.1
    missed           an object that no error above could have found

The cost of a kind is what AP50 would gain if an oracle put its errors right and left the others: a classification or a
localisation becomes a true positive if its object has none yet and no surer error is on it, else it goes, as do the
other kinds; missed objects are not counted any more.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int64
from numpy import ndarray
from pycocotools.mask import iou as iou_matrix

from fashiongen.coco.dataset import load_dataset
from fashiongen.coco.detection import Detection
from fashiongen.coco.evaluation_records import ErrorCost, ErrorKind
from fashiongen.coco.precision import MOST, sample_precision

FOREGROUND_IOU, BACKGROUND_IOU = 0.5, 0.1
RECALLS = np.arange(101) / 100  # tidecv's numbers: pycocotools' differ in their last bits

CORRECT, NOT_USED = -1, -1
KINDS: tuple[ErrorKind, ...] = ("classification", "localisation", "both", "duplicate", "background", "missed")
CLASSIFICATION, LOCALISATION, BOTH, DUPLICATE, BACKGROUND, MISSED = range(len(KINDS))


class Judged(NamedTuple):
    """The detections of all images, and what is wrong with each."""

    scores: Float[ndarray, " n"]
    categories: Int64[ndarray, " n"]
    kinds: Int64[ndarray, " n"]  # places in KINDS, or CORRECT
    objects: Int64[ndarray, " n"]  # the object that the detection would find if its error were corrected; or NOT_USED
    object_categories: Int64[ndarray, " objects"]
    is_missed: Bool[ndarray, " objects"]


def measure_error_costs(annotations: Path, detections: Sequence[Detection]) -> list[ErrorCost]:
    """The number of errors of each kind, and what they cost of AP50; all detections of the images count.

    Raises:
        MissingInput, BadInput, AnnotationError: as `load_dataset`.
    """
    truth = load_dataset(annotations)
    found: dict[int, list[Detection]] = defaultdict(list)
    for detection in detections:
        found[detection.image_id].append(detection)
    judged = judge_detections(truth.imgToAnns, truth.getImgIds(), found)
    before = _average_precision(judged, fixed=None)
    return [
        ErrorCost(
            error=name,
            errors=int(judged.is_missed.sum() if kind == MISSED else (judged.kinds == kind).sum()),
            AP50=max(0.0, _average_precision(judged, fixed=kind) - before),
        )
        for kind, name in enumerate(KINDS)
    ]


def judge_detections(
    objects: Mapping[int, list[dict[str, Any]]], image_ids: Sequence[int], found: Mapping[int, list[Detection]]
) -> Judged:
    """Match the detections of each image with its objects, and say what kind of error each of the others is."""
    scores: list[float] = []
    categories: list[int] = []
    kinds: list[int] = []
    targets: list[int] = []
    object_categories: list[int] = []
    is_missed: list[bool] = []
    for image_id in image_ids:
        there = objects[image_id]
        ranked = sorted(found.get(image_id, []), key=lambda one: -one.score)[:MOST]
        of_image, missed = _judge_image(ranked, there)
        scores += [one.score for one in ranked]
        categories += [one.category_id for one in ranked]
        kinds += [kind for kind, _ in of_image]
        targets += [NOT_USED if place == NOT_USED else len(object_categories) + place for _, place in of_image]
        object_categories += [one["category_id"] for one in there]
        is_missed += missed
    return Judged(
        np.array(scores, dtype=np.float64),
        np.array(categories, dtype=np.int64),
        np.array(kinds, dtype=np.int64),
        np.array(targets, dtype=np.int64),
        np.array(object_categories, dtype=np.int64),
        np.array(is_missed, dtype=bool),
    )


def _judge_image(
    ranked: Sequence[Detection], there: Sequence[dict[str, Any]]
) -> tuple[list[tuple[int, int]], list[bool]]:
    """The kind of each detection, with the place of the object that it would find; and which objects are missed."""
    if not there:
        return [(BACKGROUND, NOT_USED)] * len(ranked), []
    if not ranked:
        return [], [True] * len(there)
    overlaps = iou_matrix([list(one.bbox) for one in ranked], [one["bbox"] for one in there], [0] * len(there))
    is_same = np.array([[one.category_id == other["category_id"] for other in there] for one in ranked])
    of_same, of_other = overlaps * is_same, overlaps * ~is_same
    is_used, is_correct = _match(of_same)
    verdicts: list[tuple[int, int]] = []
    could_be_found = set()
    for same, other, any_, correct in zip(of_same, of_other, overlaps, is_correct, strict=True):
        kind, place = _judge(same, other, any_, is_used, correct)
        if kind in (CLASSIFICATION, LOCALISATION) and not is_used[place]:
            could_be_found.add(place)
            verdicts.append((kind, place))
        else:
            verdicts.append((kind, NOT_USED))
    return verdicts, [not used and place not in could_be_found for place, used in enumerate(is_used)]


def _match(of_same: Float[ndarray, "n objects"]) -> tuple[Bool[ndarray, " objects"], list[bool]]:
    """Which objects are taken, and which detections are correct: the highest score chooses its object first."""
    free = of_same.copy()
    is_used, is_correct = np.zeros(of_same.shape[1], dtype=bool), []
    for row in free:
        place = int(row.argmax())
        is_correct.append(bool(row[place] >= FOREGROUND_IOU))
        if is_correct[-1]:
            is_used[place] = True
            free[:, place] = 0
    return is_used, is_correct


def _judge(
    same: Float[ndarray, " objects"],
    other: Float[ndarray, " objects"],
    overlaps: Float[ndarray, " objects"],
    is_used: Bool[ndarray, " objects"],
    is_correct: bool,
) -> tuple[int, int]:
    """The kind of a detection by its overlaps with the objects of its category and of others, and the object."""
    if is_correct:
        return CORRECT, NOT_USED
    nearest = int(same.argmax())
    if BACKGROUND_IOU <= same[nearest] <= FOREGROUND_IOU:
        return LOCALISATION, nearest
    mistaken = int(other.argmax())
    if other[mistaken] >= FOREGROUND_IOU:
        return CLASSIFICATION, mistaken
    if (same * is_used).max() >= FOREGROUND_IOU:
        return DUPLICATE, NOT_USED
    return (BACKGROUND if overlaps.max() <= BACKGROUND_IOU else BOTH), NOT_USED


def _average_precision(judged: Judged, *, fixed: int | None) -> float:
    """AP50, the mean over the categories, after the errors of a kind were corrected."""
    is_correct, is_kept, categories = judged.kinds == CORRECT, np.ones(len(judged.kinds), bool), judged.categories
    counted = np.ones(len(judged.object_categories), dtype=bool)
    if fixed == MISSED:
        counted = ~judged.is_missed
    elif fixed is not None:
        is_fixed = judged.kinds == fixed
        becomes_correct = is_fixed & _is_best(judged)
        is_correct, is_kept = is_correct | becomes_correct, ~is_fixed | becomes_correct
        categories = np.where(becomes_correct, judged.object_categories[judged.objects], categories)
    scores = []
    for category in np.union1d(categories[is_kept], judged.object_categories[counted]).tolist():
        of = is_kept & (categories == category)
        positives = int((judged.object_categories[counted] == category).sum())
        scores.append(_of_category(judged.scores[of], is_correct[of], positives))
    return float(np.mean(scores)) if scores else 0.0


def _is_best(judged: Judged) -> Bool[ndarray, " n"]:
    """Whether a detection is the error with the highest score on its object: the one that an oracle corrects."""
    best = np.zeros(len(judged.objects), dtype=bool)
    order = np.argsort(-judged.scores, kind="stable")
    order = order[judged.objects[order] != NOT_USED]
    _, first = np.unique(judged.objects[order], return_index=True)
    best[order[first]] = True
    return best


def _of_category(scores: Float[ndarray, " n"], is_correct: Bool[ndarray, " n"], positives: int) -> float:
    """The mean of the precision at COCO's 101 recalls, where it is the highest at that recall or a larger one."""
    if not positives or not len(scores):
        return 0.0
    hits = np.flatnonzero(is_correct[np.argsort(-scores, kind="stable")])
    return float(sample_precision(hits, np.arange(1, len(scores) + 1), positives, recalls=RECALLS).mean())
