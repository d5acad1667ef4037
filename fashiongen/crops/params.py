"""The `crop` section of params.yaml."""

from typing import Annotated

from pydantic import Field

from fashiongen.coco.garment_types import GarmentType
from fashiongen.config import Params, Seconds


class CropParams(Params):
    """Which garment of an image is cropped, and with which margin."""

    label: GarmentType
    min_score: Annotated[float, Field(ge=0, le=1)]
    padding_frac: Annotated[float, Field(ge=0, le=10)]  # of the box's width and height, added on each side
    aspect: Annotated[float, Field(ge=0.1, le=10)] | None  # width / height to widen the padded box to; null: none
    workers: Annotated[int, Field(ge=1, le=256)]  # threads that crop while the detector runs
    checkpoint_every_s: Seconds  # a kill loses at most so many seconds
