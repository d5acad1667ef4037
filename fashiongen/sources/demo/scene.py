"""The place around the figure: runways with light and audience, studios, streets."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from fashiongen.sources.demo.backdrops import BACKDROPS
from fashiongen.sources.demo.brands import Rgb, colours, rgb
from fashiongen.sources.demo.canvas import Canvas, to_bytes

COARSE = 3  # the background is drawn at a third of the size, because it is out of focus
Size = tuple[int, int]


COATS = colours("141416 1c1c22 222838 2a2422 17171a 3a3a40 6a5a4a b8aa98 e0dcd4 4a2a32 3a4436 8a7f76")


@dataclass(frozen=True)
class Venue:
    """A place with its backdrop, the colours of wall, floor and light, and how much the floor reflects."""

    backdrop: str  # a key of BACKDROPS
    wall: Rgb
    floor: Rgb
    light: Rgb
    reflection: float
    audience: bool


VENUES: dict[str, Venue] = {
    "palazzo": Venue("arches", rgb("c9a98a"), rgb("8a6a54"), rgb("ffe2b4"), 0.28, True),
    "curtain": Venue("curtain", rgb("5a1f34"), rgb("3a1a26"), rgb("ffd0c0"), 0.30, True),
    "white_box": Venue("panels", rgb("d9d8d6"), rgb("c4c3c2"), rgb("ffffff"), 0.22, True),
    "black_box": Venue("beams", rgb("17171c"), rgb("1e1e24"), rgb("cfd8ff"), 0.34, True),
    "garden": Venue("hedge", rgb("5f7a4a"), rgb("a89a80"), rgb("fff2cc"), 0.0, True),
    "seaside": Venue("sea", rgb("9fd0ea"), rgb("e2cfa8"), rgb("fff3d0"), 0.06, True),
    "concrete": Venue("blocks", rgb("a09c98"), rgb("86827e"), rgb("f4f2ff"), 0.12, True),
    "colour": Venue("discs", rgb("c4542f"), rgb("7a2f22"), rgb("ffc98a"), 0.26, True),
    "studio": Venue("cyclorama", rgb("dcd8d2"), rgb("cfcac4"), rgb("ffffff"), 0.0, False),
    "street": Venue("street", rgb("9a9088"), rgb("78736e"), rgb("fff6e4"), 0.0, False),
}


def paint_scene(rng: np.random.Generator, venue: Venue, size: Size, *, horizon_px: float) -> Image.Image:
    """The place without the figure, in the picture's size; the horizon is `horizon_px` below the top."""
    coarse = (max(size[0] // COARSE, 8), max(size[1] // COARSE, 8))
    horizon = float(np.clip(horizon_px / COARSE, -4 * coarse[1], 4 * coarse[1]))
    far = horizon + 0.085 * max(coarse)
    image = Image.new("RGB", coarse, to_bytes(venue.wall))
    BACKDROPS[venue.backdrop](rng, image, venue.wall, venue.light, max(far, 1.0))
    vanish = coarse[0] * (0.5 + rng.uniform(-0.16, 0.16))
    if venue.backdrop != "cyclorama":
        _paint_floor(rng, image, venue, far, vanish)
    if venue.audience:
        _paint_audience(rng, image, venue, far, vanish)
    image = image.filter(ImageFilter.GaussianBlur(coarse[0] * rng.uniform(0.009, 0.017)))
    _paint_spots(rng, image, venue)
    return image.resize(size, Image.Resampling.BICUBIC)


def _paint_floor(rng: np.random.Generator, image: Image.Image, venue: Venue, far: float, vanish: float) -> None:
    width, height = image.size
    top = int(np.clip(far, 0, height))
    if top >= height:
        return
    depth = np.linspace(0, 1, height - top)[:, None, None]
    across = (np.arange(width) - vanish)[None, :, None] / width
    tone = np.asarray(venue.floor) * (0.78 + 0.34 * depth)
    path = 1 / (1 + np.exp((np.abs(across) - (0.10 + 0.55 * depth)) * 40))
    lit = tone * (0.72 + 0.44 * path) + 0.10 * np.asarray(venue.light) * path * np.exp(-((across * 4) ** 2))
    planks = 1 + 0.025 * np.sin(across / (0.06 + depth) * 22)
    image.paste(Image.fromarray((np.clip(lit * planks, 0, 1) * 255).astype(np.uint8)), (0, top))


def _paint_audience(rng: np.random.Generator, image: Image.Image, venue: Venue, far: float, vanish: float) -> None:
    draw = ImageDraw.Draw(image)
    width = image.size[0]
    light = 0.40 + 0.45 * (sum(venue.wall) / 3)
    for near in np.linspace(0.10, 1.0, 9) ** 1.4:
        for side in (-1, 1):
            for row in (1, 0):
                x = vanish + side * width * (0.10 + 0.52 * near + 0.10 * row * (0.3 + near)) + rng.normal(0, 1.0)
                y = far + width * (0.10 * near - 0.055 * (0.25 + near)) - row * width * 0.05 * near
                _paint_guest(rng, draw, (x, y), size=width * (0.020 + 0.085 * near), light=light * (1 - 0.25 * row))


def _paint_guest(
    rng: np.random.Generator, draw: ImageDraw.ImageDraw, at: tuple[float, float], *, size: float, light: float
) -> None:
    """A seated guest: coat, knees, hair and face; most coats are black."""
    x, y = at
    coat = np.asarray(COATS[int(rng.integers(len(COATS)))]) * rng.uniform(0.7, 1.1)
    skin = np.asarray([0.95, 0.72, 0.60]) * rng.uniform(0.40, 1.0)
    hair = np.asarray([0.30, 0.21, 0.15]) * rng.uniform(0.2, 1.7)
    draw.rounded_rectangle(
        (x - 0.60 * size, y + 0.40 * size, x + 0.60 * size, y + 2.3 * size),
        radius=0.45 * size,
        fill=to_bytes(light * coat),
    )
    draw.rounded_rectangle(
        (x - 0.50 * size, y + 1.8 * size, x + 0.50 * size, y + 3.2 * size),
        radius=0.2 * size,
        fill=to_bytes(0.6 * light * coat),
    )
    draw.ellipse((x - 0.38 * size, y - 0.52 * size, x + 0.38 * size, y + 0.48 * size), fill=to_bytes(light * hair))
    draw.ellipse((x - 0.26 * size, y - 0.34 * size, x + 0.26 * size, y + 0.42 * size), fill=to_bytes(light * skin))


def _paint_spots(rng: np.random.Generator, image: Image.Image, venue: Venue) -> None:
    if not venue.audience:
        return
    width, height = image.size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    glow = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(2, 5))):
        cx, cy, radius = rng.uniform(0, width), rng.uniform(-0.05, 0.16) * height, rng.uniform(0.10, 0.28) * width
        glow += np.exp(-(((x - cx) ** 2 + (y - cy) ** 2) / radius**2)) * rng.uniform(0.2, 0.6)
    layer = np.clip(glow, 0, 1)[..., None] * np.asarray(venue.light, np.float32) * 255
    image.paste(ImageChops.screen(image, Image.fromarray(layer.astype(np.uint8))))


def ground_shadow(canvas: Canvas, x: float, *, strength: float) -> None:
    """Paint the shadow under a figure's feet; call it before the figure is painted."""
    canvas.stain((x, 0.992), (0.11, 0.012), (0.03, 0.02, 0.03), strength)
    canvas.stain((x, 0.990), (0.26, 0.022), (0.03, 0.02, 0.03), 0.45 * strength)


def rim(canvas: Canvas, venue: Venue) -> None:
    """Paint a thin edge of light around the figure, so that dark garments stand out from a dark wall."""
    strength = 0.55 - 0.45 * sum(venue.wall) / 3
    reach = min(max(1, round(0.004 * canvas.scale_px)), 3)
    for side, share in ((1, 1.0), (-1, 0.5)):
        towards = side if canvas.light > 0 else -side
        covered = ImageChops.offset(canvas.figure, -towards * reach, reach // 2)
        edge = ImageChops.subtract(canvas.figure, covered).filter(ImageFilter.BoxBlur(0.8))
        mask = edge.point([round(strength * share * level) for level in range(256)])
        canvas.image.paste(to_bytes(venue.light), (0, 0), mask)


def reflect(canvas: Canvas, strength: float) -> None:
    """Mirror the figure in the floor below its feet, fading out."""
    ground = round(float(canvas.to_px(np.array([[0.0, 0.995]]))[0, 1]))
    width, height = canvas.image.size
    depth = min(height - ground, ground, round(0.22 * canvas.scale_px))
    if strength <= 0 or depth < 4:
        return
    above = (0, ground - depth, width, ground)
    flipped = canvas.image.crop(above).transpose(Image.Transpose.FLIP_TOP_BOTTOM).filter(ImageFilter.BoxBlur(2))
    mask = canvas.figure.crop(above).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    free = ImageChops.invert(canvas.figure.crop((0, ground, width, ground + depth)))
    fade = Image.fromarray(
        (255 * strength * np.linspace(1, 0, depth) ** 1.3).astype(np.uint8)[:, None].repeat(width, 1)
    )
    canvas.image.paste(flipped, (0, ground), ImageChops.multiply(ImageChops.multiply(mask, free), fade))


def grade(rng: np.random.Generator, image: Image.Image, venue: Venue) -> Image.Image:
    """The finished picture: darker corners, the tint of the light, slightly more contrast."""
    width, height = image.size
    y = np.linspace(-1, 1, 24)[:, None]
    x = np.linspace(-1, 1, 18)[None]
    fall = 1.02 - rng.uniform(0.10, 0.24) * (0.55 * x**2 + 0.45 * y**2) ** 1.3
    tint = 0.88 + 0.12 * np.asarray(venue.light) / max(venue.light)
    layer = (np.clip(fall[..., None] * tint, 0, 1) * 255).astype(np.uint8)
    image = ImageChops.multiply(image, Image.fromarray(layer).resize((width, height), Image.Resampling.BILINEAR))
    return ImageEnhance.Contrast(image).enhance(float(rng.uniform(1.02, 1.10)))
