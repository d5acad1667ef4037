"""Which detection of an image is cropped."""

from collections.abc import Sequence

from fashiongen.coco.detection import Detection, keep_confident
from fashiongen.coco.garment_types import CATEGORY_NAMES
from fashiongen.crops.params import CropParams


def best_of_label(detections: Sequence[Detection], label: str) -> Detection | None:
    """The highest-scoring detection of a label, or None; of equals the first."""
    of_label = [detection for detection in detections if CATEGORY_NAMES[detection.category_id] == label]
    return max(of_label, key=lambda detection: detection.score, default=None)


def choose(detections: Sequence[Detection], params: CropParams) -> Detection | None:
    """The detection of an image that is cut out: the best one of the label with at least `min_score`, or None."""
    return best_of_label(keep_confident(detections, min_score=params.min_score), params.label)
