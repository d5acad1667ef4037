"""The images that a variant trains on, and the files that list them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import UInt8
from torch import Tensor

from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.training.report import write_real_grid
from fashiongen.executor.engine import MapItems, map_locally
from fashiongen.files import write_csv, write_json
from fashiongen.images.manifest import CropRecord, ImageRecord, TrainingImage
from fashiongen.images.pack import pack_images
from fashiongen.images.select import Source, select


class PackedSet(NamedTuple):
    """Training images and the rows that list them, in the same order."""

    images: UInt8[Tensor, "n 3 height width"]
    rows: Sequence[ImageRecord] | Sequence[CropRecord]


def pack_training_set(
    params: DcganParams,
    *,
    images: Sequence[ImageRecord],
    crops: Sequence[CropRecord],
    sources: Mapping[Source, Path],
    map_items: MapItems = map_locally,
) -> PackedSet:
    """The images of the variant's query as one array.

    Raises:
        TooFewImages, MissingInput, CorruptImage, WorkerLost: as `select` and `pack_images`.
    """
    rows = select(params.query, images=images, crops=crops)
    paths = [sources[params.query.source] / row.file for row in rows]
    packed = pack_images(paths, frame=params.frame, fit=params.fit, map_items=map_items)
    return PackedSet(torch.from_numpy(packed), rows)


def write_training_set(folder: Path, packed: PackedSet, params: DcganParams) -> None:
    """Write training_set.csv, which lists the images, counts.json, which counts them, and a grid of them, real.png."""
    listed = (TrainingImage(file=row.file, sha256=row.sha256) for row in packed.rows)
    write_csv(folder / "training_set.csv", TrainingImage, listed)
    batches = len(packed.rows) // params.batch_size
    counts = {"training_images": len(packed.rows), "images_per_epoch": batches * params.batch_size}
    steps = {"steps": batches * params.epochs}
    write_json(folder / "counts.json", {"source": params.query.source, **counts, **steps})
    write_real_grid(folder / "real.png", packed.images, params)
