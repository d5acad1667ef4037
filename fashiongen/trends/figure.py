"""The palettes of the brands, season after season, as one picture."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fashiongen.files import atomic_path
from fashiongen.trends.records import ALL, SwatchRecord

DPI = 120
BAR_IN, GAP = 0.62, 0.12  # a season's height in inches, and the share of it that is empty
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
    labels = [f"{brand if brand != ALL else 'all brands'}, {season}" for brand, season in seasons]
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
