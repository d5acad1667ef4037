"""The benchmark's items as labelled images of COCO, with the known faults of boxes corrected."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from fashiongen.coco.dataset import LabelledImage
from fashiongen.deepfashion.annotations import BoxXyxy
from fashiongen.deepfashion.boxes import clip_boxes, order_corners, xyxy_to_xywh
from fashiongen.deepfashion.items import Item
from fashiongen.errors import CorruptImage, MissingInput
from fashiongen.images.reading.decode import read_image

MIN_SIDE_PX = 1  # a box with a shorter or equal side is left out

Fate = Literal["converted", "degenerate", "missing", "corrupt"]


class CorrectedBox(NamedTuple):
    """A box in COCO's order inside its image, and how it was corrected; None where too little of it is left."""

    bbox: tuple[float, float, float, float] | None
    swapped: bool
    clipped: bool


class Conversion(NamedTuple):
    """What became of one item."""

    item: Item
    fate: Fate
    swapped: bool
    clipped: bool
    image: LabelledImage | None  # None unless converted


def convert_items(items: Sequence[Item], root: Path, image_folder: Path) -> Iterator[Conversion]:
    """Each item's conversion in the order given; every image is decoded completely, in one thread per core.

    `image_folder` and the file names of the results are relative to `root`.
    """

    def convert(item: Item) -> Conversion:
        file_name = (image_folder / item.image_name).as_posix()
        try:
            return _convert_item(item, file_name, read_image(root / file_name).size)
        except MissingInput:
            return Conversion(item, "missing", swapped=False, clipped=False, image=None)
        except CorruptImage:
            return Conversion(item, "corrupt", swapped=False, clipped=False, image=None)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield from threads.map(convert, items)


def _convert_item(item: Item, file_name: str, size_px: tuple[int, int]) -> Conversion:
    corrected = correct_box(item.box_xyxy, size_px)
    if corrected.bbox is None:
        return Conversion(item, "degenerate", corrected.swapped, corrected.clipped, image=None)
    image = LabelledImage(item.image_id, file_name, *size_px, item.category.type_id, corrected.bbox)
    return Conversion(item, "converted", corrected.swapped, corrected.clipped, image)


def correct_box(box_xyxy: BoxXyxy, size_px: tuple[int, int]) -> CorrectedBox:
    """A row's box with its corners in order and clipped to an image of `size_px` (width, height).

    The benchmark does not say whether corners count from 0 or 1, nor whether the last pixel is inside: here the width
    is x2 - x1.
    """
    given = np.array(box_xyxy, dtype=np.float64)
    ordered = order_corners(given)
    inside = clip_boxes(ordered, np.array(size_px, dtype=np.float64))
    x, y, w, h = xyxy_to_xywh(inside).tolist()
    return CorrectedBox(
        bbox=(x, y, w, h) if min(w, h) > MIN_SIDE_PX else None,
        swapped=not np.array_equal(given, ordered),
        clipped=not np.array_equal(ordered, inside),
    )
