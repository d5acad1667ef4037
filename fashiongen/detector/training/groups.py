"""How a detector's AP depends on what an image shows: thirds by the garment's size, and by the light."""

from collections.abc import Iterator, Sequence
from pathlib import Path

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
    measured = [measure_traits(target) for target in validation.targets]
    return [
        row
        for trait in GROUPS
        for row in _score_thirds(trait, np.array([one[trait] for one in measured]), annotations, validation, found)
    ]


def measure_traits(target: Target) -> dict[Trait, float]:
    """The share of the image that its largest labelled box covers; its mean luma (ITU-R BT.601), 0 black to 1 white."""
    image = read_image(target.image.path)
    sides = target.boxes_xyxy[:, 2:] - target.boxes_xyxy[:, :2]
    (luma,) = ImageStat.Stat(image.convert("L")).mean
    return {
        "size": float(sides.prod(axis=1).max()) / (image.width * image.height),
        "lightness": float(luma) / 255,
    }


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
