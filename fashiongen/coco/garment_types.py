"""The three garment types, which are DeepFashion's category types and the detector's categories."""

from typing import Final, Literal, get_args

GarmentType = Literal["upper", "lower", "full"]

GARMENT_TYPES: Final[tuple[GarmentType, ...]] = get_args(GarmentType)
CATEGORY_NAMES: Final[dict[int, GarmentType]] = dict(enumerate(GARMENT_TYPES, start=1))  # COCO category id -> type
