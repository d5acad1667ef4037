"""The labelled garment of a photograph: its largest, under DeepFashion's name for it."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Bool, UInt8
from numpy import ndarray
from PIL import Image
from scipy import ndimage

from fashiongen.errors import BadInput
from fashiongen.sources.street.ccp import Photograph, read_label_map, read_photograph

# Clothing Co-Parsing's tags under DeepFashion's categories, which settle the type. Its `suit` is the jacket of one:
# those regions end at the hip as a blazer's do (median height 0.37 of the photograph against 0.36; a dress's is 0.47).
CATEGORIES: Final[dict[str, str]] = {
    "blazer": "Blazer",
    "blouse": "Blouse",
    "cardigan": "Cardigan",
    "hoodie": "Hoodie",
    "jacket": "Jacket",
    "jumper": "Sweater",
    "shirt": "Button-Down",
    "suit": "Blazer",
    "sweater": "Sweater",
    "sweatshirt": "Sweater",
    "t-shirt": "Tee",
    "top": "Top",
    "vest": "Tank",
    "jeans": "Jeans",
    "leggings": "Leggings",
    "pants": "Chinos",
    "shorts": "Shorts",
    "skirt": "Skirt",
    "bodysuit": "Jumpsuit",
    "cape": "Cape",
    "coat": "Coat",
    "dress": "Dress",
    "romper": "Romper",
}


class Garment(NamedTuple):
    """The garment with the most visible pixels."""

    category: str
    box_xyxy: tuple[int, int, int, int]  # left, top, right, bottom; right and bottom are the first pixel outside
    area_px: int


class LabelledPhotograph(NamedTuple):
    """A photograph at its final size with its garment; None where it shows none that is listed."""

    name: str
    image: Image.Image
    garment: Garment | None


def label_photographs(
    photographs: Sequence[Photograph], tags: tuple[str, ...], *, long_side_px: int, min_part_frac: float
) -> Iterator[LabelledPhotograph]:
    """Each photograph resized to `long_side_px`, with the box of its largest garment scaled alike."""
    for name, path, annotation in photographs:
        image = read_photograph(path)
        labels = read_label_map(annotation, image.size, len(tags))
        garment = find_largest_garment(labels, tags, min_part_frac)
        scale = long_side_px / max(image.size)
        resized = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
        yield LabelledPhotograph(name, resized, garment and _scale(garment, image.size, resized.size))


def find_largest_garment(
    labels: UInt8[ndarray, "height width"], tags: tuple[str, ...], min_part_frac: float
) -> Garment | None:
    """The garment whose tag has the most pixels, with the tight box of its parts.

    A part (8-connected) smaller than `min_part_frac` of the largest counts for the area and not for the box, so
    that a stray pixel far away does not enlarge it.

    Raises:
        BadInput: `tags` lacks a key of CATEGORIES.
    """
    label = find_largest_label(labels, tags)
    mask = labels == label
    area_px = int(np.count_nonzero(mask))
    if area_px == 0:
        return None
    return Garment(CATEGORIES[tags[label]], _box_of_parts(mask, min_part_frac), area_px)


def find_largest_label(labels: UInt8[ndarray, "height width"], tags: tuple[str, ...]) -> int:
    """The label of the garment with the most pixels, which are none where the photograph shows no garment.

    Raises:
        BadInput: `tags` lacks a key of CATEGORIES.
    """
    if missing := sorted(set(CATEGORIES) - set(tags)):
        raise BadInput(f"label_list.mat: no label for {', '.join(missing)}; fetch the file again")
    areas = np.bincount(labels.ravel(), minlength=len(tags))
    return max((tags.index(tag) for tag in CATEGORIES), key=lambda label: int(areas[label]))


def _box_of_parts(mask: Bool[ndarray, "height width"], min_part_frac: float) -> tuple[int, int, int, int]:
    parts, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0  # the background
    kept = np.isin(parts, np.flatnonzero(sizes >= max(1, min_part_frac * sizes.max())))
    (rows,), (columns,) = np.nonzero(kept.any(axis=1)), np.nonzero(kept.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _scale(garment: Garment, before: tuple[int, int], after: tuple[int, int]) -> Garment:
    factors = [new / old for new, old in zip(after, before, strict=True)] * 2
    x1, y1, x2, y2 = (round(side * factor) for side, factor in zip(garment.box_xyxy, factors, strict=True))
    return garment._replace(box_xyxy=(x1, y1, x2, y2), area_px=round(garment.area_px * factors[0] * factors[1]))
