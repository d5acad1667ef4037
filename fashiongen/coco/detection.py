"""Detections in COCO's results format: the output of a detector, the input of evaluation and cropping."""

from collections.abc import Iterable
from typing import NamedTuple


class Detection(NamedTuple):
    """One predicted box; x, y, width, height in the image's own pixels (COCO's order)."""

    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    score: float


def keep_confident(detections: Iterable[Detection], *, min_score: float) -> list[Detection]:
    """The detections whose score is at least `min_score`, in their order."""
    return [detection for detection in detections if detection.score >= min_score]
