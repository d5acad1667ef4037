"""How a detector's AP depends on what an image shows: thirds by the garment's size, and by the light."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from PIL import ImageStat

from fashiongen.coco.detection import Detection
from fashiongen.coco.evaluation import evaluate_detections
from fashiongen.coco.evaluation_records import GROUPS, GroupScore, Trait
from fashiongen.detector.data.targets import Target, TrainingSet
from fashiongen.images.reading.decode import read_image


def score_groups(annotations: Path, validation: TrainingSet, found: Sequence[Sequence[Detection]]) -> list[GroupScore]:
    """AP on thirds of the validation images, by each trait; `found` has the detections of each image."""
    measured = np.array([[measure(target) for measure in MEASURES.values()] for target in validation.targets])
    return [
        row
        for trait, values in zip(MEASURES, measured.T, strict=True)
        for row in _score_thirds(trait, values, annotations, validation, found)
    ]


def measure_size(target: Target) -> float:
    """The share of the image that its largest labelled box covers."""
    width, height = read_image(target.image.path).size
    sides = target.boxes_xyxy[:, 2:] - target.boxes_xyxy[:, :2]
    return float(sides.prod(axis=1).max()) / (width * height)


def measure_lightness(target: Target) -> float:
    """The image's mean luma (ITU-R BT.601), from 0, black, to 1, white."""
    (mean,) = ImageStat.Stat(read_image(target.image.path).convert("L")).mean
    return float(mean) / 255


MEASURES: Final[dict[Trait, Callable[[Target], float]]] = {"size": measure_size, "lightness": measure_lightness}


def _score_thirds(
    trait: Trait,
    values: Float[ndarray, " images"],
    annotations: Path,
    validation: TrainingSet,
    found: Sequence[Sequence[Detection]],
) -> Iterator[GroupScore]:
    """The rows of the thirds that hold an image, the lowest values first."""
    thirds = np.array_split(np.argsort(values, kind="stable"), len(GROUPS[trait]))
    for group, third in zip(GROUPS[trait], thirds, strict=True):
        if not len(third):
            continue
        scores = evaluate_detections(
            annotations,
            [detection for index in third for detection in found[index]],
            image_ids=[validation.targets[index].image.image_id for index in third],
        )
        yield GroupScore(
            trait=trait,
            group=group,
            low=round(float(values[third[0]]), 4),
            high=round(float(values[third[-1]]), 4),
            images=len(third),
            AP=scores.metrics["AP"],
            AP50=scores.metrics["AP50"],
        )
