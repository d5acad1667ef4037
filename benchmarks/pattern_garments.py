"""Drawn garments of each kind of pattern, made a little like photographs; `fit_patterns.py` fits to them.

Half of the fabrics are the demo's brands', in a random season of theirs; the others have random colours, repeats,
angles and motifs that no brand has. What photographs have and drawings lack is added to all kinds alike, so that it
tells nothing of the kind: folds, creases, seams, coarse yarns, the light's edge, noise, blur, and a mask that is too
wide or too narrow.
"""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float32, UInt8
from numpy import ndarray
from PIL import Image

from fashiongen.sources.demo import wardrobe
from fashiongen.sources.demo.brands import BRANDS
from fashiongen.sources.demo.fabrics import PATTERNS, Fabric, colour_cloth, tile_print
from fashiongen.sources.demo.pictures import dress_full, dress_separates, paint_portrait
from fashiongen.sources.demo.prints import PRINTS, ditsy, floral, leaves
from fashiongen.sources.demo.scene import VENUES
from fashiongen.sources.demo.seasons import SEASONS, shift_brand
from fashiongen.trends.records import PatternKind

Pixels = UInt8[ndarray, "height width 3"]
Mask = UInt8[ndarray, "height width"]
Planes = Float32[ndarray, "height width 3"]

FABRICS: dict[PatternKind, tuple[str, ...]] = {  # names of PATTERNS; one that is listed twice is drawn twice as often
    "plain": ("plain", "plain", "plain", "ribs", "gradient"),
    "stripes": ("stripes", "pinstripes", "bands"),
    "checks": ("gingham", "tartan", "windowpane"),
    "dots": ("dots", "polka"),
    "floral": ("floral", "ditsy", "ditsy", "leaves", "meadow"),
    "other": ("brush", "brush", "spots", "sequins", "sequins"),
}
ORDER: tuple[PatternKind, ...] = ("plain", "stripes", "checks", "dots", "plain", "floral", "other", "floral")
REPEATS: dict[str, tuple[float, float]] = {  # least and most, figure units
    **{"ribs": (0.006, 0.014), "stripes": (0.02, 0.12), "pinstripes": (0.016, 0.05), "bands": (0.05, 0.20)},
    **{"gingham": (0.024, 0.07), "tartan": (0.05, 0.14), "windowpane": (0.04, 0.10)},
    **{"dots": (0.024, 0.07), "polka": (0.02, 0.08), "spots": (0.08, 0.22)},
    **{"floral": (0.08, 0.28), "ditsy": (0.10, 0.24), "leaves": (0.10, 0.28), "meadow": (0.10, 0.30)},
    **{"brush": (0.12, 0.34), "sequins": (0.06, 0.13)},
}
COLOURS = {"plain": 1, "ribs": 1, "gradient": 3, "tartan": 4, "bands": 4, "spots": 3}  # others: two, prints 3 to 5
SIZES_PX = ((400, 600), (450, 675), (480, 720), (480, 640), (500, 700))  # width and height
SWATCH_SHARE = 0.12


class FitGarment(NamedTuple):
    """A cut-out whose kind of pattern is known."""

    kind: PatternKind
    rgba: UInt8[ndarray, "height width 4"]


def draw_garment(seed: int, number: int) -> FitGarment:
    """A cut-out; the kinds take turns by number."""
    rng = np.random.default_rng([seed, number])
    kind = ORDER[number % len(ORDER)]
    fabric = choose_fabric(rng, str(rng.choice(FABRICS[kind])))
    rgb, mask = degrade(rng, *(cut_swatch if rng.random() < SWATCH_SHARE else dress)(rng, fabric))
    rows, columns = np.flatnonzero(mask.max(axis=1) >= 128), np.flatnonzero(mask.max(axis=0) >= 128)
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return FitGarment(kind, np.dstack([rgb, mask])[box])


def choose_fabric(rng: np.random.Generator, pattern: str) -> Fabric:
    """A fabric of that pattern, of a brand or of random colours."""
    brands = [shift_brand(brand, str(rng.choice(SEASONS))) for brand in BRANDS]
    brand = brands[int(rng.integers(len(brands)))]
    low, high = np.log(REPEATS.get(pattern, (1.0, 1.0)))
    repeat, angle = float(np.exp(rng.uniform(low, high))), 0.0
    if pattern in FABRICS["stripes"]:
        angle = float(rng.choice([0, 0, np.pi / 2, np.pi / 4, rng.uniform(0, np.pi)]))
    elif pattern in (*FABRICS["checks"], *FABRICS["dots"]):
        angle = float(rng.choice([0, 0, 0, np.pi / 4, rng.uniform(0, np.pi / 2)]))
    is_of_brand = rng.random() < 0.5
    if is_of_brand and pattern in ("plain", "ribs"):
        return replace(
            wardrobe.plain_fabric(rng, brand.palette, gloss=brand.gloss), pattern=pattern, repeat=min(repeat, 0.014)
        )
    prints = [(brand, one) for brand in brands for one in dict.fromkeys(brand.prints) if one.pattern == pattern]
    if is_of_brand and prints:
        brand, chosen = prints[int(rng.integers(len(prints)))]
        gloss = brand.gloss * (0.8 if pattern in ("sequins", "gradient") else 0.3)
        repeat = chosen.repeat * float(np.exp(rng.uniform(-0.3, 0.3)))
        colours = wardrobe._recolour(rng, brand, chosen)
        return Fabric(pattern, colours, repeat, angle, gloss, 0.02, int(rng.integers(9)))
    count = COLOURS.get(pattern, int(rng.integers(3, 6)) if pattern in PRINTS else 2)
    colours = choose_colours(rng, count)
    if pattern == "sequins":
        colours = tuple(tuple(min(1.0, factor * channel) for channel in colours[0]) for factor in (1, 1.2, 0.8))
    gloss, grain = float(rng.choice([0, 0.1, 0.3, 0.8])), float(rng.choice([0, 0.02, 0.03, 0.07]))
    return Fabric(pattern, colours, repeat, angle, gloss, grain, int(rng.integers(1000)))


def choose_colours(rng: np.random.Generator, count: int) -> tuple[tuple[float, float, float], ...]:
    """Random colours, the first of which each other one differs from by a tenth of the range at least."""
    while True:
        grey, tint = rng.uniform(0.05, 0.98, (count, 1)), rng.uniform(-1, 1, (count, 3))
        colours = np.clip(grey + tint * rng.uniform(0, 0.5, (count, 1)), 0.03, 0.99)
        if (np.abs(colours[1:] - colours[0]).mean(axis=1) > 0.1).all():
            return tuple((float(red), float(green), float(blue)) for red, green, blue in colours)


def dress(rng: np.random.Generator, fabric: Fabric) -> tuple[Pixels, Mask]:
    """A figure in a garment of the fabric, and the garment's mask."""
    brand = BRANDS[int(rng.integers(len(BRANDS)))]
    kind = str(rng.choice(["full", "full", "full", "upper", "lower"]))
    name = str(rng.choice(sorted(wardrobe.BY_TYPE[kind])))
    garment = replace(wardrobe.design_garment(rng, brand, name), fabric=fabric)
    look = (dress_full if kind == "full" else dress_separates)(rng, brand, garment)
    venue, size = VENUES[str(rng.choice(sorted(VENUES)))], SIZES_PX[int(rng.integers(len(SIZES_PX)))]
    drawing = paint_portrait(rng, look, venue, size, str(rng.choice(["full", kind])))
    return np.asarray(drawing.image), np.asarray(drawing.garment)


def cut_swatch(rng: np.random.Generator, fabric: Fabric) -> tuple[Pixels, Mask]:
    """A rectangle of the fabric without folds."""
    height, width = int(rng.integers(120, 480)), int(rng.integers(80, 320))
    scale = rng.uniform(350, 750)
    v, u = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(scale)
    cloth = colour_cloth(fabric, u + np.float32(rng.uniform()), v + np.float32(0.2), 1 / scale)
    mask = cv2.copyMakeBorder(np.full((height, width), 255, np.uint8), 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=0)
    return np.pad((np.clip(cloth, 0, 1) * 255).astype(np.uint8), ((4, 4), (4, 4), (0, 0)), mode="edge"), mask


def degrade(rng: np.random.Generator, rgb: Pixels, mask: Mask) -> tuple[Pixels, Mask]:
    """The same, as a photograph might show it, encoded as JPEG."""
    planes = rgb.astype(np.float32)
    for share, change in CHANGES:
        if rng.random() < share:
            planes = change(rng, planes)
    if rng.random() < 0.3:
        size = tuple(max(48, round(side * rng.uniform(0.4, 0.9))) for side in mask.shape[::-1])
        planes, mask = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (planes, mask))
    if rng.random() < 0.25:
        mask = add_ground(rng, planes, mask)
    step = int(rng.integers(-2, 3))
    if step:
        mask = (cv2.erode if step < 0 else cv2.dilate)(mask, np.ones((3, 3), np.uint8), iterations=abs(step))
    encoded = io.BytesIO()
    Image.fromarray(np.clip(planes, 0, 255).astype(np.uint8)).save(encoded, "JPEG", quality=int(rng.integers(80, 95)))
    return np.asarray(Image.open(encoded).convert("RGB")), mask


def draw_field(rng: np.random.Generator, shape: tuple[int, int], short_px: float, long_px: float) -> ndarray:
    """Smooth noise with a deviation of 1, longer in one random direction, mostly downwards."""
    side = int(np.hypot(*shape)) + 8
    noise = cv2.GaussianBlur(rng.standard_normal((side, side), np.float32), (0, 0), sigmaX=short_px, sigmaY=long_px)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), rng.normal(0, 40), 1)
    noise = cv2.warpAffine(noise, turn, (side, side), borderMode=cv2.BORDER_REFLECT)
    top, left = (side - shape[0]) // 2, (side - shape[1]) // 2
    part = noise[top : top + shape[0], left : left + shape[1]]
    return part / part.std()


def add_folds(rng: np.random.Generator, planes: Planes) -> Planes:
    """Wide and narrow folds, and creases where the cloth turns."""
    light = np.ones(planes.shape[:2], np.float32)
    for _ in range(int(rng.integers(1, 4))):
        short = float(np.exp(rng.uniform(np.log(1.5), np.log(14))))
        field = draw_field(rng, light.shape, short, short * rng.uniform(1.2, 7))
        light += field * rng.uniform(0.01, 0.11)
        if rng.random() < 0.4:
            ends = np.clip(draw_field(rng, light.shape, 2 * short, 2 * short), 0, 1)
            light += rng.uniform(-0.35, 0.15) * ends * np.exp(-((field / 0.15) ** 2))
    return planes * np.clip(light, 0.25, 1.8)[..., None]


def add_yarn(rng: np.random.Generator, planes: Planes) -> Planes:
    """The roughness of a surface: denim, wool, fur."""
    size = rng.uniform(0.4, 2.6)
    field = draw_field(rng, planes.shape[:2], size, size * rng.choice([1, 1, 2, 4]))
    return planes * np.clip(1 + field * rng.uniform(0.01, 0.13), 0.2, 2)[..., None]


def add_seams(rng: np.random.Generator, planes: Planes) -> Planes:
    """Thin lines at random places: seams, edges of pockets, zips."""
    height, width = planes.shape[:2]
    lines = np.zeros((height, width), np.uint8)
    for _ in range(int(rng.integers(1, 7))):
        start, step = rng.uniform(0, 1, 2) * (width, height), rng.normal(0, 0.06, 2) * (width, height)
        bends = np.cumsum(step + rng.normal(0, 0.01, (8, 2)) * (width, height), axis=0)
        cv2.polylines(lines, [(start + bends).astype(np.int32)], False, 255, int(rng.integers(1, 4)))
    amount = cv2.GaussianBlur(lines, (0, 0), 0.8).astype(np.float32)[..., None] / 255
    return planes * (1 + amount * rng.uniform(-0.6, 0.4))


def add_shadow(rng: np.random.Generator, planes: Planes) -> Planes:
    """A shadow with a soft edge."""
    field = draw_field(rng, planes.shape[:2], rng.uniform(25, 70), rng.uniform(25, 120))
    return planes * (1 - rng.uniform(0.2, 0.6) / (1 + np.exp(-field * rng.uniform(3, 15))))[..., None]


def add_blur(rng: np.random.Generator, planes: Planes) -> Planes:
    return cv2.GaussianBlur(planes, (0, 0), rng.uniform(0.4, 1.2))


def add_noise(rng: np.random.Generator, planes: Planes) -> Planes:
    return planes + rng.standard_normal(planes.shape, np.float32) * np.float32(rng.uniform(1, 7))


def expose(rng: np.random.Generator, planes: Planes) -> Planes:
    """Too dark or too bright."""
    return planes * np.float32(rng.uniform(0.3, 1.5))


def add_ground(rng: np.random.Generator, planes: Planes, mask: Mask) -> Mask:
    """Parts of something else taken for the garment, painted at its edge; the mask with them."""
    edge = np.argwhere(cv2.morphologyEx((mask >= 128).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0)
    for y, x in edge[rng.integers(len(edge), size=int(rng.integers(1, 4)))]:
        radii = tuple(int(side) for side in 1 + rng.uniform(0.005, 0.05, 2) * max(mask.shape))
        where = np.zeros(mask.shape, np.uint8)
        cv2.ellipse(where, (int(x), int(y)), radii, rng.uniform(0, 180), 0, 360, 255, -1)
        planes[where > 0] = rng.uniform(20, 200) + rng.uniform(-40, 40, 3)
        mask = np.maximum(mask, where)
    return mask


CHANGES: tuple[tuple[float, Callable[[np.random.Generator, Planes], Planes]], ...] = (
    (0.6, add_folds),
    (0.35, add_yarn),
    (0.3, add_seams),
    (0.2, add_shadow),
    (0.3, expose),
    (0.3, add_blur),
    (0.4, add_noise),
)


def bands(fabric: Fabric, u: ndarray, v: ndarray, pixel: float) -> ndarray:
    """Stripes of several colours and widths."""
    rng = np.random.default_rng(fabric.seed)
    edges = np.sort(rng.uniform(0, 1, 2 * int(rng.integers(1, 4))))
    tones = np.array([fabric.colours[0], *(fabric.colours[1 + place % 3] for place in range(len(edges)))], np.float32)
    tones[2::2] = tones[0]
    return tones[np.searchsorted(edges, u / fabric.repeat % 1) % len(edges)]


def polka(fabric: Fabric, u: ndarray, v: ndarray, pixel: float) -> ndarray:
    """Dots, small or large, in rows that may be shifted."""
    rng = np.random.default_rng(fabric.seed)
    radius, shift = rng.uniform(0.12, 0.36), rng.choice([0, 0.5])
    row = np.floor(v / fabric.repeat)
    x, y = (u / fabric.repeat + shift * (row % 2)) % 1 - 0.5, v / fabric.repeat - row - 0.5
    inside = np.clip((radius - np.hypot(x, y)) * fabric.repeat / pixel + 0.5, 0, 1)[..., None]
    ground, dot = (np.array(colour, np.float32) for colour in fabric.colours[:2])
    return (ground + (dot - ground) * inside).astype(np.float32)


def meadow(rng: np.random.Generator, colours: tuple) -> list:
    """Flowers so dense that little of the ground is left."""
    return leaves(rng, colours) + ditsy(rng, colours) + (floral(rng, colours) if rng.random() < 0.5 else [])


PRINTS["meadow"] = meadow
PATTERNS |= {"bands": bands, "polka": polka, "meadow": tile_print}
