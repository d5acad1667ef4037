"""The benchmark's items as labelled images of COCO, with the known faults of boxes corrected."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from fashiongen.coco.dataset import LabelledImage
from fashiongen.deepfashion.annotations import BoxXyxy
from fashiongen.deepfashion.box_scale import find_scales
from fashiongen.deepfashion.boxes import clip_boxes, order_corners, xyxy_to_xywh
from fashiongen.deepfashion.image_sizes import ImageSize, Lacking
from fashiongen.deepfashion.items import Item

MIN_SIDE_PX = 1  # a box with a shorter or equal side is left out

Fate = Literal["converted", "degenerate"] | Lacking


class CorrectedBox(NamedTuple):
    """A box in COCO's order inside its image, and how it was corrected; None where too little of it is left."""

    bbox: tuple[float, float, float, float] | None
    swapped: bool
    clipped: bool


class Conversion(NamedTuple):
    """What became of one item."""

    item: Item
    fate: Fate
    rescaled: bool
    swapped: bool
    clipped: bool
    image: LabelledImage | None  # None unless converted


def convert_items(
    items: Sequence[Item], sizes: Sequence[ImageSize | Lacking], image_folder: Path, *, check_boxes: bool
) -> Iterator[Conversion]:
    """Each item's conversion in the order given; `sizes` are those of the items' images.

    The images' names are relative to `image_folder`, and the file names of the results begin with it. With
    `check_boxes`, boxes of the benchmark's small images are scaled to larger ones.

    Raises:
        AnnotationError: as `find_scales`.
    """
    scales = _find_scales(items, sizes) if check_boxes else {}
    for place, (item, size) in enumerate(zip(items, sizes, strict=True)):
        if isinstance(size, str):
            yield Conversion(item, size, rescaled=False, swapped=False, clipped=False, image=None)
        else:
            yield _convert_item(item, (image_folder / item.image_name).as_posix(), size, scales.get(place, 1.0))


def _find_scales(items: Sequence[Item], sizes: Sequence[ImageSize | Lacking]) -> dict[int, float]:
    """The scale of each item's box, by its place; items without an image have none."""
    known = [(place, items[place].box_xyxy, size) for place, size in enumerate(sizes) if not isinstance(size, str)]
    if not known:
        return {}
    places, boxes, of_images = zip(*known, strict=True)
    scales = find_scales(np.array(boxes, dtype=np.float64), np.array(of_images, dtype=np.float64))
    return dict(zip(places, scales.tolist(), strict=True))


def _convert_item(item: Item, file_name: str, size_px: ImageSize, scale: float) -> Conversion:
    corrected = correct_box(item.box_xyxy, size_px, scale)
    kept = None
    if corrected.bbox is not None:
        kept = LabelledImage(item.image_id, file_name, *size_px, item.category.type_id, corrected.bbox)
    fate: Fate = "converted" if kept else "degenerate"
    return Conversion(item, fate, scale != 1, corrected.swapped, corrected.clipped, kept)


def correct_box(box_xyxy: BoxXyxy, size_px: ImageSize, scale: float = 1.0) -> CorrectedBox:
    """A row's box, scaled, with its corners in order and clipped to an image of `size_px` (width, height).

    The benchmark does not say whether corners count from 0 or 1, nor whether the last pixel is inside: here the width
    is x2 - x1.
    """
    given = scale * np.array(box_xyxy, dtype=np.float64)
    ordered = order_corners(given)
    inside = clip_boxes(ordered, np.array(size_px, dtype=np.float64))
    x, y, w, h = xyxy_to_xywh(inside).tolist()
    return CorrectedBox(
        bbox=(x, y, w, h) if min(w, h) > MIN_SIDE_PX else None,
        swapped=not np.array_equal(given, ordered),
        clipped=not np.array_equal(ordered, inside),
    )
