"""Hairstyles, each with a part behind the body and a part in front of the face's edges."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fashiongen.sources.demo.canvas import Array, Canvas, Tile
from fashiongen.sources.demo.drape import along
from fashiongen.sources.demo.head import HeadFrame
from fashiongen.sources.demo.outline import Points, ellipse, joined, smooth, tube


@dataclass(frozen=True)
class Hair:
    """A style, its colour, and the phase of its waves."""

    style: str  # a key of STYLES
    colour: tuple[float, float, float]
    parting: float  # -1 to 1, where it is parted
    phase: float


def strands(canvas: Canvas, hair: Hair, *, spine: Points | None = None, waves: float = 0.0) -> Callable[[Tile], Array]:
    """Paint for hair: fine strands, a highlight, darker edges."""
    base = np.asarray(hair.colour, np.float32)
    path = None if spine is None else np.asarray(spine, np.float32)

    def paint(tile: Tile) -> Array:
        t, depth = (tile.across(), tile.y * 8) if path is None else along(tile, path)
        bent = t + waves * 0.12 * np.sin(9 * depth + hair.phase + 2 * t)
        fine = 0.05 * np.sin(41 * bent + hair.phase) + 0.05 * np.sin(73 * bent + 2 * hair.phase)
        shade = 0.98 - 0.30 * t**2 + fine
        glint = np.exp(-(((t - 0.42 * canvas.light) / 0.24) ** 2)) * (
            0.55 + 0.45 * np.sin(18 * depth + hair.phase + 3 * t)
        )
        lit: Array = base * shade[..., None] + (0.09 + 0.16 * base) * glint[..., None]
        return lit

    return paint


def paint_hair_behind(canvas: Canvas, hair: Hair, frame: HeadFrame) -> None:
    """Paint the hair behind the neck and shoulders; call it before the body is painted."""
    for outline, spine, waves in STYLES[hair.style][0](hair, frame):
        canvas.fill(outline, strands(canvas, hair, spine=spine, waves=waves))


def paint_hair_before(canvas: Canvas, hair: Hair, frame: HeadFrame) -> None:
    """Paint the hair around the face and over the shoulders; call it after head and garments are painted."""
    for outline, spine, waves in STYLES[hair.style][1](hair, frame):
        canvas.shade(outline, shift=(0.0, 0.004), blur=0.006, strength=0.25)
        canvas.fill(outline, strands(canvas, hair, spine=spine, waves=waves))


Lock = tuple[Points, Points | None, float]  # outline, spine, waviness
Locks = Callable[[Hair, HeadFrame], list[Lock]]


def _cap(frame: HeadFrame, *, lift: float, hairline: float, temple: float, parting: float) -> Points:
    """The hair on the skull, from one temple over the top to the other, along the hairline back."""
    side, top = 0.345 + 0.3 * lift, 0.53 + lift
    over = [(-0.335, temple), (-side, -0.18), (-0.80 * side, -0.84 * top), (-0.38 * side, -0.985 * top)]
    dome = smooth([*over, (0.0, -top), *((-x, y) for x, y in reversed(over))])
    line = smooth([(0.315, temple), (0.275, -0.14), (0.20, hairline + 0.05), (0.12 * parting, hairline - 0.05)])
    back = smooth([(0.12 * parting, hairline - 0.05), (-0.20, hairline + 0.05), (-0.275, -0.14), (-0.315, temple)])
    return frame.at(joined(dome, line, back))


def _sleek(hair: Hair, frame: HeadFrame) -> list[Lock]:
    return [(_cap(frame, lift=0.02, hairline=-0.30, temple=0.02, parting=hair.parting), None, 0.0)]


def _nothing(hair: Hair, frame: HeadFrame) -> list[Lock]:
    return []


def _top_knot(hair: Hair, frame: HeadFrame) -> list[Lock]:
    return [(frame.at(ellipse((0.05 * hair.parting, -0.63), (0.17, 0.14))), None, 0.5)]


def _low_bun(hair: Hair, frame: HeadFrame) -> list[Lock]:
    return [(frame.at(ellipse((0.30 * np.sign(hair.parting + 0.01), 0.26), (0.16, 0.15))), None, 0.5)]


def _fall(hair: Hair, frame: HeadFrame, length: float, width: float, waves: float) -> list[Lock]:
    wave = 0.05 * waves * np.sin(np.array([0, 2.2, 4.4, 6.6]) + hair.phase)
    heights = np.array([-0.20, 0.25, 0.6 * length, length])
    half = np.array([0.37, 0.40 + 0.3 * width, 0.42 + width, 0.36 + width])
    right = smooth(np.column_stack([half + wave, heights]))
    left = smooth(np.column_stack([-half + wave[::-1], heights]))[::-1]
    top = smooth([(-0.37, -0.20), (-0.25, -0.50), (0.0, -0.56), (0.25, -0.50), (0.37, -0.20)])
    return [(frame.at(joined(top, right, left)), None, waves)]


def _curtains(hair: Hair, frame: HeadFrame, length: float, flare: float, waves: float) -> list[Lock]:
    """Two locks from the parting down both sides of the face."""
    part = 0.11 * hair.parting
    locks: list[Lock] = []
    for side in (-1, 1):
        wave = side * 0.035 * waves * np.sin(np.array([0.0, 2.0, 4.0]) + hair.phase + side)
        outer = smooth(
            [
                (part, -0.545),
                (side * 0.27, -0.49),
                (side * 0.385, -0.20),
                (side * (0.39 + 0.4 * flare) + wave[0], 0.20),
                (side * (0.40 + flare) + wave[1], 0.6 * length),
                (side * (0.35 + flare) + wave[2], length),
            ]
        )
        inner = smooth(
            [
                (side * (0.23 + flare) + wave[2], length),
                (side * (0.27 + 0.5 * flare) + wave[1], 0.55 * length),
                (side * 0.285, 0.08),
                (side * 0.245, -0.16),
                (part + side * 0.05, -0.36),
                (part, -0.40),
            ]
        )
        locks.append((frame.at(joined(outer, inner)), None, waves))
    return locks


def _long_behind(hair: Hair, frame: HeadFrame) -> list[Lock]:
    return _fall(hair, frame, 1.25, 0.02, 0.3)


def _long_before(hair: Hair, frame: HeadFrame) -> list[Lock]:
    return _curtains(hair, frame, 0.95, 0.02, 0.2)


def _wavy_behind(hair: Hair, frame: HeadFrame) -> list[Lock]:
    return _fall(hair, frame, 1.12, 0.16, 1.4)


def _wavy_before(hair: Hair, frame: HeadFrame) -> list[Lock]:
    return _curtains(hair, frame, 0.92, 0.12, 1.4)


def _bob_behind(hair: Hair, frame: HeadFrame) -> list[Lock]:
    return _fall(hair, frame, 0.44, 0.02, 0.2)


def _bob_before(hair: Hair, frame: HeadFrame) -> list[Lock]:
    return _curtains(hair, frame, 0.42, 0.03, 0.2)


def _tail(hair: Hair, frame: HeadFrame) -> list[Lock]:
    side = np.sign(hair.parting + 0.01)
    spine = frame.at(
        [(0.02 * side, -0.55), (0.30 * side, -0.62), (0.50 * side, -0.10), (0.46 * side, 0.55), (0.52 * side, 1.15)]
    )
    return [(tube(spine, [0.014, 0.018, 0.020, 0.016, 0.004]), smooth(spine, samples=3), 0.6)]


def _braids(hair: Hair, frame: HeadFrame) -> list[Lock]:
    locks: list[Lock] = []
    for side in (-1, 1):
        path = smooth([(side * 0.30, 0.10), (side * 0.38, 0.45), (side * 0.42, 0.85), (side * 0.44, 1.25)], samples=4)
        locks += [(frame.at(ellipse(knot, (0.062, 0.075), angle=side * 0.5)), None, 1.0) for knot in path]
    return [*_sleek(hair, frame), *locks]


def _cloud(hair: Hair, frame: HeadFrame) -> list[Lock]:
    phi = np.linspace(0, 2 * np.pi, 44, endpoint=False)
    radius = 0.56 + 0.022 * np.sin(11 * phi + hair.phase) + 0.016 * np.sin(17 * phi)
    return [(frame.at(np.column_stack([1.02 * radius * np.cos(phi), -0.16 + radius * 0.92 * np.sin(phi)])), None, 2.5)]


def _crop(hair: Hair, frame: HeadFrame) -> list[Lock]:
    side = np.sign(hair.parting + 0.01)
    fringe = frame.at(
        joined(
            smooth(
                [
                    (-0.33, 0.04),
                    (-0.37, -0.22),
                    (-0.26, -0.50),
                    (0.0, -0.58),
                    (0.26, -0.50),
                    (0.37, -0.22),
                    (0.33, 0.04),
                ]
            ),
            smooth(
                [
                    (0.33, 0.04),
                    (0.275, -0.12),
                    (0.20 + 0.06 * side, -0.24),
                    (0.10 * side, -0.20),
                    (-0.18, -0.22),
                    (-0.275, -0.12),
                    (-0.33, 0.04),
                ]
            ),
        )
    )
    return [(fringe, None, 0.8)]


def _fringed(hair: Hair, frame: HeadFrame) -> list[Lock]:
    bangs = frame.at(
        joined(
            smooth(
                [
                    (-0.34, 0.02),
                    (-0.36, -0.22),
                    (-0.25, -0.49),
                    (0.0, -0.56),
                    (0.25, -0.49),
                    (0.36, -0.22),
                    (0.34, 0.02),
                ]
            ),
            smooth(
                [
                    (0.34, 0.02),
                    (0.27, -0.06),
                    (0.12, -0.115),
                    (0.0, -0.12),
                    (-0.12, -0.115),
                    (-0.27, -0.06),
                    (-0.34, 0.02),
                ]
            ),
        )
    )
    return [*_bob_before(hair, frame), (bangs, None, 0.0)]


STYLES: dict[str, tuple[Locks, Locks]] = {
    "sleek": (_nothing, _sleek),
    "top_knot": (_top_knot, _sleek),
    "low_bun": (_low_bun, _sleek),
    "long": (_long_behind, _long_before),
    "wavy": (_wavy_behind, _wavy_before),
    "bob": (_bob_behind, _bob_before),
    "fringe": (_bob_behind, _fringed),
    "ponytail": (_tail, _sleek),
    "braids": (_nothing, _braids),
    "afro": (_cloud, _sleek),
    "crop": (_nothing, _crop),
}
