"""Shoes seen from the front, on feet that point a little outwards."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fashiongen.sources.demo.body import Build, Leg
from fashiongen.sources.demo.canvas import Canvas, Colour
from fashiongen.sources.demo.drape import darker, flesh
from fashiongen.sources.demo.outline import Points, PointsLike, joined, smooth, tube

HEELED = ("pump", "sandal", "ankle_boot", "knee_boot")


@dataclass(frozen=True)
class Shoes:
    """One pair: pump, sandal, ankle_boot, knee_boot, sneaker or loafer."""

    kind: str
    colour: tuple[float, float, float]
    trim: tuple[float, float, float]


@dataclass(frozen=True)
class Foot:
    """One foot: its ankle, how far it turns out, and factors for its size and its light, smaller farther away."""

    ankle: Points
    out: float
    size: float
    dim: float

    def at(self, points: PointsLike) -> Points:
        """Figure coordinates of points relative to the ankle; y = 1 is the tip of the toes."""
        local = np.asarray(points, dtype=float)
        lean = 0.020 * self.out * local[:, 1]
        return self.ankle + np.column_stack([local[:, 0] + lean, local[:, 1] * 0.056 * self.size])


def paint_shoe(canvas: Canvas, build: Build, leg: Leg, shoes: Shoes) -> None:
    """One foot in its shoe; the foot of the far leg is lifted at the heel and smaller."""
    ankle = leg.joints[2]
    side = np.sign(ankle[0] if abs(ankle[0]) > 0.012 else leg.joints[0, 0])
    far = leg.far
    foot = Foot(ankle, float(side) * (0.35 if far else 0.55), 0.86 if far else 1.0, 0.78 if far else 1.0)
    if shoes.kind in ("knee_boot", "ankle_boot"):
        _paint_shaft(canvas, leg, shoes, foot.dim)
    if shoes.kind in HEELED:
        spike = foot.at([(-foot.out * 0.010, 0.32), (-foot.out * 0.020, 0.84)])
        canvas.fill(tube(spike, (0.0050, 0.0026), samples=4), darker(shoes.colour, 0.55 * foot.dim))
    tone = build.skin if shoes.kind == "sandal" else shoes.colour
    canvas.fill(_upper(foot, shoes.kind), flesh(canvas, tone, dim=foot.dim))
    if shoes.kind in FINISHES:
        FINISHES[shoes.kind](canvas, build, foot, shoes)


def _upper(foot: Foot, kind: str) -> Points:
    """From the ankle down over the instep round the toes."""
    flat = kind in ("sneaker", "loafer")
    wide, tip, shaft = (0.0195, 0.86, 0.0115) if flat else (0.0160, 1.0, 0.0100)
    if kind in ("ankle_boot", "knee_boot"):
        shaft = 0.0145
    toe = 0.80 if flat or kind == "sandal" else 0.52
    ball = wide * foot.size
    side = [(shaft, -0.16), (shaft + 0.0015, 0.30 * tip), (ball, 0.70 * tip), (toe * ball, 0.92 * tip)]
    return foot.at(smooth([*side, (0.0, tip), *((-x, y) for x, y in reversed(side))]))


def _paint_shaft(canvas: Canvas, leg: Leg, shoes: Shoes, dim: float) -> None:
    knee, ankle = leg.joints[1:]
    tall = shoes.kind == "knee_boot"
    shin = ankle - knee
    start = 0.08 if tall else 0.66
    spine = [knee + share * shin for share in (start, start + 0.35 * (1 - start), start + 0.75 * (1 - start))]
    spine.append(np.add(ankle, (0, 0.010)))
    radii = (0.0262, 0.0268, 0.0190, 0.0152) if tall else (0.0205, 0.0190, 0.0165, 0.0152)
    canvas.fill(tube(spine, radii), flesh(canvas, shoes.colour, spine=spine, dim=dim))
    top = [spine[0] - (radii[0], 0.0), np.add(spine[0], (0, 0.003)), spine[0] + (radii[0], 0.0)]
    canvas.line(smooth(top), 0.003, darker(shoes.colour, 0.55 * dim))


def _finish_pump(canvas: Canvas, build: Build, foot: Foot, shoes: Shoes) -> None:
    """Bare instep above the vamp."""
    left = smooth([(-0.0105, -0.18), (-0.0125, 0.36), (-0.0105, 0.58), (0.0, 0.70)])
    right = smooth([(0.0, 0.70), (0.0105, 0.58), (0.0125, 0.36), (0.0105, -0.18)])
    canvas.fill(foot.at(joined(left, right)), flesh(canvas, build.skin, dim=0.97 * foot.dim))


def _finish_sandal(canvas: Canvas, build: Build, foot: Foot, shoes: Shoes) -> None:
    """Straps over the toes, the instep and the ankle, and the sole's edge."""
    sole = smooth([(-0.0145, 0.84), (-0.008, 1.0), (0.0, 1.05), (0.008, 1.0), (0.0145, 0.84)])
    canvas.line(foot.at(sole), 0.0040, darker(shoes.colour, 0.6 * foot.dim))
    for share, half in ((-0.04, 0.0108), (0.40, 0.0132), (0.68, 0.0158)):
        strap = smooth([(-half, share), (0.0, share + 0.08), (half, share)])
        canvas.line(foot.at(strap), 0.0040, darker(shoes.colour, foot.dim))


def _finish_sneaker(canvas: Canvas, build: Build, foot: Foot, shoes: Shoes) -> None:
    """A light sole and laces."""
    canvas.line(foot.at(smooth([(-0.0195, 0.64), (0.004, 0.87), (0.0195, 0.64)])), 0.007, darker(shoes.trim, foot.dim))
    for share in (0.16, 0.33, 0.50):
        canvas.line(foot.at([(-0.006, share), (0.006, share + 0.04)]), 0.0022, _pale(shoes.trim, foot.dim))


def _finish_loafer(canvas: Canvas, build: Build, foot: Foot, shoes: Shoes) -> None:
    """A bar across the vamp."""
    bar = foot.at(smooth([(-0.014, 0.39), (0.0, 0.46), (0.014, 0.39)]))
    canvas.line(bar, 0.005, darker(shoes.colour, 0.6 * foot.dim))
    canvas.line(bar[4:-4], 0.003, _pale(shoes.trim, foot.dim))


def _pale(colour: tuple[float, float, float], dim: float) -> Colour:
    return [dim * (0.25 + 0.75 * channel) for channel in colour]


FINISHES: dict[str, Callable[[Canvas, Build, Foot, Shoes], None]] = {
    "pump": _finish_pump,
    "sandal": _finish_sandal,
    "sneaker": _finish_sneaker,
    "loafer": _finish_loafer,
}
