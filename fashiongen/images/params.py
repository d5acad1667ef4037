"""The sections `storage` and `dedup` of params.yaml."""

from typing import Annotated

from pydantic import Field

from fashiongen.config import Params, Seed, UnitInterval


class StorageParams(Params):
    """How stages write many images."""

    images_per_shard: Annotated[int, Field(ge=1, le=65_535)] | None  # so many every unzip reads; None: a file for each


class DedupParams(Params):
    """When two images are the same picture, and how many of those kept are held out."""

    max_hamming_distance: Annotated[int, Field(ge=0, le=15)]  # of 64-bit perceptual hashes: the candidates
    max_difference: Annotated[float, Field(ge=0, le=255)]  # in levels, of candidates that were laid over each other
    differing_frac: UnitInterval  # of the picture may differ by more: a badge, a watermark
    max_aspect_change_frac: UnitInterval  # 0.08: width by height may differ by 8 %
    min_contrast: Annotated[float, Field(ge=0, le=255)]  # below it hashes mean nothing: only equal bytes match
    held_out_frac: Annotated[float, Field(gt=0, lt=1)]  # generated images are measured against these
    seed: Seed  # of the split
