"""Garments whose masks are known, of photographs and of drawings: `fit_masks.py` fits to some, `cutouts.py` to none.

Each third photograph is held back for `cutouts.py`.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Bool, UInt8
from numpy import ndarray
from PIL import Image

from fashiongen import config
from fashiongen.sources.categories import CATEGORY_TYPES
from fashiongen.sources.demo.originals import OriginalPlan
from fashiongen.sources.demo.pages import plan_originals
from fashiongen.sources.demo.params import DemoParams
from fashiongen.sources.demo.pictures import paint_pin
from fashiongen.sources.encoding import encode
from fashiongen.sources.street.ccp import find_mapped, read_label_map, read_photograph, read_tags
from fashiongen.sources.street.garments import Garment, find_largest_garment, find_largest_label

DEMO_PARAMS = Path("data/demo/params.yaml")
HELD_BACK, MIN_PART_FRAC = 3, 0.02

BBox = tuple[float, float, float, float]  # x, y, width, height


class Example(NamedTuple):
    """An image, the box of a garment, and its true masks."""

    image: UInt8[ndarray, "height width 3"]
    bbox: BBox
    garment: Bool[ndarray, "height width"]
    person: Bool[ndarray, "height width"] | None  # with all that is worn and carried; a drawing has none
    garment_type: str  # full, upper or lower


def read_examples(folder: Path, *, held_back: bool, min_area_frac: float) -> Iterator[Example]:
    """The garments of Clothing Co-Parsing with at least this share of the area of their photograph's largest.

    Those of a photograph are in the order of their areas.
    """
    tags = read_tags(folder)
    for photograph in find_mapped(folder):
        if (int(photograph.name) % HELD_BACK == 0) == held_back:
            image = read_photograph(photograph.image)
            labels = read_label_map(photograph.annotation, image.size, len(tags))
            yield from _list_garments(np.asarray(image), labels, tags, min_area_frac)


def _list_garments(
    image: ndarray, labels: UInt8[ndarray, "height width"], tags: tuple[str, ...], min_area_frac: float
) -> Iterator[Example]:
    person = labels != tags.index("null")
    for garment, garment_type, mask in list_garments(labels, tags, min_area_frac):
        yield Example(image, as_bbox(garment.box_xyxy), mask, person, garment_type)


def list_garments(
    labels: UInt8[ndarray, "height width"], tags: tuple[str, ...], min_area_frac: float
) -> Iterator[tuple[Garment, str, Bool[ndarray, "height width"]]]:
    """The garments of a label map from the largest on, each with its type and its pixels."""
    left, largest_px = labels.copy(), 0
    while garment := find_largest_garment(left, tags, MIN_PART_FRAC):
        largest_px = largest_px or garment.area_px
        if garment.area_px < min_area_frac * largest_px:
            return
        mask = left == find_largest_label(left, tags)
        yield garment, CATEGORY_TYPES[garment.category], mask
        left[mask] = tags.index("null")


def draw_examples(count: int, *, seed: int | None = None, kinds: Sequence[str] = ("full",)) -> Iterator[Example]:
    """Looks as the demo draws them, evenly chosen, encoded as they were uploaded; without a seed the demo's own."""
    params = config.parse(DemoParams, config.section(config.read_yaml(DEMO_PARAMS), "demo"), "demo", DEMO_PARAMS)
    plans = plan_originals(params.boards, params.seed if seed is None else seed)
    plans = [plan for plan in plans if plan.kind in kinds]
    for plan in (plans[number * len(plans) // count] for number in range(count)):
        if example := _draw(plan):
            yield example


def _draw(plan: OriginalPlan) -> Example | None:
    drawn = paint_pin(np.random.default_rng([*plan.seed, 0]), plan.brand, plan.venue, plan.size, plan.kind)
    if drawn.box is None or drawn.garment is None:
        return None
    with Image.open(io.BytesIO(encode(drawn.image, plan.ext, plan.quality))) as encoded:
        image = np.asarray(encoded.convert("RGB"))
    return Example(image, as_bbox(drawn.box), np.asarray(drawn.garment) >= 128, None, plan.kind)


def as_bbox(box: Sequence[int]) -> BBox:
    """A box (left, top, right, bottom) as (x, y, width, height)."""
    left, top, right, bottom = box
    return float(left), float(top), float(right - left), float(bottom - top)


def move_box(bbox: BBox, deviation_frac: float, rng: np.random.Generator) -> BBox:
    """A box whose edges are moved at random as a detector's are: the deviation is a share of its sides."""
    x, y, width, height = bbox
    left, top, right, bottom = rng.normal(0, deviation_frac, 4) * (width, height, width, height)
    return x + left, y + top, width + right - left, height + bottom - top


def reduce(example: Example, long_side_px: int) -> Example:
    """The example at a smaller size, for memory and speed."""
    scale = min(1.0, long_side_px / max(example.image.shape))

    def resize(pixels: ndarray) -> ndarray:
        return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))

    x, y, width, height = (side * scale for side in example.bbox)
    masks = [None if mask is None else resize(mask.astype(np.uint8) * 255) >= 128 for mask in example[2:4]]
    return Example(resize(example.image), (x, y, width, height), masks[0], masks[1], example.garment_type)
