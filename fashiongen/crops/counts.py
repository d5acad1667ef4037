"""How many images have a crop, and why the others have none."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from fashiongen.coco.detection import Detection
from fashiongen.coco.garment_types import CATEGORY_NAMES
from fashiongen.crops.choose import best_of_label, choose
from fashiongen.crops.params import CropParams
from fashiongen.errors import TooFewImages
from fashiongen.images.manifest import CropRecord, ImageRecord


def count_crops(
    images: Sequence[ImageRecord], detections: Sequence[Sequence[Detection]], params: CropParams
) -> dict[str, Any]:
    """The numbers of images and crops, in all and by brand, and of the images without a crop by reason."""
    outcomes = [_outcome(found, params) for found in detections]
    by_brand: dict[str, dict[str, int]] = {}
    for image, outcome in zip(images, outcomes, strict=True):
        counts = by_brand.setdefault(image.brand, {"images": 0, "crops": 0})
        counts["images"] += 1
        counts["crops"] += outcome == "crops"
    strongest = Counter(CATEGORY_NAMES[found[0].category_id] if found else "nothing" for found in detections)
    return {
        "images": len(images),
        "crops": outcomes.count("crops"),
        f"below_min_score_{params.label}": outcomes.count("below"),
        f"without_{params.label}": outcomes.count("without"),
        "strongest_label": dict(sorted(strongest.items())),
        "by_brand": dict(sorted(by_brand.items())),
    }


def count_masks(crops: Iterable[CropRecord]) -> dict[str, int]:
    """The number of masks by verdict; empty where cut-outs are off."""
    return dict(sorted(Counter(crop.mask for crop in crops if crop.mask is not None).items()))


def require_crops(detections: Sequence[Sequence[Detection]], params: CropParams) -> None:
    """Make sure that some image gives a crop.

    Raises:
        TooFewImages: none does; the message names the parameter to change.
    """
    if any(choose(found, params) for found in detections):
        return
    best = [best_of_label(found, params.label) for found in detections]
    scores = [detection.score for detection in best if detection is not None]
    if scores:
        highest = math.floor(max(scores) * 10_000) / 10_000  # rounded down: a min_score of this value leaves a crop
        raise TooFewImages(
            f"crop.min_score {params.min_score} leaves no crop: lower it (the highest score is {highest})"
        )
    raise TooFewImages(
        f"crop.label {params.label} leaves no crop: the detector finds no garment of this type in {len(detections)} "
        "images; choose another label, lower detector.infer.min_score or train the detector for longer"
    )


def _outcome(detections: Sequence[Detection], params: CropParams) -> str:
    if choose(detections, params) is not None:
        return "crops"
    return "without" if best_of_label(detections, params.label) is None else "below"
