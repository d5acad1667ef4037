"""Detections in COCO's results format: what a detector gives, what evaluation and cropping take."""

from typing import NamedTuple


class Detection(NamedTuple):
    """One predicted box; x, y, width, height in the image's own pixels (COCO's order)."""

    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    score: float
