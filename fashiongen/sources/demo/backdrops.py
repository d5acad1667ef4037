"""Backdrops of a runway: arches, curtains, hedges, the sea; at a low resolution, because they are out of focus."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from fashiongen.sources.demo.canvas import to_bytes

Rgb = tuple[float, float, float]


def _gradient(image: Image.Image, top: np.ndarray, bottom: np.ndarray) -> None:
    width, height = image.size
    share = np.linspace(0, 1, height)[:, None, None]
    rows = np.broadcast_to(top * (1 - share) + bottom * share, (height, width, 3))
    image.paste(Image.fromarray((np.clip(rows, 0, 1) * 255).astype(np.uint8)))


def arches(rng: np.random.Generator, image: Image.Image, wall: Rgb, light: Rgb, far: float) -> None:
    """A hall with lit arches between pilasters."""
    base, glow = np.asarray(wall), np.asarray(light)
    _gradient(image, base * 0.80, base * 1.05)
    draw = ImageDraw.Draw(image)
    width = image.size[0]
    step = width * rng.uniform(0.26, 0.38)
    for x in np.arange(rng.uniform(-1, 0) * step, width, step):
        spring = far - 1.15 * step
        draw.rectangle((x + 0.16 * step, spring, x + 0.84 * step, far), fill=to_bytes(base * 0.62))
        draw.ellipse(
            (x + 0.16 * step, spring - 0.42 * step, x + 0.84 * step, spring + 0.42 * step), fill=to_bytes(base * 0.62)
        )
        draw.rectangle(
            (x + 0.30 * step, spring + 0.05 * step, x + 0.70 * step, far), fill=to_bytes(0.55 * glow + 0.3 * base)
        )
        draw.rectangle((x - 0.06 * step, 0, x + 0.06 * step, far), fill=to_bytes(base * 1.14))


def curtain(rng: np.random.Generator, image: Image.Image, wall: Rgb, light: Rgb, far: float) -> None:
    """A heavy curtain lit from above."""
    width, height = image.size
    x = np.linspace(0, 1, width)[None, :, None]
    folds = np.sin(x * rng.uniform(40, 70) + rng.uniform(0, 6)) * 0.5 + np.sin(x * rng.uniform(15, 25)) * 0.5
    fall = np.linspace(1.25, 0.75, height)[:, None, None]
    rows = np.asarray(wall) * (1 + 0.35 * folds) * fall
    image.paste(Image.fromarray((np.clip(rows, 0, 1) * 255).astype(np.uint8)))


def panels(rng: np.random.Generator, image: Image.Image, wall: Rgb, light: Rgb, far: float) -> None:
    """Plain panels with light tubes between them."""
    base = np.asarray(wall)
    _gradient(image, base * 1.02, base * 0.94)
    draw = ImageDraw.Draw(image)
    width = image.size[0]
    step = width * rng.uniform(0.16, 0.30)
    for index, x in enumerate(np.arange(rng.uniform(-1, 0) * step, width, step)):
        draw.rectangle((x, 0, x + step * 0.5, far), fill=to_bytes(base * (0.90 + 0.05 * (index % 2))))
        draw.rectangle(
            (x + 0.48 * step, 0, x + 0.53 * step, far), fill=to_bytes(np.minimum(np.asarray(light) * 1.1, 1))
        )


def beams(rng: np.random.Generator, image: Image.Image, wall: Rgb, light: Rgb, far: float) -> None:
    """A dark hall with slanting beams of light and a bright doorway."""
    base, glow = np.asarray(wall), np.asarray(light)
    _gradient(image, base * 0.7, base * 1.5)
    draw = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(int(rng.integers(3, 6))):
        x, lean, wide = rng.uniform(0, width), rng.normal(0, 0.35) * height, rng.uniform(0.02, 0.07) * width
        colour = to_bytes(base + rng.uniform(0.10, 0.22) * glow)
        draw.polygon(
            [(x - wide * 0.3, 0), (x + wide * 0.3, 0), (x + lean + wide, far), (x + lean - wide, far)], fill=colour
        )
    door = width * rng.uniform(0.35, 0.65)
    draw.rectangle(
        (door - 0.13 * width, far - 0.9 * width, door + 0.13 * width, far), fill=to_bytes(base + 0.38 * glow)
    )


def hedge(rng: np.random.Generator, image: Image.Image, wall: Rgb, light: Rgb, far: float) -> None:
    """Clipped hedges and trees under a pale sky."""
    base = np.asarray(wall)
    _gradient(image, np.array([0.80, 0.87, 0.92]), np.array([0.93, 0.93, 0.88]))
    draw = ImageDraw.Draw(image)
    width = image.size[0]
    for _ in range(70):
        x, size = rng.uniform(-0.1, 1.1) * width, rng.uniform(0.05, 0.17) * width
        y = far - rng.uniform(0.0, 1.0) * width * (0.35 + 0.35 * abs(x / width - 0.5) * 2)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=to_bytes(base * rng.uniform(0.55, 1.35)))
    draw.rectangle((0, far - 0.14 * width, width, far), fill=to_bytes(base * 0.62))
    for x in rng.uniform(0, width, 26):
        y, size = far - rng.uniform(0, 0.2) * width, 0.012 * width
        bloom = [(0.96, 0.93, 0.90), (0.90, 0.66, 0.68), (0.95, 0.85, 0.55)][int(rng.integers(3))]
        draw.ellipse((x - size, y - size, x + size, y + size), fill=to_bytes(bloom))


def sea(rng: np.random.Generator, image: Image.Image, wall: Rgb, light: Rgb, far: float) -> None:
    """Sky, sea and a white balustrade."""
    base = np.asarray(wall)
    _gradient(image, base * rng.uniform(0.80, 0.95), np.array([0.97, 0.95, 0.90]))
    draw = ImageDraw.Draw(image)
    width = image.size[0]
    line = far - rng.uniform(0.10, 0.24) * width
    for y in np.arange(line, far, 2.0):
        draw.rectangle((0, y, width, y + 2), fill=to_bytes(np.array([0.16, 0.48, 0.66]) * rng.uniform(0.9, 1.15)))
    for x in np.arange(rng.uniform(-0.1, 0) * width, width, 0.09 * width):
        draw.rectangle((x, far - 0.12 * width, x + 0.035 * width, far), fill=(246, 242, 232))
    draw.rectangle((0, far - 0.15 * width, width, far - 0.12 * width), fill=(250, 247, 240))
    for side in (0.0, 1.0):
        if rng.random() < 0.6:
            _palm(rng, draw, (side + rng.normal(0, 0.05)) * width, width)


def _palm(rng: np.random.Generator, draw: ImageDraw.ImageDraw, x: float, width: int) -> None:
    """The crown of a palm tree that leans into the picture: fronds that rise, then droop."""
    top, t = rng.uniform(0.08, 0.30) * width, np.linspace(0, 1, 9)
    for angle in np.linspace(-3.0, -0.1, 8) + rng.normal(0, 0.1, 8):
        reach = rng.uniform(0.22, 0.36) * width
        px = x + reach * np.cos(angle) * t
        py = top + reach * (0.8 * np.sin(angle) * t + 0.75 * t**2)
        half = 0.035 * width * np.sin(np.pi * np.clip(t + 0.1, 0, 1)) + 0.6
        leaf = np.concatenate([np.column_stack([px, py - 0.3 * half]), np.column_stack([px, py + half])[::-1]])
        draw.polygon(leaf.ravel().tolist(), fill=to_bytes(np.array([0.24, 0.44, 0.26]) * rng.uniform(0.7, 1.2)))


def blocks(rng: np.random.Generator, image: Image.Image, wall: Rgb, light: Rgb, far: float) -> None:
    """Slabs of concrete with light in the gaps."""
    base = np.asarray(wall)
    _gradient(image, base * 1.05, base * 0.85)
    draw = ImageDraw.Draw(image)
    width = image.size[0]
    x = -0.1 * width
    while x < width:
        wide, high = rng.uniform(0.12, 0.34) * width, rng.uniform(0.3, 1.5) * width
        draw.rectangle((x, far - high, x + wide, far), fill=to_bytes(base * rng.uniform(0.66, 1.12)))
        x += wide + rng.uniform(0.0, 0.06) * width


def discs(rng: np.random.Generator, image: Image.Image, wall: Rgb, light: Rgb, far: float) -> None:
    """A coloured wall with large discs."""
    base, glow = np.asarray(wall), np.asarray(light)
    _gradient(image, base * 0.85, base * 1.15)
    draw = ImageDraw.Draw(image)
    width = image.size[0]
    for _ in range(int(rng.integers(2, 5))):
        x, y, size = rng.uniform(0, width), far - rng.uniform(0.2, 1.3) * width, rng.uniform(0.12, 0.40) * width
        share = rng.uniform(0.15, 0.75)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=to_bytes(base * (1 - share) + glow * share))


def cyclorama(rng: np.random.Generator, image: Image.Image, wall: Rgb, light: Rgb, far: float) -> None:
    """A studio's seamless paper in one of several soft colours."""
    papers = [
        (0.90, 0.89, 0.88),
        (0.86, 0.82, 0.78),
        (0.80, 0.84, 0.88),
        (0.90, 0.82, 0.80),
        (0.82, 0.86, 0.80),
        (0.97, 0.97, 0.97),
    ]
    paper = np.asarray(papers[int(rng.integers(len(papers)))])
    _gradient(image, paper * rng.uniform(0.92, 1.03), paper * rng.uniform(0.88, 1.0))


def street(rng: np.random.Generator, image: Image.Image, wall: Rgb, light: Rgb, far: float) -> None:
    """House fronts with windows, and blurred lights."""
    base = np.asarray(wall)
    _gradient(image, np.array([0.85, 0.89, 0.94]), base)
    draw = ImageDraw.Draw(image)
    width = image.size[0]
    x = -0.1 * width
    while x < width:
        wide = rng.uniform(0.22, 0.45) * width
        tone = base * rng.uniform(0.6, 1.25) * rng.uniform(0.85, 1.15, 3)
        draw.rectangle((x, far - rng.uniform(0.9, 2.0) * width, x + wide, far), fill=to_bytes(tone))
        for wx in np.arange(x + 0.04 * width, x + wide - 0.06 * width, 0.11 * width):
            for wy in np.arange(far - 1.4 * width, far - 0.15 * width, 0.24 * width):
                pane = np.array([0.98, 0.88, 0.62]) if rng.random() < 0.3 else tone * 0.5
                draw.rectangle((wx, wy, wx + 0.06 * width, wy + 0.13 * width), fill=to_bytes(pane))
        x += wide
    for _ in range(int(rng.integers(3, 9))):
        cx, cy, size = rng.uniform(0, width), far - rng.uniform(-0.1, 0.5) * width, rng.uniform(0.01, 0.035) * width
        draw.ellipse((cx - size, cy - size, cx + size, cy + size), fill=to_bytes((1.0, rng.uniform(0.6, 0.95), 0.5)))


BACKDROPS: dict[str, Callable[[np.random.Generator, Image.Image, Rgb, Rgb, float], None]] = {
    "arches": arches,
    "curtain": curtain,
    "panels": panels,
    "beams": beams,
    "hedge": hedge,
    "sea": sea,
    "blocks": blocks,
    "discs": discs,
    "cyclorama": cyclorama,
    "street": street,
}
