"""The tables of a brand's seasons: measures with their intervals, the largest colours, and forecasts."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from fashiongen.report.names import count
from fashiongen.report.table import Column, Table
from fashiongen.report.trend_words import choose_shown, judge, title_measure, write_range, write_value
from fashiongen.trends.records import ALL_BRANDS, DistanceRecord, SeriesRecord, SwatchRecord
from fashiongen.trends.results import BrandTrends, SeasonData

MEASURES = {"lightness": 2, "chroma": 3, "patterned_frac": 2, "length_to_waist": 1}  # that are shown, and their digits
COLOURS = 3  # that are named


def seasons_table(brand: str, seasons: Sequence[SeasonData]) -> Table:
    """A row for each season."""
    titles = [name.removesuffix("_frac").replace("_", " ") for name in MEASURES]
    columns = tuple(Column(title) for title in ("season", "garments", *titles, "largest colours"))
    rows = (
        (
            season.season,
            count(season.garments),
            *(write_interval(season.measures[name], digits) for name, digits in MEASURES.items()),
            name_colours(season.palette),
        )
        for season in seasons
    )
    return Table(f"{brand or ALL_BRANDS}, season by season", columns, tuple(rows))


def name_colours(palette: Sequence[SwatchRecord]) -> str:
    """The largest colours with their shares; those that have one name are one, as several blacks are."""
    shares: defaultdict[str, float] = defaultdict(float)
    for swatch in palette:
        shares[swatch.name] += swatch.share
    largest = sorted(shares.items(), key=lambda one: -one[1])[:COLOURS]
    return ", ".join(f"{name} {100 * share:.0f} %" for name, share in largest)


def write_interval(row: SeriesRecord, digits: int) -> str:
    """A value with its interval, as in `0.71 (0.68 to 0.74)`, or alone where there is none."""
    if row.low is None:
        return f"{row.value:.{digits}f}"
    return f"{row.value:.{digits}f} ({row.low:.{digits}f} to {row.high:.{digits}f})"


def forecasts_table(trends: BrandTrends) -> Table | None:
    """A row for each measure that is shown and forecast; None where there is none."""
    rows = [trends.forecasts[measure] for measure in choose_shown(trends) if measure in trends.forecasts]
    if not rows:
        return None
    columns = tuple(map(Column, ("measure", "last season", rows[0].season, "MASE", "of last season", "in the trials")))
    cells = (
        (
            title_measure(row.measure),
            write_value(row.measure, trends.read_series(row.measure)[-1].value),
            write_range(row),
            f"{row.mase:.2f}",
            f"{row.mase_last:.2f}",
            judge(row),
        )
        for row in rows
    )
    return Table(f"{trends.brand or ALL_BRANDS}, the next season", columns, tuple(cells))


def distances_table(distances: Sequence[DistanceRecord]) -> Table | None:
    """A row for each two brands, the nearest first; None where no two share a season."""
    pairs: dict[tuple[str, str], list[DistanceRecord]] = {}
    for row in distances:
        pairs.setdefault((row.brand, row.other), []).append(row)
    if not pairs:
        return None
    means = {pair: float(np.mean([row.distance for row in rows])) for pair, rows in pairs.items()}
    cells = (
        (
            " and ".join(pair),
            f"{means[pair]:.2f}",
            *(f"{one.distance:.2f} ({one.low:.2f} to {one.high:.2f})" for one in (pairs[pair][0], pairs[pair][-1])),
        )
        for pair in sorted(pairs, key=lambda pair: means[pair])
    )
    columns = tuple(map(Column, ("brands", "mean of all seasons", "the first season", "the last season")))
    return Table("How far brands are from each other", columns, tuple(cells))
