"""The `crop` section of params.yaml."""

from typing import Annotated

from pydantic import Field, model_validator

from fashiongen.coco.garment_types import GarmentType
from fashiongen.config import Params, Seconds, UnitInterval


class CutoutParams(Params):
    """How a garment is lifted off its background, and when its mask counts as failed."""

    working_side_px: Annotated[int, Field(ge=32, le=2048)]  # the longer side of the box with its margin
    iterations: Annotated[int, Field(ge=1, le=50)]  # of GrabCut
    sure_probability: Annotated[float, Field(ge=0.5, le=1)]  # GrabCut keeps what the network is so sure of
    keep_skin: bool  # true: a mask of the person in the box, not of the garment alone
    min_part_frac: UnitInterval  # of the largest part: smaller parts are dropped
    max_hole_frac: UnitInterval  # of the mask: smaller holes are filled
    min_area_frac: UnitInterval  # of the box: a smaller mask is empty
    max_area_frac: UnitInterval  # of the box: a larger mask is full
    min_largest_frac: UnitInterval  # of the mask: one whose largest part is smaller is torn
    min_certainty: UnitInterval  # a mask with a lower certainty is unsure
    padding_frac: Annotated[float, Field(ge=0, le=10)]  # of the mask's longer side, on each side of the cut-out
    aspect: Annotated[float, Field(ge=0.1, le=10)] | None  # width / height to extend the cut-out to; null: none

    @model_validator(mode="after")
    def _some_area_is_ok(self) -> "CutoutParams":
        if self.min_area_frac >= self.max_area_frac:
            raise ValueError(f"min_area_frac {self.min_area_frac} is not below max_area_frac {self.max_area_frac}")
        return self


class CropParams(Params):
    """Which garment of an image is cropped, and with which margin."""

    label: GarmentType
    min_score: UnitInterval
    padding_frac: Annotated[float, Field(ge=0, le=10)]  # of the box's width and height, added on each side
    aspect: Annotated[float, Field(ge=0.1, le=10)] | None  # width / height to widen the padded box to; null: none
    cutout: CutoutParams | None  # null: no cut-outs
    checkpoint_every_s: Seconds  # a kill loses at most so many seconds
