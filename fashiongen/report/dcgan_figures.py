"""Charts of the generators: the study's figures 5.3, 5.5 and 5.7, and the distances to real crops."""

from collections.abc import Iterable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from fashiongen.evaluation.measurements import Epoch, Score
from fashiongen.report.style import Theme, chart, label_line_end, to_png


def loss_limits(histories: Iterable[Sequence[Epoch]]) -> tuple[float, float]:
    """Where the common axis of variants begins and ends: 0, or the lowest loss where one is negative, as the hinge
    generator's may be, and the highest of all with a little room.
    """
    losses = [loss for history in histories for row in history for loss in (row.Loss_D, row.Loss_G)]
    return min([0.0, *losses]) * 1.05, max([0.05, *losses]) * 1.05


def render_losses(history: Sequence[Epoch], variant: str, theme: Theme, *, limits: tuple[float, float]) -> bytes:
    """Loss_G and Loss_D over the epochs; the axis has these limits, the same for variants shown side by side."""
    epochs = [row.epoch for row in history]
    with chart(theme, f"Losses, {variant}") as (figure, axes):
        for name, color in (("Loss_G", theme.series[0]), ("Loss_D", theme.series[1])):
            losses = [getattr(row, name) for row in history]
            axes.plot(epochs, losses, color=color, marker="o" if len(epochs) == 1 else None)
            label_line_end(axes, float(epochs[-1]), losses[-1], name, color)
        axes.set_xlabel("epoch")
        axes.set_ylim(*limits)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        return to_png(figure)


def render_distances(scores: Mapping[str, Score], theme: Theme) -> bytes:
    """Each KID as a point with its spread to both sides, nearest to the real crops at the left."""
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
