"""Sleeves, collars, lapels, closures, belts and pockets of a garment."""

import numpy as np

from fashiongen.sources.demo.body import Arm, torso_half
from fashiongen.sources.demo.canvas import Canvas
from fashiongen.sources.demo.cuts import NECKLINES, SLEEVES, Garment, Wearer
from fashiongen.sources.demo.drape import NO_FOLDS, Folds, cloth, darker
from fashiongen.sources.demo.garments import trunk_half
from fashiongen.sources.demo.outline import Points, ellipse, joined, smooth, stroke, tube


def paint_sleeve(canvas: Canvas, garment: Garment, wearer: Wearer, arm: Arm, *, labelled: bool) -> None:
    """One sleeve over its arm, with a cuff where it is gathered."""
    if garment.cut.sleeve is None:
        return
    sleeve = SLEEVES[garment.cut.sleeve]
    spine = _sleeve_spine(garment, arm, sleeve.reach)
    ease = garment.cut.ease * 0.5
    first, middle, last = (width + ease for width in sleeve.widths)
    radii = (0.92 * first, 0.5 * (first + middle), middle, 0.5 * (middle + last), last)
    folds = Folds("bend", 0.10 + 0.10 * garment.cut.folds, 4.0, 0.0, 1.0, garment.phase + arm.joints[0, 0] * 30)
    paint = cloth(canvas, garment.fabric, folds, spine=spine, dim=0.80 if arm.behind else 0.97)
    outline = tube(spine, radii, rounded=True)
    canvas.shade(outline, shift=(0.0, 0.006), blur=0.011, strength=0.42)
    canvas.fill(outline, paint, labelled=labelled)
    if sleeve.cuff:
        ahead = (spine[-1] - spine[-2]) / np.hypot(*(spine[-1] - spine[-2]))
        band = [spine[-1] - 0.002 * ahead, spine[-1] + 0.012 * ahead]
        canvas.fill(
            tube(band, (sleeve.cuff, sleeve.cuff), samples=3),
            cloth(canvas, garment.fabric, NO_FOLDS, spine=band),
            labelled=labelled,
        )


def _sleeve_spine(garment: Garment, arm: Arm, reach: float) -> Points:
    shoulder = arm.joints[0]
    inward = -np.sign(arm.joints[1, 0] - shoulder[0] or 1.0)
    drop = 0.016 if garment.cut.neckline == "off_shoulder" else 0.0
    path = smooth([np.add(shoulder, (inward * 0.004, -0.004 + drop)), *arm.joints[1:]], samples=12)
    walked = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    stops = np.linspace(0, reach, 5) * walked[-1]
    beyond = np.maximum(stops - walked[-1], 0)[:, None] * (path[-1] - path[-2]) / np.hypot(*(path[-1] - path[-2]))
    stations: Points = np.column_stack([np.interp(stops, walked, path[:, axis]) for axis in (0, 1)]) + beyond
    return stations


def paint_closure(canvas: Canvas, garment: Garment, wearer: Wearer, *, labelled: bool) -> None:
    """The front: a seam with buttons, two rows of them, a wrapped edge, a zip."""
    cut, pose = garment.cut, wearer.pose
    top = cut.waist_y if cut.type == "lower" else NECKLINES[cut.neckline].depth
    end = cut.hem_y - 0.004 if cut.skirt or cut.legs is None else 0.44
    shade = darker(garment.fabric.colours[0], 0.55)
    if cut.front == "wrap":
        side = np.sign(np.cos(garment.phase)) or 1.0
        neck = NECKLINES[cut.neckline]
        edge = smooth([(-side * neck.x, neck.y), (side * 0.012, top + 0.010), (side * 0.040, cut.waist_y)])
        skirt = smooth([(side * 0.036, cut.waist_y), (side * 0.046, 0.5 * (cut.waist_y + end)), (side * 0.030, end)])
        for curve in (edge, skirt):
            canvas.line(pose.place(curve), 0.0034, shade, opacity=0.50, labelled=labelled)
    if cut.front in ("buttons", "double", "zip"):
        offset = 0.020 if cut.front == "double" else 0.0
        line = np.column_stack([np.full(12, offset), np.linspace(top, end, 12)])
        canvas.line(pose.place(line), 0.0026, shade, opacity=0.55, labelled=labelled)
        _paint_buttons(canvas, garment, wearer, span=(top, end), labelled=labelled)


def _paint_buttons(
    canvas: Canvas, garment: Garment, wearer: Wearer, *, span: tuple[float, float], labelled: bool
) -> None:
    front, (top, end) = garment.cut.front, span
    if front == "zip":
        line = np.column_stack([np.zeros(12), np.linspace(top, end, 12)])
        canvas.line(wearer.pose.place(line), 0.0022, (0.80, 0.78, 0.74), labelled=labelled)
        return
    sides = (-0.024, 0.024) if front == "double" else (0.0,)
    size = 0.0046 if front == "double" else 0.0030
    step = 0.058 if front == "double" else 0.036
    last = min(end - 0.01, 0.50) if front == "double" else end - 0.01
    for y in np.arange(top + 0.016, last, step):
        for x in sides:
            spot = wearer.pose.place([(x, float(y))])[0]
            canvas.fill(
                ellipse(spot, (size, size), samples=12), darker(garment.accent.colours[0], 0.9), labelled=labelled
            )
            canvas.stain(spot - 0.001, (0.4 * size, 0.4 * size), (1.0, 1.0, 1.0), 0.6)


def paint_collar(canvas: Canvas, garment: Garment, wearer: Wearer, *, labelled: bool) -> None:
    """A shirt's collar, a jacket's lapels, a hood, or a bow at the neck."""
    cut = garment.cut
    for outline, accent in COLLARS[cut.collar](garment) if cut.collar in COLLARS else []:
        placed = wearer.pose.place(outline)
        fabric = garment.accent if accent else garment.fabric
        canvas.shade(placed, shift=(0.0, 0.004), blur=0.006, strength=0.5)
        canvas.fill(placed, cloth(canvas, fabric, NO_FOLDS), labelled=labelled)
        canvas.line(
            np.concatenate([placed, placed[:1]]),
            0.0014,
            darker(fabric.colours[0], 0.5),
            opacity=0.45,
            labelled=labelled,
        )


def _shirt_collar(garment: Garment) -> list[tuple[Points, bool]]:
    depth = NECKLINES[garment.cut.neckline].depth
    wing = [(0.0, depth), (0.030, depth + 0.020), (0.042, 0.168), (0.027, 0.146), (0.019, 0.150)]
    return [(np.asarray(wing) * (side, 1), False) for side in (-1, 1)]


def _notched_lapels(garment: Garment) -> list[tuple[Points, bool]]:
    depth = NECKLINES[garment.cut.neckline].depth
    lapel = [
        (0.002, depth + 0.004),
        (0.034, depth - 0.020),
        (0.060, 0.205),
        (0.046, 0.197),
        (0.050, 0.187),
        (0.030, 0.172),
    ]
    collar = [(0.026, 0.196), (0.046, 0.190), (0.056, 0.180), (0.044, 0.160), (0.027, 0.148), (0.022, 0.160)]
    accent = np.sin(3 * garment.phase) > 0.6
    pieces: list[tuple[Points, bool]] = []
    for side in (-1, 1):
        pieces += [(np.asarray(lapel) * (side, 1), bool(accent)), (np.asarray(collar) * (side, 1), bool(accent))]
    return pieces


def _hood(garment: Garment) -> list[tuple[Points, bool]]:
    ring = joined(
        smooth([(-0.058, 0.168), (-0.036, 0.138), (-0.026, 0.150), (0.0, 0.176)]),
        smooth([(0.0, 0.176), (0.026, 0.150), (0.036, 0.138), (0.058, 0.168), (0.030, 0.188), (0.0, 0.198)]),
        smooth([(0.0, 0.198), (-0.030, 0.188), (-0.058, 0.168)]),
    )
    return [(ring, False)]


def _bow(garment: Garment) -> list[tuple[Points, bool]]:
    loop = smooth([(0.0, 0.176), (0.020, 0.162), (0.040, 0.166), (0.038, 0.188), (0.016, 0.186)], closed=True)
    tail = smooth(
        [(0.002, 0.178), (0.012, 0.215), (0.016, 0.262), (0.030, 0.258), (0.022, 0.210), (0.008, 0.176)], closed=True
    )
    sides = (-1, 1)
    return (
        [(tail * (s, 1), True) for s in sides]
        + [(loop * (s, 1), True) for s in sides]
        + [(ellipse((0.0, 0.176), (0.008, 0.009)), True)]
    )


COLLARS = {"shirt": _shirt_collar, "notch": _notched_lapels, "hood": _hood, "bow": _bow}


def paint_belt(canvas: Canvas, garment: Garment, wearer: Wearer, *, labelled: bool) -> None:
    """A seam, a belt with its buckle, or a knotted sash at the waist; and the pockets."""
    cut = garment.cut
    y = cut.waist_y
    half = (
        float(trunk_half(cut, wearer, np.array([y]))[0])
        if cut.legs is None
        else torso_half(wearer.build, y).item() + cut.ease
    )
    curve = np.column_stack([np.linspace(-half, half, 15), y + 0.006 * (1 - np.linspace(-1, 1, 15) ** 2)])
    line = wearer.pose.place(curve)
    if cut.belt == "seam":
        canvas.line(line, 0.0024, darker(garment.fabric.colours[0], 0.55), opacity=0.5, labelled=labelled)
    if cut.belt in ("belt", "sash"):
        width = 0.0075 if cut.belt == "belt" else 0.0125
        canvas.shade(stroke(line, width), shift=(0.0, 0.005), blur=0.006, strength=0.5)
        canvas.fill(stroke(line, width), cloth(canvas, garment.accent, NO_FOLDS), labelled=labelled)
        (_paint_buckle if cut.belt == "belt" else _paint_knot)(canvas, garment, wearer, line[7], labelled)
    if cut.pockets:
        _paint_pockets(canvas, garment, wearer, labelled)


def _paint_buckle(canvas: Canvas, garment: Garment, wearer: Wearer, spot: Points, labelled: bool) -> None:
    frame = np.array([(-0.009, -0.0095), (0.009, -0.0095), (0.009, 0.0095), (-0.009, 0.0095), (-0.009, -0.0095)])
    canvas.line(frame + spot, 0.0032, (0.83, 0.70, 0.42), labelled=labelled)


def _paint_knot(canvas: Canvas, garment: Garment, wearer: Wearer, spot: Points, labelled: bool) -> None:
    paint = cloth(canvas, garment.accent, NO_FOLDS)
    for side in (-1, 1):
        end = np.add(spot, [(0, 0), (side * 0.010, 0.035), (side * 0.014 + 0.004, 0.090)])
        canvas.shade(tube(end, (0.005, 0.007, 0.009)), shift=(0.0, 0.004), blur=0.005, strength=0.4)
        canvas.fill(tube(end, (0.005, 0.007, 0.009)), paint, labelled=labelled)
    canvas.fill(ellipse(spot, (0.011, 0.013)), paint, labelled=labelled)


def _paint_pockets(canvas: Canvas, garment: Garment, wearer: Wearer, labelled: bool) -> None:
    y = min(max(garment.cut.waist_y + 0.075, 0.385), garment.cut.hem_y - 0.03)
    for side in (-1, 1):
        flap = np.array([(0.030, y), (0.062, y - 0.006), (0.063, y + 0.010), (0.031, y + 0.016)]) * (side, 1)
        placed = wearer.pose.place(flap)
        canvas.line(
            np.concatenate([placed, placed[:1]]),
            0.0020,
            darker(garment.fabric.colours[0], 0.5),
            opacity=0.5,
            labelled=labelled,
        )
