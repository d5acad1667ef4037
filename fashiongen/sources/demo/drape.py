"""Shading of cloth and skin: the roundness of the body, and the folds of the cloth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageFilter

from fashiongen.sources.demo.canvas import Array, Canvas, Colour, Tile
from fashiongen.sources.demo.fabrics import Fabric, colour_cloth
from fashiongen.sources.demo.outline import PointsLike

SHADOW_CLOTH = np.array([1.0, 1.04, 0.96], np.float32)  # how much darker each channel becomes in the shade
SHADOW_SKIN = np.array([0.78, 1.08, 1.16], np.float32)

FoldKind = Literal["fan", "crease", "bend", "press", "none"]


@dataclass(frozen=True)
class Folds:
    """The folds of one piece of cloth.

    `fan` falls from a waist, `crease` gathers at it, `bend` crosses a sleeve, `press` runs down a trouser leg.
    """

    kind: FoldKind
    strength: float  # the fraction of the light that a fold removes
    count: float  # how many across, or along
    top: float  # the height where they begin
    bottom: float  # the height where they are deepest
    phase: float


def cloth(
    canvas: Canvas, fabric: Fabric, folds: Folds, *, spine: PointsLike | None = None, dim: float = 1.0
) -> Callable[[Tile], Array]:
    """Paint for a piece of cloth: a tube around a limb with the given `spine`, else a hanging piece."""
    pixel = 1 / canvas.scale_px
    path = None if spine is None else np.asarray(spine, dtype=np.float32)

    def paint(tile: Tile) -> Array:
        t, depth = (tile.across(), tile.y) if path is None else along(tile, path)
        fold = FOLDS[folds.kind](folds, tile, t, depth)
        shade = fold * roundness(t, canvas.light) * _edge(tile, canvas.scale_px) * np.float32(dim)
        shift = (fold - 1) * np.float32(0.02)
        rgb = colour_cloth(fabric, tile.x + shift, tile.y + shift, pixel)
        lit = rgb * (1 - (1 - shade[..., None]) * SHADOW_CLOTH)
        return lit + _sheen(fabric.gloss, t, fold, canvas.light)[..., None]

    return paint


def flesh(
    canvas: Canvas, tone: Colour, *, spine: PointsLike | None = None, dim: float = 1.0
) -> Callable[[Tile], Array]:
    """Paint for skin, or for anything smooth and of one colour."""
    path = None if spine is None else np.asarray(spine, dtype=np.float32)
    base = np.asarray(tone, np.float32)

    def paint(tile: Tile) -> Array:
        t = tile.across() if path is None else along(tile, path)[0]
        round_shade = roundness(t, canvas.light) - np.float32(0.05) - np.float32(0.10) * t * t
        shade = (round_shade * np.float32(dim))[..., None]
        glow = np.exp(-(((t - 0.40 * canvas.light) / 0.28) ** 2))[..., None]
        lit: Array = base * (1 - (1 - shade) * SHADOW_SKIN) + (0.03 + 0.04 * (1 - base)) * glow * np.float32(dim)
        return lit

    return paint


def roundness(t: Array, light: float) -> Array:
    """The light on a cylinder: brightest on the side of the main light, darker towards both edges."""
    towards, square = t - np.float32(0.45 * light), t * t
    return np.float32(1.04) - np.float32(0.13) * towards * towards - np.float32(0.16) * square * square


def _edge(tile: Tile, scale_px: float) -> Array:
    """Slightly less light along hems and edges."""
    blurred = Image.fromarray(tile.alpha).filter(ImageFilter.BoxBlur(max(0.008 * scale_px, 0.6)))
    return 0.80 + np.asarray(blurred, np.float32) * np.float32(0.20 / 255)


def _sheen(gloss: float, t: Array, fold: Array, light: float) -> Array:
    if gloss <= 0:
        return np.zeros_like(t)
    stripe = np.exp(-(((t - np.float32(0.38 * light)) / np.float32(0.30)) ** 2))
    crest = np.clip((fold - 1) * 4, 0, 1)
    shine: Array = np.float32(gloss) * (0.14 * stripe + 0.22 * crest)
    return shine


def along(tile: Tile, path: Array) -> tuple[Array, Array]:
    """Each pixel's position across a limb (-1 to 1) and along its spine (0 at the start, 1 at the end)."""
    best = np.full(tile.alpha.shape, np.inf, np.float32)
    across = np.zeros_like(best)
    length = np.zeros_like(best)
    steps = np.hypot(*np.diff(path, axis=0).T)
    total, walked = float(steps.sum()), 0.0
    for start, end, step in zip(path[:-1], path[1:], steps, strict=True):
        dx, dy = (end - start) / max(float(step), 1e-6)
        px, py = tile.x - start[0], tile.y - start[1]
        s = np.clip(px * dx + py * dy, 0, step)
        side = py * dx - px * dy
        distance = (px - s * dx) ** 2 + (py - s * dy) ** 2
        nearer = distance < best
        best = np.where(nearer, distance, best)
        across = np.where(nearer, -side, across)
        length = np.where(nearer, (walked + s) / total, length)
        walked += float(step)
    half = np.abs(across[tile.alpha > 127]).max(initial=1e-3)
    return np.clip(across / half, -1, 1).astype(np.float32), length.astype(np.float32)


def _fan(folds: Folds, tile: Tile, t: Array, depth: Array) -> Array:
    grow = np.clip((tile.y - folds.top) / max(folds.bottom - folds.top, 1e-3), 0, 1) ** np.float32(0.9)
    angle = np.arcsin(t) + 0.10 * np.sin(9 * tile.y + folds.phase) * grow
    wave = (
        0.50 * np.sin(folds.count * angle + folds.phase)
        + 0.30 * np.sin(1.7 * folds.count * angle + 2.1 * folds.phase)
        + 0.20 * np.sin(0.55 * folds.count * angle - folds.phase)
    )
    sharp = wave - 0.35 * wave**2
    factor: Array = (1 + folds.strength * grow * sharp).astype(np.float32)
    return factor


def _crease(folds: Folds, tile: Tile, t: Array, depth: Array) -> Array:
    near = np.exp(-(((tile.y - folds.bottom) / np.float32(0.05)) ** 2))
    wave = np.sin(folds.count * (t * 1.6 + 9 * (tile.y - folds.top) * np.sign(t)) + folds.phase)
    pull = np.sin(folds.count * 0.5 * t + 40 * tile.y + folds.phase)
    factor: Array = (1 + folds.strength * near * (0.6 * wave + 0.4 * pull)).astype(np.float32)
    return factor


def _bend(folds: Folds, tile: Tile, t: Array, depth: Array) -> Array:
    near = np.exp(-(((depth - 0.5) / np.float32(0.16)) ** 2)) + 0.5 * np.clip((depth - 0.75) * 4, 0, 1)
    wave = np.sin(folds.count * (6.3 * depth + 0.55 * t) + folds.phase)
    factor: Array = (1 + folds.strength * near * wave).astype(np.float32)
    return factor


def _press(folds: Folds, tile: Tile, t: Array, depth: Array) -> Array:
    line = np.exp(-(((t + 0.08) / np.float32(0.10)) ** 2)) - 0.8 * np.exp(-(((t - 0.12) / np.float32(0.16)) ** 2))
    low = np.clip((tile.y - 0.80) * 6, 0, 1) + np.exp(-(((tile.y - 0.68) / np.float32(0.035)) ** 2))
    wave = np.sin(folds.count * (t + 22 * tile.y) + folds.phase) * low
    factor: Array = (1 + folds.strength * (0.55 * line + 0.45 * wave)).astype(np.float32)
    return factor


def _none(folds: Folds, tile: Tile, t: Array, depth: Array) -> Array:
    return np.ones_like(t)


FOLDS: dict[str, Callable[[Folds, Tile, Array, Array], Array]] = {
    "fan": _fan,
    "crease": _crease,
    "bend": _bend,
    "press": _press,
    "none": _none,
}

NO_FOLDS = Folds(kind="none", strength=0.0, count=0.0, top=0.0, bottom=1.0, phase=0.0)


def darker(colour: Sequence[float], factor: float) -> tuple[float, float, float]:
    """A colour times a factor."""
    return colour[0] * factor, colour[1] * factor, colour[2] * factor
