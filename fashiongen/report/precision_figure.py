"""Chart of the detectors' average precision beside the study's."""

from collections.abc import Mapping

from matplotlib.axes import Axes

from fashiongen.report.names import backbone_name
from fashiongen.report.published import PublishedDetector
from fashiongen.report.style import Theme, chart, to_png


def render_average_precision(ours: Mapping[str, Mapping[str, float]], theirs: PublishedDetector, theme: Theme) -> bytes:
    """A row for each detector, the study's below ours: filled at AP, open at AP75 and at AP50."""
    rows = [(backbone_name(name), values, theme.series[0]) for name, values in ours.items()]
    rows += [(f"study, {backbone_name(name)}", values, theme.muted) for name, values in theirs.statistics.items()]
    with chart(theme, "Average precision, here and in the study") as (figure, axes):
        for place, (_, values, color) in enumerate(rows):
            _draw_row(axes, len(rows) - place, values, color)
        axes.set_yticks(range(len(rows), 0, -1), [name for name, *_ in rows])
        axes.set_xlim(0, 1.02)
        axes.set_ylim(0.4, len(rows) + 0.6)
        axes.grid(axis="x")
        axes.grid(visible=False, axis="y")
        return to_png(figure)


def _draw_row(axes: Axes, y: int, values: Mapping[str, float], color: str) -> None:
    low, middle, high = (values.get(key, 0.0) for key in ("AP", "AP75", "AP50"))
    axes.plot([low, high], [y, y], color=color, linewidth=1.2, alpha=0.5)
    axes.plot([low], [y], "o", color=color, markersize=8)
    axes.plot([middle, high], [y, y], "o", color=color, markersize=5, markerfacecolor=axes.get_facecolor())
    axes.annotate(
        f"{low:.3f}", (low, y), xytext=(0, -14), textcoords="offset points", color=color, ha="center", fontsize=10
    )
