"""Garments on a body: the trunk with its skirt, and trouser legs. Sleeves, collars and closures are in `trims`."""

from itertools import pairwise

import numpy as np

from fashiongen.sources.demo.body import CROTCH_Y, Leg, torso_half
from fashiongen.sources.demo.canvas import Canvas
from fashiongen.sources.demo.cuts import LEGS, NECKLINES, SKIRTS, Cut, Garment, Wearer
from fashiongen.sources.demo.drape import Folds, cloth, darker
from fashiongen.sources.demo.outline import Points, between, joined, smooth, stroke, tube


def trunk_half(cut: Cut, wearer: Wearer, y: Points) -> Points:
    """Half the garment's width at each height: over the torso, then as its skirt spreads."""
    body = between(y, (0.46, 0.692, 1.0), (0.066 * wearer.build.hips, 0.050, 0.040))
    body = np.where(y < 0.46, torso_half(wearer.build, np.minimum(y, 0.46)), body)
    straight = 0.072 * wearer.build.shoulders
    loose = np.where(y < 0.46, np.maximum(body, straight), body)
    half = cut.cinch * body + (1 - cut.cinch) * loose + cut.ease * np.clip((y - 0.15) / 0.08, 0, 1)
    if cut.skirt is None:
        return half
    length = max(cut.hem_y - cut.waist_y, 1e-3)
    shares, spread = SKIRTS[cut.skirt]
    waist = cut.cinch * torso_half(wearer.build, cut.waist_y).item() + (1 - cut.cinch) * straight + cut.ease
    flared = waist + length * between((y - cut.waist_y) / length, shares, spread)
    return np.where(y > cut.waist_y, np.maximum(half, flared), half)


def trunk_outline(garment: Garment, wearer: Wearer) -> Points:
    """Neckline, armholes, sides and hem of everything but sleeves and trouser legs."""
    side_of = _skirt_side if garment.cut.type == "lower" else _side
    right, left = (side_of(garment, wearer, side) for side in (1, -1))
    hem = _hem(garment, right[-1], left[-1], slit_x=_axis_of_near_leg(wearer))
    return wearer.pose.place(joined(right, hem, left[::-1]))


def _side(garment: Garment, wearer: Wearer, side: int) -> Points:
    """From the centre front along the neckline, round the armhole, down the side to the hem."""
    seam = _seam(garment, wearer, side, start_y=0.226 if garment.cut.sleeve is None else 0.205)
    return joined(_top_edge(garment.cut, wearer, side) * (side, 1), seam)


def _seam(garment: Garment, wearer: Wearer, side: int, *, start_y: float) -> Points:
    """One side seam from `start_y` to the hem, which a slanting cut makes longer on one side."""
    slant = 0.050 * side * np.sign(np.sin(garment.phase)) if garment.cut.hem == "slant" else 0.0
    heights = np.linspace(start_y, garment.cut.hem_y + slant, 24)
    return np.column_stack([side * trunk_half(garment.cut, wearer, heights), heights])


def _skirt_side(garment: Garment, wearer: Wearer, side: int) -> Points:
    return _seam(garment, wearer, side, start_y=garment.cut.waist_y)


def open_fronts(garment: Garment, wearer: Wearer) -> list[Points]:
    """The two fronts of a jacket or coat that is worn open."""
    cut = garment.cut
    hem_half = float(trunk_half(cut, wearer, np.array([cut.hem_y]))[0])
    fronts: list[Points] = []
    for side in (-1, 1):
        neck = NECKLINES[cut.neckline]
        inner = smooth(
            [(0.42 * hem_half, cut.hem_y), (0.030, 0.5 * (cut.hem_y + 0.24)), (0.024, 0.24), (neck.x, neck.y)]
        )
        outer = _side(garment, wearer, side) * (side, 1)
        outer = outer[np.argmax(outer[:, 0] >= neck.x) :]
        hem = smooth([(hem_half, cut.hem_y), (0.7 * hem_half, cut.hem_y + 0.006), (0.42 * hem_half, cut.hem_y)])
        fronts.append(wearer.pose.place(joined(outer, hem, inner) * (side, 1)))
    return fronts


def _top_edge(cut: Cut, wearer: Wearer, side: int) -> Points:
    neck = NECKLINES[cut.neckline]
    shoulders = wearer.build.shoulders
    if cut.neckline == "one_shoulder" and side > 0:
        return np.array([(0.0, 0.205), (0.035, 0.214), (0.060, 0.220)])
    if cut.neckline in ("strapless", "straps"):
        return smooth([(0.0, neck.depth), (0.020, neck.depth - 0.013), (0.044, neck.depth - 0.012), (0.062, 0.221)])
    if cut.neckline == "off_shoulder":
        return smooth(
            [(0.0, neck.depth), (0.045, neck.depth - 0.005), (0.084 * shoulders, 0.190), (0.082 * shoulders, 0.204)]
        )
    edge = _neck_curve(neck.x, neck.y, neck.depth, neck.shape)
    if cut.neckline == "halter":
        return joined(edge, smooth([(neck.x + 0.012, 0.152), (0.040, 0.190), (0.061, 0.223)]))
    if cut.sleeve is None:
        tip = max(0.060 * shoulders, neck.x + 0.014)
        return joined(edge, [(tip, 0.164)], smooth([(tip, 0.166), (0.062 * shoulders, 0.196), (0.067, 0.222)]))
    tip = 0.074 * shoulders + cut.ease
    return joined(edge, smooth([(neck.x, neck.y), (0.6 * tip, 0.160), (tip, 0.174)]), [(tip - 0.002, 0.196)])


def _neck_curve(x: float, y: float, depth: float, shape: str) -> Points:
    if shape == "square":
        return np.array([(0.0, depth), (x, depth), (x, y)])
    if shape == "straight":
        return np.array([(0.0, depth), (x, y)])
    return smooth([(0.0, depth), (0.55 * x, depth - 0.13 * (depth - y)), (0.92 * x, 0.5 * (depth + y)), (x, y)])


def _hem(garment: Garment, right: Points, left: Points, *, slit_x: float) -> Points:
    """The hem from its right end to its left one, in the body's frame; `slit_x` is where a slit shows a leg."""
    cut = garment.cut
    across = np.linspace(1, -1, 43)[1:-1]
    line = right + (left - right) * (1 - across[:, None]) / 2
    flow = cut.folds * min(1.0, (right[0] - left[0]) / 0.24) if cut.skirt else 0.0
    waves = 0.0075 * flow * (1 - across**8) * np.sin(7.5 * np.arcsin(across) + garment.phase)
    points = line + np.column_stack([np.zeros(41), (0.012 if cut.skirt else 0.004) * (1 - across**2) + waves])
    if cut.hem != "slit" or cut.hem_y < 0.66:
        return points
    top, low = (0.5 * slit_x, max(0.50, cut.hem_y - 0.40)), cut.hem_y + 0.004
    opening = np.array([(slit_x + 0.026, low), top, (slit_x - 0.026, low)])
    before, after = points[points[:, 0] > slit_x + 0.026], points[points[:, 0] < slit_x - 0.026]
    return joined(before, opening, after)


def _axis_of_near_leg(wearer: Wearer) -> float:
    """The x, in the body's frame, of the knee that comes first."""
    near = next(leg for leg in wearer.pose.legs if not leg.far)
    return float(near.joints[1, 0] - between(0.69, wearer.pose.axis_y, wearer.pose.axis_x).item())


def paint_trunk(canvas: Canvas, garment: Garment, wearer: Wearer, *, labelled: bool) -> None:
    """Bodice and skirt in one, with tiers, a ruffle or a band at the hem."""
    cut = garment.cut
    outlines = open_fronts(garment, wearer) if cut.front == "open" else [trunk_outline(garment, wearer)]
    for outline in outlines:
        canvas.shade(outline, shift=(0.0, 0.008), blur=0.010, strength=0.45)
        canvas.fill(outline, cloth(canvas, garment.fabric, trunk_folds(garment)), labelled=labelled)
    if cut.cinch > 0.6 and cut.type != "lower" and cut.front != "open":
        _model_bust(canvas, garment, wearer)
    if cut.neckline == "straps":
        _paint_straps(canvas, garment, wearer, labelled)
    if cut.neckline in ("turtleneck",) or cut.collar == "funnel":
        neck = wearer.pose.place([(0.0, 0.166), (0.0, 0.140), (0.0, 0.118)])
        canvas.fill(
            tube(neck, (0.034, 0.0235, 0.0225)), cloth(canvas, garment.fabric, trunk_folds(garment)), labelled=labelled
        )
    if cut.hem == "tiers":
        _paint_tiers(canvas, garment, wearer, labelled)
    if cut.hem in ("ruffle", "band"):
        _paint_hem_band(canvas, garment, wearer, labelled)


def _model_bust(canvas: Canvas, garment: Garment, wearer: Wearer) -> None:
    """Soft shade where a fitted bodice turns under the bust and at the waist."""
    shade = darker(garment.fabric.colours[0], 0.35)
    for side in (-1, 1):
        for x, y, wide, high, strength in ((0.034, 0.254, 0.024, 0.010, 0.28), (0.042, 0.318, 0.010, 0.040, 0.22)):
            canvas.stain(wearer.pose.place([(side * x, y)])[0], (wide, high), shade, strength)


def trunk_folds(garment: Garment) -> Folds:
    """Folds that fall from the waist, or gather at it where there is no skirt."""
    cut = garment.cut
    if cut.skirt is None:
        return Folds("crease", 0.05 + 0.10 * cut.folds, 5.0, 0.23, min(cut.waist_y + 0.01, cut.hem_y), garment.phase)
    count = 5.0 + 4.0 * cut.folds if cut.skirt in ("full", "ball", "a_line", "mermaid") else 4.0
    start = cut.waist_y if cut.skirt != "mermaid" else cut.waist_y + 0.55 * (cut.hem_y - cut.waist_y)
    return Folds("fan", 0.06 + 0.26 * cut.folds, count, start, min(cut.hem_y, start + 0.30), garment.phase)


def _paint_straps(canvas: Canvas, garment: Garment, wearer: Wearer, labelled: bool) -> None:
    for side in (-1, 1):
        strap = wearer.pose.place(smooth([(side * 0.048, 0.208), (side * 0.047, 0.185), (side * 0.042, 0.158)]))
        canvas.fill(stroke(strap, 0.0030), garment.fabric.colours[0], labelled=labelled)


def _tier(garment: Garment, wearer: Wearer, top_y: float, bottom_y: float, flare: float) -> Points:
    heights = np.linspace(top_y, bottom_y, 8)
    half = trunk_half(garment.cut, wearer, heights) + flare * np.linspace(0, 1, 8) ** 1.5
    across = np.linspace(1, -1, 49)
    waves = 0.0065 * np.sin(13 * np.arcsin(across) + garment.phase + 40 * bottom_y) + 0.010 * (1 - across**2)
    side = np.column_stack([half, heights])
    hem = np.column_stack([across * half[-1], bottom_y + waves])
    return wearer.pose.place(joined(side, hem, (side * (-1, 1))[::-1]))


def _paint_tiers(canvas: Canvas, garment: Garment, wearer: Wearer, labelled: bool) -> None:
    cut = garment.cut
    edges = np.linspace(cut.waist_y, cut.hem_y, 4 if cut.hem_y < 0.75 else 5)
    for top, bottom in reversed(list(pairwise(edges))):
        outline = _tier(garment, wearer, float(top), float(bottom), 0.012)
        folds = Folds("fan", 0.24, 11.0, float(top), float(bottom), garment.phase + 30 * float(top))
        canvas.shade(outline, shift=(0.0, 0.012), blur=0.010, strength=0.5)
        canvas.fill(outline, cloth(canvas, garment.fabric, folds), labelled=labelled)


def _paint_hem_band(canvas: Canvas, garment: Garment, wearer: Wearer, labelled: bool) -> None:
    cut = garment.cut
    ruffle = cut.hem == "ruffle"
    depth = 0.055 if ruffle else 0.030
    outline = _tier(
        garment, wearer, cut.hem_y - depth, cut.hem_y + (0.012 if ruffle else 0.002), 0.016 if ruffle else 0.002
    )
    fabric = garment.fabric if ruffle else garment.accent
    folds = Folds("fan", 0.28 if ruffle else 0.10, 12.0, cut.hem_y - depth, cut.hem_y, garment.phase)
    canvas.fill(outline, cloth(canvas, fabric, folds), labelled=labelled)


def paint_trousers(canvas: Canvas, garment: Garment, wearer: Wearer, *, labelled: bool) -> None:
    """Two legs that meet at the front seam, the far one first."""
    for leg in sorted(wearer.pose.legs, key=lambda leg: not leg.far):
        outline = _trouser_leg(garment, wearer, leg)
        if not leg.far:
            canvas.shade(outline, shift=(0.0, 0.002), blur=0.012, strength=0.4)
        wide = garment.cut.legs in ("wide", "palazzo", "culottes", "flare")
        folds = (
            Folds("fan", 0.06 + 0.16 * garment.cut.folds, 3.4, 0.42, 0.80, garment.phase)
            if wide
            else Folds("press", 0.14, 2.4, 0.4, 0.9, garment.phase + leg.joints[0, 0] * 40)
        )
        canvas.fill(outline, cloth(canvas, garment.fabric, folds, dim=0.78 if leg.far else 1.0), labelled=labelled)


def _trouser_leg(garment: Garment, wearer: Wearer, leg: Leg) -> Points:
    thigh, knee, hem, hem_y = LEGS[garment.cut.legs or "straight"]
    pose, build = wearer.pose, wearer.build
    hip_at, knee_at, ankle_at = leg.joints
    side = 1 if hip_at[0] > pose.axis_x[3] else -1
    share = (hem_y - KNEE_HEIGHT) / (ANKLE_HEIGHT - KNEE_HEIGHT)
    end = knee_at + share * (ankle_at - knee_at) if share > 0 else hip_at + (hem_y - 0.455) / 0.237 * (knee_at - hip_at)
    middle = [hip_at + 0.45 * (knee_at - hip_at), knee_at] if share > 0 else [hip_at + 0.5 * (end - hip_at)]
    spine = np.array([np.add(hip_at, (0, 0.015)), *middle, end])
    widths = (
        [thigh * build.hips, 0.5 * (thigh + knee) * build.hips, knee, hem]
        if share > 0
        else [thigh * build.hips] * 2 + [hem]
    )
    sides = np.split(tube(spine, widths), 2)
    outer, inner = (
        (sides[0], sides[1][::-1]) if side * (sides[0][0, 0] - sides[1][-1, 0]) > 0 else (sides[1][::-1], sides[0])
    )
    top_y = garment.cut.waist_y
    heights = np.linspace(top_y, 0.430, 6)
    waist = pose.place(np.column_stack([side * (torso_half(build, heights) + garment.cut.ease + 0.002), heights]))
    crotch = pose.place([(-side * 0.002, CROTCH_Y), (-side * 0.002, top_y)])
    return joined(waist, smooth(outer[_stops(8, len(outer) - 1)]), smooth(inner[_stops(len(inner) - 1, 10)]), crotch)


def _stops(first: int, last: int) -> list[int]:
    """Six places from one index to another, both included."""
    stops: list[int] = np.linspace(first, last, 6).round().astype(int).tolist()
    return stops


KNEE_HEIGHT, ANKLE_HEIGHT = 0.692, 0.945
