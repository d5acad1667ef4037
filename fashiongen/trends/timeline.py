"""The values of a measure in the seasons of a brand, at equal steps of time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from fashiongen.trends.params import TrendsParams
from fashiongen.trends.records import SeriesRecord
from fashiongen.trends.seasons import Season, parse_season


@dataclass(frozen=True)
class Timeline:
    """A measure of a brand in consecutive seasons; a season without a value, or with too few garments, is NaN."""

    brand: str
    measure: str
    seasons: Sequence[Season]
    values: Float[ndarray, " seasons"]
    per_year: int  # seasons

    @property
    def filled(self) -> Float[ndarray, " seasons"]:
        """The values, with straight lines over the gaps between them."""
        known = np.flatnonzero(~np.isnan(self.values))
        filled: Float[ndarray, " seasons"] = np.interp(np.arange(len(self.values)), known, self.values[known])
        return filled

    @property
    def following(self) -> Season:
        """The season after the last."""
        return step_season(self.seasons[-1], _list_parts(self.seasons))


def build_timelines(rows: Iterable[SeriesRecord], params: TrendsParams) -> list[Timeline]:
    """A timeline for each brand and measure of `series.csv`, from the first to the last season with enough garments."""
    values: dict[tuple[str, str], dict[Season, float]] = {}
    for row in rows:
        season = parse_season(row.season)
        if season is not None and row.garments >= params.min_garments:
            values.setdefault((row.brand, row.measure), {})[season] = row.value
    return [_build_timeline(brand, measure, known) for (brand, measure), known in values.items()]


def _build_timeline(brand: str, measure: str, known: Mapping[Season, float]) -> Timeline:
    parts = _list_parts(known)
    seasons = [min(known)]
    while seasons[-1] < max(known):
        seasons.append(step_season(seasons[-1], parts))
    values = np.array([known.get(season, np.nan) for season in seasons])
    return Timeline(brand, measure, seasons, values, len(parts))


def _list_parts(seasons: Iterable[Season]) -> list[int]:
    """The parts of the year that a brand shows in, in their order."""
    return sorted({season.place for season in seasons})


def step_season(season: Season, parts: Sequence[int]) -> Season:
    """The next season of a brand that shows in these parts of each year."""
    later = [part for part in parts if part > season.place]
    return Season(season.year, later[0]) if later else Season(season.year + 1, parts[0])
