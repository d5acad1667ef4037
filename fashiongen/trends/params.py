"""The section `trends` of params.yaml."""

from typing import Annotated

from pydantic import Field, model_validator

from fashiongen.config import Params, Seed


class ChangesParams(Params):
    """When a change, or one brand's following another, is reported."""

    false_alarms_frac: Annotated[float, Field(gt=0, lt=1)]  # of what is reported, at most on average
    lags_seasons: Annotated[
        list[Annotated[int, Field(ge=1)]], Field(min_length=1)
    ]  # by which one brand follows another


class ForecastParams(Params):
    """Of what a season is forecast, and how the forecast is tested."""

    min_seasons: Annotated[int, Field(ge=6)]  # with enough garments; with fewer there is no forecast
    min_known_frac: Annotated[float, Field(gt=0, le=1)]  # of the seasons from the first to the last; others are gaps
    first_seasons: Annotated[int, Field(ge=5)]  # of which the first forecast is made that is compared with its season
    min_share: Annotated[float, Field(ge=0, lt=0.5)]  # of a measure that is a share; rarer ones are not forecast
    coverage: Annotated[float, Field(gt=0, lt=1)]  # of the forecasts' intervals

    @model_validator(mode="after")
    def _leaves_seasons_to_compare(self) -> "ForecastParams":
        if self.first_seasons >= self.min_seasons:
            raise ValueError(
                f"first_seasons {self.first_seasons} leaves none of min_seasons {self.min_seasons} to compare"
            )
        return self


class TrendsParams(Params):
    """How garments are measured, and seasons summed up."""

    palette_colours: Annotated[int, Field(ge=1, le=12)]  # at most, of a garment
    season_colours: Annotated[int, Field(ge=1, le=24)]  # at most, of a brand's season
    merge_distance: Annotated[float, Field(ge=0, le=1)]  # in OKLab; nearer colours of a palette are one
    pixels_per_garment: Annotated[int, Field(ge=16, le=1_000_000)]  # at most, evenly spread, that a palette is taken of
    date_from_pins: bool  # where the catalogue names no season, that of the last shows before the image was pinned
    min_garments: Annotated[int, Field(ge=2)]  # of a brand's season; one with fewer is listed, and has no interval
    examples: Annotated[int, Field(ge=1, le=12)]  # garments that stand for a season, at most
    resamples: Annotated[int, Field(ge=100, le=100_000)]  # of the bootstrap
    confidence: Annotated[float, Field(gt=0, lt=1)]  # of the intervals
    changes: ChangesParams
    forecast: ForecastParams
    seed: Seed
