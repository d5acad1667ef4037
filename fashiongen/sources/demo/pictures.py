"""Whole pictures: a scene with one or several figures, in a framing."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from fashiongen.sources.demo.accessories import Accessories, paint_bag
from fashiongen.sources.demo.body import Stance
from fashiongen.sources.demo.brands import Brand, rgb
from fashiongen.sources.demo.canvas import Canvas
from fashiongen.sources.demo.casting import cast_look
from fashiongen.sources.demo.cuts import Garment
from fashiongen.sources.demo.figure import Look, paint_look
from fashiongen.sources.demo.scene import VENUES, Venue, grade, ground_shadow, paint_scene, reflect, rim
from fashiongen.sources.demo.wardrobe import BY_TYPE, design_garment, plain_garment
from fashiongen.sources.planting import Box

Framing = Literal["full", "three_quarter", "upper", "lower", "head", "feet"]
Size = tuple[int, int]

FRAMINGS: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {  # figure heights at the picture's edges
    "full": ((-0.13, -0.03), (1.03, 1.13)),
    "three_quarter": ((-0.08, -0.02), (0.80, 0.92)),
    "upper": ((-0.05, 0.00), (0.50, 0.58)),
    "lower": ((0.24, 0.29), (1.02, 1.08)),
    "head": ((-0.07, -0.03), (0.20, 0.27)),
    "feet": ((0.76, 0.80), (1.015, 1.04)),
}
NEUTRALS = tuple(rgb(code) for code in ("1c1c20", "f0eeea", "8c8a88", "2c3448"))


@dataclass(frozen=True)
class Drawing:
    """A finished picture, with the tight box and the mask of its labelled garment where it has one."""

    image: Image.Image
    box: Box | None
    garment: Image.Image | None = None  # coverage of its visible pixels; only tests and benchmarks look at it


def choose_stance(rng: np.random.Generator) -> Stance:
    """A random stance, mostly walking."""
    stances: tuple[Stance, ...] = ("walk", "walk", "walk", "contrapposto", "stand")
    return stances[int(rng.integers(len(stances)))]


def paint_portrait(rng: np.random.Generator, look: Look, venue: Venue, size: Size, framing: Framing) -> Drawing:
    """One figure in a venue."""
    (top_low, top_high), (bottom_low, bottom_high) = FRAMINGS[framing]
    top, bottom = rng.uniform(top_low, top_high), rng.uniform(bottom_low, bottom_high)
    scale = size[1] / (bottom - top)
    x = size[0] * (0.5 + rng.uniform(-0.07, 0.07))
    scene = paint_scene(rng, venue, size, horizon_px=(0.40 - top) * scale)
    canvas = Canvas(scene, scale_px=scale, origin_px=(x, -top * scale), light=float(rng.choice([-0.6, 0.6])))
    ground_shadow(canvas, look.pose.axis_x[-1], strength=0.55)
    paint_look(canvas, look)
    rim(canvas, venue)
    reflect(canvas, venue.reflection)
    return Drawing(grade(rng, canvas.image, venue), garment_box(canvas), canvas.garment)


def garment_box(canvas: Canvas) -> Box | None:
    """The tight box around the visible pixels of the labelled garment."""
    return canvas.garment.point([0] * 128 + [255] * 128).getbbox()


def dress_full(rng: np.random.Generator, brand: Brand, garment: Garment) -> Look:
    """A model in one full garment."""
    return cast_look(rng, brand, (garment,), labelled=0, stance=choose_stance(rng))


def dress_separates(rng: np.random.Generator, brand: Brand, garment: Garment) -> Look:
    """A model in an upper or lower garment, with a plain other one in a neutral colour."""
    upper = garment.cut.type == "upper"
    other = plain_garment(rng, "trousers" if upper else "tank", NEUTRALS)
    under = (plain_garment(rng, "tank", NEUTRALS[:2]),) if garment.cut.front == "open" else ()
    garments = (other, *under, garment)
    return cast_look(rng, brand, garments, labelled=len(garments) - 1, stance=choose_stance(rng))


def paint_group(rng: np.random.Generator, brand: Brand, venue: Venue, size: Size) -> Drawing:
    """Backstage: three or four models close together, seen to the hips."""
    count = int(rng.integers(3, 5))
    scale = size[1] / rng.uniform(0.58, 0.70)
    image = paint_scene(rng, venue, size, horizon_px=0.3 * scale)
    places = size[0] * (np.arange(count) + 0.5 + rng.normal(0, 0.08, count)) / count
    for x in rng.permutation(places):
        garment = design_garment(rng, brand, str(rng.choice(sorted(BY_TYPE["upper"]))))
        top = 0.10 * size[1] * rng.uniform(0.6, 1.8)
        canvas = Canvas(image, scale_px=scale * rng.uniform(0.92, 1.04), origin_px=(float(x), top))
        paint_look(canvas, dress_separates(rng, brand, garment))
        image = canvas.image
    return Drawing(grade(rng, image, venue), None)


def paint_accessory(rng: np.random.Generator, brand: Brand, venue: Venue, size: Size) -> Drawing:
    """A bag by itself, or a face with sunglasses or a hat."""
    tone = brand.accents[int(rng.integers(len(brand.accents)))]
    if rng.random() < 0.6:
        image = paint_scene(rng, venue, size, horizon_px=-0.2 * size[1])
        scale = size[0] / rng.uniform(0.12, 0.19)
        corner = (size[0] * rng.uniform(0.42, 0.58), size[1] * rng.uniform(0.46, 0.60) - 0.055 * scale)
        canvas = Canvas(image, scale_px=scale, origin_px=corner)
        canvas.stain((0.0, 0.105), (0.055, 0.008), (0.03, 0.02, 0.03), 0.6)
        paint_bag(canvas, tone, (0.0, 0.0))
        return Drawing(grade(rng, canvas.image, venue), None)
    hat = rng.random() < 0.5
    worn = Accessories(None, None if hat else (0.2, 0.18, 0.2), (0.86, 0.72, 0.42), None, tone if hat else None)
    look = dress_separates(rng, brand, design_garment(rng, brand, str(rng.choice(sorted(BY_TYPE["upper"])))))
    picture = paint_portrait(rng, _replace_accessories(look, worn), venue, size, "head")
    return Drawing(picture.image, None)


def _replace_accessories(look: Look, worn: Accessories) -> Look:
    return Look(**{**vars(look), "accessories": worn})


def paint_pin(rng: np.random.Generator, brand: Brand, venue_name: str, size: Size, kind: str) -> Drawing:
    """What a pin of a kind shows; only a full-length figure has a box."""
    venue = VENUES[venue_name]
    if kind == "full":
        name = brand.silhouettes[int(rng.integers(len(brand.silhouettes)))]
        return paint_portrait(rng, dress_full(rng, brand, design_garment(rng, brand, name)), venue, size, "full")
    if kind == "group":
        return paint_group(rng, brand, venue, size)
    if kind == "accessory":
        return paint_accessory(rng, brand, VENUES["studio"] if rng.random() < 0.5 else venue, size)
    if kind == "empty":
        scene = paint_scene(rng, venue, size, horizon_px=rng.uniform(0.30, 0.60) * size[1])
        return Drawing(grade(rng, scene, venue), None)
    framing: dict[str, Framing] = {"head": "head", "shoes": "feet", "upper": "upper", "lower": "lower"}
    names = (
        sorted(BY_TYPE["lower"])
        if kind == "lower"
        else ["leggings", "capris", "shorts"]
        if kind == "shoes"
        else sorted(BY_TYPE["upper"])
    )
    look = dress_separates(rng, brand, design_garment(rng, brand, str(rng.choice(names))))
    return Drawing(paint_portrait(rng, look, venue, size, framing[kind]).image, None)
