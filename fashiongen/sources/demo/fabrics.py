"""Fabrics: the colour of a garment at each point, before it is shaded.

A pattern is a function of u (to the right) and v (downwards), both in figure units, so that a print keeps its size
when the camera comes closer. Edges are softened over `pixel`, the size of one pixel in the same units.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fashiongen.sources.demo.canvas import Array, Colour
from fashiongen.sources.demo.prints import PRINTS, sample_print

Pattern = Callable[["Fabric", Array, Array, float], Array]


@dataclass(frozen=True)
class Fabric:
    """One fabric: its pattern, its colours (ground first), the size of a repeat, and its surface."""

    pattern: str  # a key of PATTERNS
    colours: tuple[tuple[float, float, float], ...]
    repeat: float  # figure units
    angle: float  # radians, clockwise
    gloss: float  # 0 matt to 1 satin
    grain: float  # strength of the weave's texture
    seed: int


def colour_cloth(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """The fabric's own colour at each (u, v), as a (height, width, 3) array."""
    if fabric.angle and fabric.pattern not in PRINTS:
        cosine, sine = np.float32(np.cos(fabric.angle)), np.float32(np.sin(fabric.angle))
        u, v = u * cosine + v * sine, v * cosine - u * sine
    wide, tall = np.broadcast_arrays(u, v)
    rgb = PATTERNS[fabric.pattern](fabric, wide, tall, pixel)
    return rgb * weave(fabric, u, v, pixel)[..., None] if fabric.grain else rgb


def weave(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """A factor near 1 that draws threads; it fades out where pixels are too large to show them."""
    fine = np.float32(2 * np.pi / 0.006)
    visible = fabric.grain * np.clip(0.004 / pixel, 0.3, 1)
    factor: Array = 1 + visible * (0.5 * np.sin(fine * (u + v)) + 0.5 * np.sin(fine * 1.7 * (u - 0.6 * v)))
    return factor


def _mix(first: Colour, second: Colour, share: Array) -> Array:
    one, other = np.asarray(first, np.float32), np.asarray(second, np.float32)
    return one + (other - one) * share[..., None]


def _bands(position: Array, duty: float, softness: float) -> Array:
    """1 inside bands that fill `duty` of each unit of `position`, 0 between, `softness` wide edges."""
    distance = np.abs(position - np.floor(position) - 0.5)
    inside: Array = np.clip((duty / 2 - distance) / max(softness, 1e-3) + 0.5, 0, 1)
    return inside


def plain(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """One colour."""
    return np.broadcast_to(np.asarray(fabric.colours[0], np.float32), (*u.shape, 3))


def stripes(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """Even bands of the second colour."""
    return _mix(fabric.colours[0], fabric.colours[1], _bands(u / fabric.repeat, 0.5, pixel / fabric.repeat))


def pinstripes(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """Thin lines of the second colour."""
    return _mix(fabric.colours[0], fabric.colours[1], 0.8 * _bands(u / fabric.repeat, 0.16, pixel / fabric.repeat))


def gingham(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """Two sets of even bands, darker where they cross."""
    soft = pixel / fabric.repeat
    both = _bands(u / fabric.repeat, 0.5, soft) + _bands(v / fabric.repeat, 0.5, soft)
    return _mix(fabric.colours[0], fabric.colours[1], both / 2)


def tartan(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """A sett of broad and narrow bands in up to three colours, woven both ways."""
    soft = pixel / fabric.repeat
    rgb = plain(fabric, u, v, pixel)
    for colour, duty, shift in zip(fabric.colours[1:], (0.42, 0.10, 0.05), (0.0, 0.5, 0.32), strict=False):
        lines = _bands(u / fabric.repeat + shift, duty, soft), _bands(v / fabric.repeat + shift, duty, soft)
        share = 0.5 * lines[0] + 0.5 * lines[1]
        rgb = rgb + (np.asarray(colour, np.float32) - rgb) * share[..., None]
    return rgb


def windowpane(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """Thin lines both ways, far apart."""
    soft = pixel / fabric.repeat
    lines = np.maximum(_bands(u / fabric.repeat, 0.09, soft), _bands(v / fabric.repeat, 0.09, soft))
    return _mix(fabric.colours[0], fabric.colours[1], 0.85 * lines)


def dots(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """Spots of the second colour on a staggered grid."""
    a, b = u / fabric.repeat, v / fabric.repeat
    row = np.floor(b)
    a = a + 0.5 * (row % 2)
    distance = np.hypot(a - np.floor(a) - 0.5, b - row - 0.5)
    return _mix(fabric.colours[0], fabric.colours[1], np.clip((0.27 - distance) * fabric.repeat / pixel + 0.5, 0, 1))


def gradient(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """A slow change from the first colour at the shoulders to the last at the floor."""
    stops = np.linspace(0.2, 0.92, len(fabric.colours))
    depth = v + 0.015 * np.sin(9 * u + fabric.seed)
    return np.stack([np.interp(depth, stops, [c[i] for c in fabric.colours]) for i in range(3)], -1).astype(np.float32)


def ribs(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """A knit's ribs: the one colour, lighter and darker."""
    depth = 0.10 * min(1.0, fabric.repeat / (3 * pixel))
    knit: Array = plain(fabric, u, v, pixel) * (1 + depth * np.sin(2 * np.pi * u / fabric.repeat))[..., None]
    return knit


def tile_print(fabric: Fabric, u: Array, v: Array, pixel: float) -> Array:
    """A drawn print: flowers, leaves, brush strokes, spots, sequins."""
    along, down, size = u / fabric.repeat, v / fabric.repeat, pixel / fabric.repeat
    return sample_print(fabric.pattern, fabric.colours, along, down, seed=fabric.seed, pixel=size)


PATTERNS: dict[str, Pattern] = {
    "plain": plain,
    "stripes": stripes,
    "pinstripes": pinstripes,
    "gingham": gingham,
    "tartan": tartan,
    "windowpane": windowpane,
    "dots": dots,
    "gradient": gradient,
    "ribs": ribs,
    **dict.fromkeys(PRINTS, tile_print),
}
