"""Pictures of the brands' seasons: their palettes, and a measure with its forecast."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fashiongen.files import atomic_path
from fashiongen.trends.records import ALL_BRANDS, ForecastRecord, SwatchRecord
from fashiongen.trends.series import LOOKS
from fashiongen.trends.timeline import Timeline

DPI = 120
BAR_IN, GAP = 0.62, 0.12  # a season's height in inches, and the share of it that is empty
ROW_IN = 1.15  # the height of a brand's row of series
MOST_IN = 300.0  # of the picture's height: the bars of more seasons are thinner


def draw_palettes(path: Path, rows: Sequence[SwatchRecord]) -> None:
    """A bar per brand's season: its colours, as wide as their shares. The bytes do not depend on when it was drawn."""
    seasons = list(dict.fromkeys((row.brand, row.season) for row in rows))
    figure = Figure((9.0, min(MOST_IN, BAR_IN * max(1, len(seasons))) + 0.3), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    for place, season in enumerate(seasons):
        left = 0.0
        for row in (one for one in rows if (one.brand, one.season) == season):
            axes.add_patch(Rectangle((left, place + GAP / 2), row.share, 1 - GAP, color=row.colour, linewidth=0))
            left += row.share
    labels = [f"{brand or ALL_BRANDS}, {season}" for brand, season in seasons]
    if not seasons:
        axes.text(0.5, 0.5, "no garment with a cut-out and a season", ha="center", va="center")
    axes.set(
        xlim=(0, 1), ylim=(max(1, len(seasons)), 0), xticks=[], yticks=[place + 0.5 for place in range(len(seasons))]
    )
    axes.set_yticklabels(labels)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", metadata={"Software": None})


def draw_forecasts(path: Path, timelines: Sequence[Timeline], forecasts: Sequence[ForecastRecord]) -> None:
    """Small multiples: a row for each brand, a column for each of `LOOKS`, with the forecast and its interval."""
    brands = list(dict.fromkeys(timeline.brand for timeline in timelines))
    shown = {(one.brand, one.measure): one for one in timelines if one.measure in LOOKS}
    by_series = {(one.brand, one.measure): one for one in forecasts}
    rows = min(max(1, len(brands)), int(MOST_IN / ROW_IN))
    figure = Figure((13.0, ROW_IN * rows + 0.3), dpi=DPI, layout="constrained")
    grid = figure.subplots(rows, len(LOOKS), sharey="col", squeeze=False)
    for place, axes in enumerate(grid.flat):
        row, column = divmod(place, len(LOOKS))
        key = (brands[row], LOOKS[column]) if row < len(brands) else ("", "")
        _draw_series(axes, shown.get(key), by_series.get(key))
        if row == 0:
            axes.set_title(LOOKS[column].removesuffix("_frac").replace("_", " "), fontsize=9)
        if column == 0 and row < len(brands):
            axes.set_ylabel(brands[row] or ALL_BRANDS, fontsize=8)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", metadata={"Software": None})


def _draw_series(axes: Axes, timeline: Timeline | None, forecast: ForecastRecord | None) -> None:
    axes.tick_params(labelsize=7)
    for spine in ("top", "right"):
        axes.spines[spine].set_visible(False)
    if timeline is None:
        axes.set_visible(False)
        return
    steps = range(len(timeline.seasons))
    axes.plot(steps, timeline.values, color="#555555", marker="o", markersize=2.5, linewidth=1)
    axes.set_xticks([0, steps[-1]], [str(timeline.seasons[0]), str(timeline.seasons[-1])])
    if forecast is not None:
        end = len(timeline.seasons)
        axes.fill_between(
            [end - 1, end], [timeline.filled[-1], forecast.low], [timeline.filled[-1], forecast.high], alpha=0.3
        )
        axes.plot([end - 1, end], [timeline.filled[-1], forecast.value], linewidth=1)
