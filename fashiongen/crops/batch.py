"""The crops of many images."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from fashiongen.coco.detection import Detection
from fashiongen.crops.choose import choose
from fashiongen.crops.cut import Crop, cut_crop
from fashiongen.crops.params import CropParams
from fashiongen.executor.engine import MapItems
from fashiongen.files import remove_unfinished, write_bytes
from fashiongen.images.manifest import CropRecord, ImageRecord
from fashiongen.images.shards import AddFile, find_shard, open_shard

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

    Below `target`, images/ gets the crops, masks/ the garments' masks and cutouts/ the garments under them. The crops
    of the images of a shard are in shards of the same name, which one worker writes.

    Raises:
        MissingInput, BadInput, CorruptImage: as `read_image`.
        WorkerLost: as `map_items`.
    """
    places: dict[str, Any] = {"source": source, "target": target, "params": params}
    by_shard: dict[str | None, list[ChosenGarment]] = {}
    for garment in garments:
        by_shard.setdefault(find_shard(garment.image.file), []).append(garment)
    yield from map_items(partial(_write_crop, **places), by_shard.pop(None, []), per_block=PER_BLOCK)
    for records in map_items(partial(_write_shards, **places), list(by_shard.items())):
        yield from records
    remove_unfinished(target)  # what a killed worker was writing; another one has written it


def _write_crop(garment: ChosenGarment, *, source: Path, target: Path, params: CropParams) -> CropRecord:
    crop = cut_crop(garment.image, source, garment.detection, params)
    for folder, content in _list_files(crop):
        write_bytes(target / folder / crop.record.file, content)
    return crop.record


def _write_shards(
    job: tuple[str, Sequence[ChosenGarment]], *, source: Path, target: Path, params: CropParams
) -> list[CropRecord]:
    """The crops of the images of one shard; a folder gets none if it has no file to hold."""
    shard, garments = job
    records: list[CropRecord] = []
    adding: dict[str, AddFile] = {}
    with ExitStack() as opened:
        for garment in garments:
            crop = cut_crop(garment.image, source, garment.detection, params)
            for folder, content in _list_files(crop):
                if folder not in adding:
                    adding[folder] = opened.enter_context(open_shard(target / folder / shard))
                adding[folder](Path(crop.record.file).name, content)
            records.append(crop.record)
    return records


def _list_files(crop: Crop) -> Iterator[tuple[str, bytes]]:
    """The files of a crop, each with its folder."""
    for folder, content in (("images", crop.png), ("masks", crop.mask_png), ("cutouts", crop.cutout_png)):
        if content is not None:
            yield folder, content
