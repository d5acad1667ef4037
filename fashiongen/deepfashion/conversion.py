"""The benchmark's items as labelled images of COCO, mended where their rows are known to be bad."""

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
from fashiongen.images.decode import read_image

MIN_SIDE_PX = 1  # a box this narrow or less holds nothing

Fate = Literal["converted", "degenerate", "missing", "corrupt"]


class MendedBox(NamedTuple):
    """A box in COCO's order inside its image, and what was done to it; None where too little of it is left."""

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
    """Each item's conversion in the order given; every image is decoded to its end, by one thread per core.

    `image_folder` is relative to `root`, as are the file names that come out.
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
    mended = mend_box(item.box_xyxy, size_px)
    if mended.bbox is None:
        return Conversion(item, "degenerate", mended.swapped, mended.clipped, image=None)
    image = LabelledImage(item.image_id, file_name, *size_px, item.category.type_id, mended.bbox)
    return Conversion(item, "converted", mended.swapped, mended.clipped, image)


def mend_box(box_xyxy: BoxXyxy, size_px: tuple[int, int]) -> MendedBox:
    """A row's box with its corners in order and clipped to an image of (width, height).

    Whether the corners count from 0 or 1, and whether the last is inside, is documented nowhere: w = x2 - x1 is taken.
    """
    given = np.array(box_xyxy, dtype=np.float64)
    ordered = order_corners(given)
    inside = clip_boxes(ordered, np.array(size_px, dtype=np.float64))
    x, y, w, h = xyxy_to_xywh(inside).tolist()
    return MendedBox(
        bbox=(x, y, w, h) if min(w, h) > MIN_SIDE_PX else None,
        swapped=not np.array_equal(given, ordered),
        clipped=not np.array_equal(ordered, inside),
    )
