"""What the street source is told: data/street/params.yaml."""

from typing import Annotated

from pydantic import Field

from fashiongen.config import Params
from fashiongen.sources.boards import BoardEntry, PlantingParams
from fashiongen.sources.deepfashion_tree import Partition


class StreetParams(Params):
    """The section `street`."""

    seed: int
    long_side_px: Annotated[int, Field(ge=32, le=999)]  # boxes are written with three digits
    jpeg_quality: Annotated[int, Field(ge=1, le=95)]
    min_part_frac: Annotated[float, Field(ge=0, le=1)]
    partition: dict[Partition, float]
    boards: Annotated[list[BoardEntry], Field(min_length=2)]
    planting: PlantingParams
