"""Line plots as SVG, for the page, whose script moves a cursor over them, and for files of their own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from matplotlib.ticker import MaxNLocator

from fashiongen.coco.evaluation_records import CurvePoint
from fashiongen.coco.garment_types import GARMENT_TYPES
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.report.names import backbone_name
from fashiongen.report.style import DARK, LIGHT
from fashiongen.report.templating import build_environment

WIDTH, HEIGHT = 540, 330  # small with large type, as the charts are
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 12, 48  # margins


@dataclass(frozen=True)
class Plot:
    """Lines over common, rising places `x`; each line has a value for each place."""

    title: str
    x_label: str
    x: Sequence[float]
    lines: Mapping[str, Sequence[float]]
    lowest: float
    highest: float
    also: Mapping[str, Sequence[float]]  # read out at the cursor, not drawn

    width, height = WIDTH, HEIGHT
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM

    def x_px(self, value: float) -> float:
        """Where a place lies from the left."""
        first, last = self.x[0], self.x[-1]
        share = (value - first) / (last - first) if last > first else 0.5
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y_px(self, value: float) -> float:
        """Where a value lies from the top."""
        share = (value - self.lowest) / (self.highest - self.lowest)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def points(self, line: str) -> str:
        """A line as the points of an SVG polyline."""
        return " ".join(f"{self.x_px(x)},{self.y_px(y)}" for x, y in zip(self.x, self.lines[line], strict=True))

    def x_ticks(self) -> list[tuple[float, str]]:
        """Round places on the axis and how they are written."""
        whole = all(float(x).is_integer() for x in self.x)
        return [(tick, f"{tick:g}") for tick in _ticks(self.x[0], self.x[-1], integer=whole)]

    def y_ticks(self) -> list[tuple[float, str]]:
        """Round values on the axis and how they are written."""
        return [(tick, f"{tick:g}") for tick in _ticks(self.lowest, self.highest)]

    def data(self) -> dict[str, Any]:
        """What the page's script reads: the places, where they lie, and the values there."""
        values = {name: [round(value, 4) for value in line] for name, line in {**self.lines, **self.also}.items()}
        return {"x": [round(x, 4) for x in self.x], "x_px": [self.x_px(x) for x in self.x], "values": values}


def _ticks(low: float, high: float, *, integer: bool = False) -> list[float]:
    if low == high:
        return [low]
    locator = MaxNLocator(5, steps=[1, 2, 2.5, 5, 10], integer=integer)
    return [float(tick) for tick in locator.tick_values(low, high) if low <= tick <= high + 1e-9]


def loss_limits(histories: Iterable[Sequence[EpochRecord]]) -> tuple[float, float]:
    """Where the common axis of variants begins and ends: 0, or the lowest loss where one is negative, as the hinge
    generator's may be, and the highest of all with a little room.
    """
    losses = [loss for history in histories for row in history for loss in (row.Loss_D, row.Loss_G)]
    return min([0.0, *losses]) * 1.05, max([0.05, *losses]) * 1.05


def plot_losses(history: Sequence[EpochRecord], variant: str, *, limits: tuple[float, float]) -> Plot:
    """Both losses over the epochs within limits common to all variants; the discriminator's means to read out."""
    read = {name: [getattr(row, name) for row in history] for name in ("Loss_G", "Loss_D", "D_x", "D_G_z1")}
    return Plot(
        title=f"Losses, {variant}",
        x_label="epoch",
        x=[float(row.epoch) for row in history],
        lines={name: read[name] for name in ("Loss_G", "Loss_D")},
        lowest=limits[0],
        highest=limits[1],
        also={"D(x)": read["D_x"], "D(G(z))": read["D_G_z1"]},
    )


def plot_precision(curve: Sequence[CurvePoint], backbone: str) -> Plot:
    """Precision over recall at IoU .50, a line for each type of garment."""
    lines: dict[str, Sequence[float]] = {
        kind: [point.precision for point in curve if point.category == kind] for kind in GARMENT_TYPES
    }
    lines = {kind: line for kind, line in lines.items() if line}
    first = next(iter(lines))
    return Plot(
        title=f"Precision over recall at IoU .50, {backbone_name(backbone)}",
        x_label="recall",
        x=[point.recall for point in curve if point.category == first],
        lines=lines,
        lowest=0.0,
        highest=1.03,
        also={},
    )


def render_svg(plot: Plot) -> str:
    """The plot as an SVG element, which takes its colours from the page around it."""
    return build_environment(autoescape=True).get_template("plot.svg.j2").render(p=plot)


def add_style(svg: str) -> str:
    """An SVG element of `render_svg` as a file of its own, in the reader's light or dark."""
    style = (
        build_environment(autoescape=False).get_template("plot.css.j2").render(light=asdict(LIGHT), dark=asdict(DARK))
    )
    return svg.replace(">", f">\n<style>\n{style}</style>", 1)
