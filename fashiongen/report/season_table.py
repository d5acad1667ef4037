"""The table of a brand's seasons: measures with their intervals, and the largest colours."""

from collections.abc import Sequence

from fashiongen.report.names import count
from fashiongen.report.report_data import SeasonData
from fashiongen.report.table import Column, Table
from fashiongen.trends.records import SeriesRecord

ALL_BRANDS = "all brands"
MEASURES = {"lightness": 2, "chroma": 3, "patterned_frac": 2, "height_to_width": 2}  # that are shown, and their digits
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
            ", ".join(f"{row.name} {100 * row.share:.0f} %" for row in season.palette[:COLOURS]),
        )
        for season in seasons
    )
    return Table(f"{brand or ALL_BRANDS}, season by season", columns, tuple(rows))


def write_interval(row: SeriesRecord, digits: int) -> str:
    """A value with its interval, as in `0.71 (0.68 to 0.74)`, or alone where there is none."""
    if row.low is None:
        return f"{row.value:.{digits}f}"
    return f"{row.value:.{digits}f} ({row.low:.{digits}f} to {row.high:.{digits}f})"
