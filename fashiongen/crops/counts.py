"""How many images gave a crop, and why the others gave none."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fashiongen.coco.detection import Detection
from fashiongen.coco.garment_types import CATEGORY_NAMES
from fashiongen.crops.choose import best_of_label, choose
from fashiongen.crops.params import CropParams
from fashiongen.images.manifest import ImageRecord


def count_crops(
    images: Sequence[ImageRecord], detections: Sequence[Sequence[Detection]], params: CropParams
) -> dict[str, Any]:
    """The numbers of images, of crops, and of images without one, in all and by brand."""
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


def _outcome(detections: Sequence[Detection], params: CropParams) -> str:
    if choose(detections, params) is not None:
        return "crops"
    return "without" if best_of_label(detections, params.label) is None else "below"
