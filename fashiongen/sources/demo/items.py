"""The items of the labelled set: one garment each, photographed in a few shots, in a folder named after it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fashiongen.config import Params
from fashiongen.sources.categories import TYPE_NUMBERS, GarmentType
from fashiongen.sources.demo.brands import BRANDS, Brand
from fashiongen.sources.demo.categories import DRAWN_CATEGORIES, Category
from fashiongen.sources.demo.cuts import Garment
from fashiongen.sources.demo.pictures import Drawing, Framing, dress_full, dress_separates, paint_portrait
from fashiongen.sources.demo.scene import VENUES
from fashiongen.sources.demo.wardrobe import design_garment
from fashiongen.sources.encoding import encode
from fashiongen.sources.planting import Box

PATTERN_WORDS = {
    "plain": ("Classic", "Satin", "Crepe", "Draped", "Essential", "Tailored", "Minimalist", "Relaxed"),
    "ribs": ("Ribbed", "Knit", "Cable-Knit"),
    "stripes": ("Striped", "Breton_Striped"),
    "pinstripes": ("Pinstriped", "Chalk-Striped"),
    "gingham": ("Gingham", "Checked"),
    "tartan": ("Tartan", "Plaid"),
    "windowpane": ("Windowpane", "Grid_Print"),
    "dots": ("Polka_Dot", "Dotted"),
    "gradient": ("Ombre", "Dip-Dyed"),
    "floral": ("Floral", "Garden_Floral", "Rose_Print"),
    "ditsy": ("Ditsy_Floral", "Wildflower"),
    "leaves": ("Leaf_Print", "Botanical"),
    "brush": ("Abstract_Print", "Painterly"),
    "spots": ("Leopard_Print", "Animal_Print"),
    "sequins": ("Sequined", "Embellished"),
}
STYLE_WORDS = (
    "Belted", "Boxy", "Breezy", "Contemporary", "Everyday", "Favorite", "Flowy", "Heritage", "Longline", "Luxe",
    "Modern", "Paneled", "Parisian", "Pleated", "Refined", "Riviera", "Soft", "Structured", "Sunday",
    "Vintage-Inspired",
)  # fmt: skip


class LabelledParams(Params):
    """The labelled images."""

    images: int
    long_side_px: int
    type_fracs: tuple[float, float, float]  # upper, lower, full
    shots_per_item: tuple[int, int]  # least and most
    runway_frac: float  # of the shots; the others are taken in a studio or in the street
    jpeg_quality: int


@dataclass(frozen=True)
class Item:
    """One garment and how often it is shown."""

    name: str  # of its folder
    category: str
    brand: Brand
    garment: Garment
    shots: int
    seed: tuple[int, ...]


@dataclass(frozen=True)
class Shot:
    """One labelled image."""

    path: str  # as the annotation files write it: img/<item>/img_00000001.jpg
    category: str
    content: bytes  # of the JPEG
    size: tuple[int, int]  # width, height
    box: Box


def plan_items(params: LabelledParams, seed: int) -> list[Item]:
    """Items until there are as many shots as asked for, sorted by name."""
    rng = np.random.default_rng([seed, 1])
    types = _deal_types(params)
    names: set[str] = set()
    items: list[Item] = []
    while types:
        low, high = params.shots_per_item
        shots = min(int(rng.integers(low, high + 1)), types[-1][1])
        kind = types[-1][0]
        types[-1] = (kind, types[-1][1] - shots)
        items.append(_design_item(rng, kind, shots, names, (seed, 2, len(items))))
        types = [left for left in types if left[1]]
    return sorted(items, key=lambda item: item.name)


def _deal_types(params: LabelledParams) -> list[tuple[GarmentType, int]]:
    """(type, images) for each of the three types."""
    counts = [round(params.images * frac) for frac in params.type_fracs]
    counts[2] = params.images - counts[0] - counts[1]
    return [(kind, count) for kind, count in zip(TYPE_NUMBERS, counts, strict=True) if count]


def _design_item(
    rng: np.random.Generator, kind: GarmentType, shots: int, names: set[str], seed: tuple[int, ...]
) -> Item:
    category = _choose_category(rng, kind)
    brand = BRANDS[int(rng.integers(len(BRANDS)))]
    garment = design_garment(rng, brand, category.silhouettes[int(rng.integers(len(category.silhouettes)))])
    name = _name_item(rng, category, garment, names)
    names.add(name)
    return Item(name, category.name, brand, garment, shots, seed)


def _choose_category(rng: np.random.Generator, kind: GarmentType) -> Category:
    """A random category, by the square roots of the benchmark's counts, so that rare ones occur too."""
    drawn = [category for category in DRAWN_CATEGORIES if category.type == kind]
    weights = np.sqrt([category.images for category in drawn])
    return drawn[int(rng.choice(len(drawn), p=weights / weights.sum()))]


def _name_item(rng: np.random.Generator, category: Category, garment: Garment, taken: set[str]) -> str:
    words = PATTERN_WORDS[garment.fabric.pattern]
    name = f"{words[int(rng.integers(len(words)))]}_{category.name}"
    while name in taken:
        name = f"{STYLE_WORDS[int(rng.integers(len(STYLE_WORDS)))]}_{name}"
    return name


def draw_item(item: Item, params: LabelledParams) -> list[Shot]:
    """The shots of an item."""
    return list(_shots(item, params))


def _shots(item: Item, params: LabelledParams) -> Iterator[Shot]:
    for number in range(1, item.shots + 1):
        picture = _take(item, params, np.random.default_rng([*item.seed, number]))
        content = encode(picture.image, "jpg", params.jpeg_quality)
        path = f"img/{item.name}/img_{number:08d}.jpg"
        box = picture.box or (0, 0, *picture.image.size)
        yield Shot(path, item.category, content, picture.image.size, box)


def _take(item: Item, params: LabelledParams, rng: np.random.Generator) -> Drawing:
    long = params.long_side_px
    size = (round(long * rng.choice([0.62, 0.66, 0.70, 0.75])), long)
    runways = [venue for venue in VENUES.values() if venue.audience]
    places = runways if rng.random() < params.runway_frac else [VENUES["studio"], VENUES["street"]]
    venue = places[int(rng.integers(len(places)))]
    framing: Framing = item.garment.cut.type
    if framing == "full":
        framing = "full" if rng.random() < 0.75 else "three_quarter"
        return paint_portrait(rng, dress_full(rng, item.brand, item.garment), venue, size, framing)
    return paint_portrait(rng, dress_separates(rng, item.brand, item.garment), venue, size, framing)
