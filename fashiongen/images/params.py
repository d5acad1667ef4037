"""The section `dedup` of params.yaml."""

from typing import Annotated

from pydantic import Field

from fashiongen.config import Params, Seed, UnitInterval


class DedupParams(Params):
    """When two images are the same picture (all five must hold), and how many of those kept are held out."""

    max_hamming_distance: Annotated[int, Field(ge=0, le=11)]  # of 64-bit perceptual hashes: the candidates
    max_detail_distance: Annotated[int, Field(ge=0, le=256)]  # of 256-bit perceptual hashes
    max_colour_distance: Annotated[float, Field(ge=0, le=255)]  # of the worst cell of 8x8 thumbnails
    max_aspect_change_frac: UnitInterval  # 0.03: width by height may differ by 3 %
    min_contrast: Annotated[float, Field(ge=0, le=255)]  # below it hashes mean nothing: only equal bytes match
    held_out_frac: Annotated[float, Field(gt=0, lt=1)]  # generated images are measured against these
    seed: Seed  # of the split
