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
        return fill_gaps(self.values)

    @property
    def adjusted(self) -> Float[ndarray, " seasons"]:
        """The values without what the parts of the year differ by: winters may be darker each year.

        The differences are those of a least-squares fit with a line through time. Of fewer than two years nothing is
        taken out.
        """
        known = np.flatnonzero(~np.isnan(self.values))
        places = np.array([season.place for season in self.seasons])
        later = [place for place in set(places.tolist()) if place != places[0]]
        if len(known) < 2 * (len(later) + 1):
            return self.values
        is_part = np.stack([places == place for place in later], axis=1) if later else np.zeros((len(places), 0))
        line = np.stack([np.ones(len(places)), np.arange(len(places))], axis=1)
        fit, *_ = np.linalg.lstsq(np.hstack([line, is_part])[known], self.values[known])
        effects = is_part @ fit[2:]
        adjusted: Float[ndarray, " seasons"] = self.values - effects + effects[known].mean()
        return adjusted

    @property
    def following(self) -> Season:
        """The season after the last."""
        return step_season(self.seasons[-1], _list_parts(self.seasons))


def fill_gaps(values: Float[ndarray, " seasons"]) -> Float[ndarray, " seasons"]:
    """The values with straight lines over the gaps between them, and the last known one after it."""
    known = np.flatnonzero(~np.isnan(values))
    filled: Float[ndarray, " seasons"] = np.interp(np.arange(len(values)), known, values[known])
    return filled


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
