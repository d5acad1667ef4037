"""The style of every chart: two themes, one type face, no frame; the files hold no date."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SIZE_IN = (5.4, 3.3)  # small with large type, so that a chart still reads when a phone shows it 340 px wide
DPI = 220


@dataclass(frozen=True)
class Theme:
    """The colours of a chart and of the page around it."""

    name: str
    paper: str
    ink: str
    muted: str
    hairline: str
    series: tuple[str, ...]  # in order of importance


LIGHT = Theme(
    "light", "#f8f5f0", "#1d1a17", "#766d64", "#ddd6cb", ("#8e2f3c", "#2f5169", "#b17f2c", "#5c6b4a", "#7b5a7e")
)
DARK = Theme(
    "dark", "#151311", "#ede7de", "#a2988d", "#38332e", ("#d9747f", "#86abc8", "#d8b067", "#a3b58c", "#b995bc")
)
THEMES = (LIGHT, DARK)


def _settings(theme: Theme) -> Any:  # matplotlib types the keys one by one
    return {
        "font.family": ["STIXGeneral"],
        "mathtext.fontset": "stix",
        "font.size": 12,
        "axes.titlesize": 14,
        "axes.titlelocation": "left",
        "axes.titlepad": 12,
        "axes.facecolor": theme.paper,
        "figure.facecolor": theme.paper,
        "text.color": theme.ink,
        "axes.titlecolor": theme.ink,
        "axes.labelcolor": theme.muted,
        "axes.edgecolor": theme.hairline,
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": theme.hairline,
        "grid.linewidth": 0.6,
        "lines.linewidth": 1.6,
        "lines.solid_capstyle": "round",
        "legend.frameon": False,
    }


@contextmanager
def chart(theme: Theme, title: str, size_in: tuple[float, float] = SIZE_IN) -> Iterator[tuple[Figure, Axes]]:
    """A figure with one titled axes in `theme`; what is drawn inside the block takes the theme's settings."""
    with matplotlib.rc_context(_settings(theme)):
        figure = Figure(figsize=size_in, dpi=DPI, layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title)
        yield figure, axes


def to_png(figure: Figure) -> bytes:
    """The figure as PNG, the same bytes for the same drawing: it carries neither a date nor a version."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
