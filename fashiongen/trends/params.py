"""The section `trends` of params.yaml."""

from typing import Annotated

from pydantic import Field

from fashiongen.config import Params, Seed


class TrendsParams(Params):
    """How garments are measured, and seasons summed up."""

    palette_colours: Annotated[int, Field(ge=1, le=12)]  # at most, of a garment
    season_colours: Annotated[int, Field(ge=1, le=24)]  # at most, of a brand's season
    merge_distance: Annotated[float, Field(ge=0, le=1)]  # in OKLab; nearer colours of a palette are one
    pixels_per_garment: Annotated[int, Field(ge=16, le=1_000_000)]  # at most, evenly spread, that a palette is taken of
    min_garments: Annotated[int, Field(ge=2)]  # of a brand's season; one with fewer is listed, and has no interval
    examples: Annotated[int, Field(ge=1, le=12)]  # garments that stand for a season, at most
    resamples: Annotated[int, Field(ge=100, le=100_000)]  # of the bootstrap
    confidence: Annotated[float, Field(gt=0, lt=1)]  # of the intervals
    seed: Seed
