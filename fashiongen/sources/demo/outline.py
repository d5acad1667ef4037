"""Smooth outlines: splines through points, tubes along spines, curves joined at their corners.

Points are float arrays of shape (points, 2) in figure units: x to the right, y downwards, 1.0 is the figure's height.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
PointsLike = NDArray[Any] | Sequence[Any]
Heights = float | NDArray[Any] | Sequence[float]


def smooth(points: PointsLike, *, closed: bool = False, samples: int = 7) -> Points:
    """Points on the Catmull-Rom spline through `points`, `samples` on each of its segments."""
    knots = np.asarray(points, dtype=float)
    ends = (knots[-1:], knots[:2]) if closed else (2 * knots[:1] - knots[1:2], 2 * knots[-1:] - knots[-2:-1])
    padded = np.concatenate([ends[0], knots, ends[1]])
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, samples, endpoint=False)[:, None, None]
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    sampled = curve.transpose(1, 0, 2).reshape(-1, 2)
    return sampled if closed else np.concatenate([sampled, knots[-1:]])


def tube(spine: PointsLike, radii: Sequence[float], *, samples: int = 7, rounded: bool = False) -> Points:
    """The outline of a limb: `radii` are its half widths at the points of `spine`, blended in between.

    A `rounded` one begins with half a circle, as a shoulder does.
    """
    knots = np.asarray(spine, dtype=float)
    path = smooth(knots, samples=samples)
    at = np.arange(len(path)) / samples
    radius = smooth(np.column_stack([np.arange(len(knots)), radii]), samples=samples)[:, 1]
    tangent = np.gradient(path, at, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    offset = normal * radius[:, None]
    sides = np.concatenate([path + offset, (path - offset)[::-1]])
    if not rounded:
        return sides
    phi = np.linspace(0, np.pi, 10)[1:-1, None]
    back = np.array([-normal[0, 1], normal[0, 0]]) * radius[0]
    return np.concatenate([sides, path[0] - offset[0] * np.cos(phi) + back * np.sin(phi)])


def stroke(points: Points, radius: float) -> Points:
    """The outline of a line of constant half width."""
    path = np.asarray(points, dtype=float)
    tangent = np.gradient(path, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    return np.concatenate([path + normal * radius, (path - normal * radius)[::-1]])


def joined(*curves: PointsLike) -> Points:
    """One outline of several curves, with a corner where two of them meet."""
    return np.concatenate([np.asarray(curve, dtype=float) for curve in curves])


def mirrored(points: PointsLike) -> Points:
    """`points` reflected in the axis x = 0, in reverse order, so that a right half continues into its left half."""
    return (np.asarray(points, dtype=float) * (-1, 1))[::-1]


def ellipse(centre: PointsLike, radii: Sequence[float], *, angle: float = 0.0, samples: int = 28) -> Points:
    """An ellipse's outline, turned by `angle` in radians."""
    phi = np.linspace(0, 2 * np.pi, samples, endpoint=False)
    points: Points = rotated(np.column_stack([np.cos(phi) * radii[0], np.sin(phi) * radii[1]]), angle) + np.asarray(
        centre
    )
    return points


def rotated(points: Points, angle: float) -> Points:
    """`points` turned about the origin by `angle` in radians, clockwise on the page."""
    cosine, sine = np.cos(angle), np.sin(angle)
    turned: Points = points @ np.array([[cosine, sine], [-sine, cosine]])
    return turned


def between(y: Heights, heights: Sequence[float], values: Sequence[float]) -> NDArray[np.float64]:
    """The value at each height `y` of a smooth, monotone blend between `values` given at `heights`."""
    at = np.atleast_1d(np.asarray(y, dtype=float))
    knots, levels = np.asarray(heights), np.asarray(values)
    index = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    t = np.clip((at - knots[index]) / (knots[index + 1] - knots[index]), 0, 1)
    slope = _monotone_slopes(knots, levels)
    step = knots[index + 1] - knots[index]
    curve: NDArray[np.float64] = (
        (1 + 2 * t) * (1 - t) ** 2 * levels[index]
        + t * (1 - t) ** 2 * step * slope[index]
        + t**2 * (3 - 2 * t) * levels[index + 1]
        + t**2 * (t - 1) * step * slope[index + 1]
    )
    return curve


def _monotone_slopes(knots: Points, levels: Points) -> NDArray[np.float64]:
    secant = np.diff(levels) / np.diff(knots)
    inner = np.where(secant[:-1] * secant[1:] > 0, 2 * secant[:-1] * secant[1:] / (secant[:-1] + secant[1:] + 1e-12), 0)
    return np.concatenate([secant[:1], inner, secant[-1:]])
