"""The crops of many images."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from fashiongen.coco.detection import Detection
from fashiongen.crops.choose import choose
from fashiongen.crops.cut import cut_crop
from fashiongen.crops.params import CropParams
from fashiongen.executor.engine import MapItems
from fashiongen.files import write_bytes
from fashiongen.images.manifest import CropRecord, ImageRecord

PER_BLOCK = 4  # crops that a worker cuts at a time


class ChosenGarment(NamedTuple):
    """The garment that is to be cut out of an image."""

    image: ImageRecord
    detection: Detection


def choose_garments(
    images: Sequence[ImageRecord], detections: Sequence[tuple[Detection, ...]], params: CropParams
) -> list[ChosenGarment]:
    """The garment of each image that has one to cut out, in the order of the images."""
    chosen = (choose(found, params) for found in detections)
    pairs = zip(images, chosen, strict=True)
    return [ChosenGarment(image, detection) for image, detection in pairs if detection is not None]


def write_crops(
    garments: Sequence[ChosenGarment], *, source: Path, target: Path, params: CropParams, map_items: MapItems
) -> Iterator[CropRecord]:
    """Cut the garments out of their images in `source`; yield a row for each, in their order.

    Below `target`, images/ gets the crops, masks/ the garments' masks and cutouts/ the garments under them.

    Raises:
        MissingInput, CorruptImage: as `read_image`.
        WorkerLost: as `map_items`.
    """
    return map_items(partial(_write_crop, source=source, target=target, params=params), garments, per_block=PER_BLOCK)


def _write_crop(garment: ChosenGarment, *, source: Path, target: Path, params: CropParams) -> CropRecord:
    crop = cut_crop(garment.image, source, garment.detection, params)
    for folder, content in (("images", crop.png), ("masks", crop.mask_png), ("cutouts", crop.cutout_png)):
        if content is not None:
            write_bytes(target / folder / crop.record.file, content)
    return crop.record
