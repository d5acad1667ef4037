"""A measure of a brand over its seasons as the shapes of an SVG: a line with its intervals, and the forecast's fan."""

from collections.abc import Sequence
from dataclasses import dataclass

from fashiongen.trends.records import ForecastRecord, SeriesRecord

WIDTH, HEIGHT = 240.0, 84.0  # of the picture; texts stand outside
MARGIN = 4.0
ROOM = 0.08  # of the range of values, above and below


@dataclass(frozen=True)
class SeriesPicture:
    """Paths in a picture of `WIDTH` by `HEIGHT`, whose y grows downwards."""

    line: str
    points: Sequence[tuple[float, float]]
    bands: Sequence[str]  # of consecutive seasons with an interval
    fan: str  # empty without a forecast
    forecast: str  # from the last season to the next; empty without one
    low: float  # the values at the picture's lower and upper edge
    high: float


def draw_series(rows: Sequence[SeriesRecord], forecast: ForecastRecord | None) -> SeriesPicture:
    """The shapes of the rows of one measure, in the order of time, and of its forecast."""
    known = [value for row in rows for value in (row.value, row.low, row.high) if value is not None]
    known += [] if forecast is None else [forecast.low, forecast.high]
    low, high = min(known), max(known)
    reach = (high - low) or max(abs(high), 1e-6)
    low, high = low - ROOM * reach, high + ROOM * reach
    steps = len(rows) - (forecast is None) or 1

    def place(step: int, value: float) -> tuple[float, float]:
        x = MARGIN + (WIDTH - 2 * MARGIN) * step / steps
        return round(x, 1), round(HEIGHT - HEIGHT * (value - low) / (high - low), 1)

    points = [place(step, row.value) for step, row in enumerate(rows)]
    fan = path = ""
    if forecast is not None:
        last, end = points[-1], len(rows)
        fan = _join([last, place(end, forecast.high), place(end, forecast.low)]) + "Z"
        path = _join([last, place(end, forecast.value)])
    bands = []
    for run in _find_runs(rows):
        upper = [place(step, row.high) for step, row in run if row.high is not None]
        lower = [place(step, row.low) for step, row in run if row.low is not None]
        bands.append(_join([*upper, *reversed(lower)]) + "Z")
    return SeriesPicture(_join(points), points, bands, fan, path, low, high)


def _find_runs(rows: Sequence[SeriesRecord]) -> list[list[tuple[int, SeriesRecord]]]:
    """The longest runs of consecutive rows that have an interval, with their places."""
    runs: list[list[tuple[int, SeriesRecord]]] = [[]]
    for step, row in enumerate(rows):
        if row.low is None:
            runs.append([])
        else:
            runs[-1].append((step, row))
    return [run for run in runs if run]


def _join(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)
