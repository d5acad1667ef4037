"""Chart of each variant's distance to held-out real crops."""

from collections.abc import Mapping

from matplotlib.axes import Axes

from fashiongen.evaluation.records import Score
from fashiongen.report.style import Theme, chart, to_png


def render_distances(scores: Mapping[str, Score], theme: Theme) -> bytes:
    """Each KID as a point on a bar of plus and minus its standard deviation over subsets; the lowest is at the left."""
    rows = list(scores.items())
    with chart(theme, "Distance to held-out real crops (KID)", (5.4, 0.55 * len(rows) + 1.2)) as (figure, axes):
        for place, (_, score) in enumerate(rows):
            _draw_distance(axes, len(rows) - place, score, theme.series[min(place, len(theme.series) - 1)])
        axes.set_yticks(range(len(rows), 0, -1), [name for name, _ in rows])
        axes.set_ylim(0.4, len(rows) + 0.6)
        axes.axvline(0, color=theme.muted, linewidth=0.8)
        axes.grid(axis="x")
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("nearer to real crops on the left")
        return to_png(figure)


def _draw_distance(axes: Axes, y: int, score: Score, color: str) -> None:
    axes.plot([score.KID - score.KID_std, score.KID + score.KID_std], [y, y], color=color, linewidth=3, alpha=0.45)
    axes.plot([score.KID], [y], "o", color=color, markersize=8)
