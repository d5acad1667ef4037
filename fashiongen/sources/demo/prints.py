"""Drawn prints: seamless tiles of flowers, leaves, brush strokes, animal spots and sequins."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from fashiongen.sources.demo.canvas import Array, to_bytes

TILE_PX = 256
Colours = tuple[tuple[float, float, float], ...]
Shape = tuple[list[tuple[float, float]], tuple[int, int, int]]  # a polygon in pixels and its colour
Motif = Callable[[np.random.Generator, Colours], list[Shape]]


def sample_print(name: str, colours: Colours, u: Array, v: Array, *, seed: int, pixel: float) -> Array:
    """The print's colour at each (u, v), both in repeats; `pixel` is one pixel's size in repeats."""
    side = int(np.clip(2 ** round(np.log2(1.5 / pixel)), 8, TILE_PX))
    tile = _tile(name, colours, seed, side)
    columns = np.floor(u * side).astype(np.int32) % side
    rows = np.floor(v * side).astype(np.int32) % side
    return tile[rows, columns]


@lru_cache(maxsize=256)
def _tile(name: str, colours: Colours, seed: int, side: int) -> Array:
    if side < TILE_PX:
        full = Image.fromarray((_tile(name, colours, seed, TILE_PX) * 255).astype(np.uint8))
        return np.asarray(full.reduce(TILE_PX // side), np.float32) / 255
    rng = np.random.default_rng([seed, len(name)])
    image = Image.new("RGB", (2 * TILE_PX, 2 * TILE_PX), to_bytes(colours[0]))
    draw = ImageDraw.Draw(image)
    for polygon, colour in PRINTS[name](rng, colours):
        for dx in (-2, 0, 2):  # also drawn in the neighbouring tiles, so that the print continues across the edges
            for dy in (-2, 0, 2):
                draw.polygon([(2 * x + dx * TILE_PX, 2 * y + dy * TILE_PX) for x, y in polygon], fill=colour)
    return np.asarray(image.reduce(2), np.float32) / 255


def _petal(cx: float, cy: float, angle: float, length: float, width: float) -> list[tuple[float, float]]:
    t = np.linspace(0, 1, 12)
    half = width * np.sin(np.pi * t**0.8)
    side = np.concatenate([half, -half[::-1]])
    along = np.concatenate([t, t[::-1]]) * length
    return [
        (cx + a * np.cos(angle) - s * np.sin(angle), cy + a * np.sin(angle) + s * np.cos(angle))
        for a, s in zip(along, side, strict=True)
    ]


def _scatter(rng: np.random.Generator, count: int) -> list[tuple[float, float]]:
    """Random points that are far apart, also across the tile's edges: each is the best of ten samples."""
    places: list[tuple[float, float]] = []
    for _ in range(count):
        tries = rng.uniform(0, TILE_PX, (10, 2))
        if places:
            gap = np.abs(tries[:, None] - np.asarray(places))
            gap = np.minimum(gap, TILE_PX - gap)
            tries = tries[np.hypot(gap[..., 0], gap[..., 1]).min(axis=1).argmax()][None]
        places.append((float(tries[0, 0]), float(tries[0, 1])))
    return places


def _flower(rng: np.random.Generator, x: float, y: float, size: float, colour: tuple[float, ...]) -> list[Shape]:
    petals = int(rng.integers(5, 8))
    turn = rng.uniform(0, 2 * np.pi)
    dark, light = (to_bytes([c * 0.78 for c in colour]), to_bytes([0.3 + 0.7 * c for c in colour]))
    shapes: list[Shape] = []
    for index in range(petals):
        angle = turn + 2 * np.pi * index / petals
        shapes.append((_petal(x, y, angle, size, size * 0.40), to_bytes(colour)))
        shapes.append((_petal(x, y, angle, size * 0.55, size * 0.10), dark))
    shapes.append((_petal(x - size * 0.18, y, 0.0, size * 0.36, size * 0.18), light))
    return shapes


def floral(rng: np.random.Generator, colours: Colours) -> list[Shape]:
    """Blossoms with leaves; the last colour is the leaves'."""
    shapes: list[Shape] = []
    blooms = colours[1:-1] or colours[1:]
    for index, (x, y) in enumerate(_scatter(rng, 12)):
        size = rng.uniform(24, 38)
        leaf = to_bytes(colours[-1])
        shapes += [(_petal(x, y, rng.uniform(0, 6.3), size * 1.6, size * 0.22), leaf) for _ in range(3)]
        shapes += _flower(rng, x, y, size, blooms[index % len(blooms)])
    return shapes


def ditsy(rng: np.random.Generator, colours: Colours) -> list[Shape]:
    """Very small flowers, many of them."""
    shapes: list[Shape] = []
    for index, (x, y) in enumerate(_scatter(rng, 34)):
        shapes += _flower(rng, x, y, rng.uniform(9, 15), colours[1 + index % (len(colours) - 1)])
    return shapes


def leaves(rng: np.random.Generator, colours: Colours) -> list[Shape]:
    """Sprigs of long leaves."""
    shapes: list[Shape] = []
    for index, (x, y) in enumerate(_scatter(rng, 9)):
        turn = rng.uniform(0, 6.3)
        colour = to_bytes(colours[1 + index % (len(colours) - 1)])
        for step in range(5):
            px, py = x + 13 * step * np.cos(turn), y + 13 * step * np.sin(turn)
            shapes += [(_petal(px, py, turn + side, 36.0 - 4 * step, 7.0), colour) for side in (-0.8, 0.8)]
    return shapes


def brush(rng: np.random.Generator, colours: Colours) -> list[Shape]:
    """Broad, bent strokes of a painter's brush."""
    shapes: list[Shape] = []
    for index, (x, y) in enumerate(_scatter(rng, 16)):
        bend, turn = rng.uniform(-0.9, 0.9), rng.uniform(-0.6, 0.6)
        t = np.linspace(-1, 1, 14)
        length, width = rng.uniform(32, 70), rng.uniform(7, 17)
        half = width * (1 - np.abs(t) ** 3) * (1 + 0.15 * rng.standard_normal(14))
        px, py = x + length * t, y + length * (bend * t**2 + turn * t)
        edge = np.concatenate([np.column_stack([px, py - half]), np.column_stack([px, py + half])[::-1]])
        shapes.append(([(float(a), float(b)) for a, b in edge], to_bytes(colours[1 + index % (len(colours) - 1)])))
    return shapes


def spots(rng: np.random.Generator, colours: Colours) -> list[Shape]:
    """A leopard's broken rings."""
    shapes: list[Shape] = []
    for x, y in _scatter(rng, 30):
        phi = np.linspace(0, 2 * np.pi, 14, endpoint=False)
        radius = rng.uniform(11, 18) * (1 + 0.18 * rng.standard_normal(14))
        ring = [(x + r * np.cos(p), y + 0.85 * r * np.sin(p)) for r, p in zip(radius, phi, strict=True)]
        core = [(x + 0.55 * r * np.cos(p), y + 0.45 * r * np.sin(p)) for r, p in zip(radius, phi, strict=True)]
        gap = _petal(x, y, rng.uniform(0, 6.3), 24.0, 5.0)
        shapes += [(ring, to_bytes(colours[1])), (core, to_bytes(colours[-1])), (gap, to_bytes(colours[0]))]
    return shapes


def sequins(rng: np.random.Generator, colours: Colours) -> list[Shape]:
    """Overlapping discs of different brightness."""
    shapes: list[Shape] = []
    phi = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    for row in range(16):
        for column in range(16):
            x, y = (column + 0.5 * (row % 2)) * 16, row * 16
            light = rng.choice([0.55, 0.8, 1.0, 1.15, 1.6], p=[0.2, 0.3, 0.25, 0.15, 0.1])
            base = colours[int(rng.integers(len(colours)))]
            colour = to_bytes([min(1.0, c * light + 0.12 * (light > 1.5)) for c in base])
            shapes.append(([(x + 10 * np.cos(p), y + 10 * np.sin(p)) for p in phi], colour))
    return shapes


PRINTS: dict[str, Motif] = {
    "floral": floral,
    "ditsy": ditsy,
    "leaves": leaves,
    "brush": brush,
    "spots": spots,
    "sequins": sequins,
}
