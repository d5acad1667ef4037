"""The images that a variant trains on, and the files that list them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from jaxtyping import UInt8
from torch import Tensor

from fashiongen.dcgan.params import DcganParams
from fashiongen.files import write_csv, write_json
from fashiongen.images.manifest import CropRecord, ImageRecord, TrainingImage
from fashiongen.images.pack import pack_images
from fashiongen.images.select import select


def pack_training_set(
    params: DcganParams,
    *,
    images: Sequence[ImageRecord],
    crops: Sequence[CropRecord],
    sources: Mapping[str, Path],
    report: Path,
) -> UInt8[Tensor, "n 3 side side"]:
    """The images of the variant's query as one array; training_set.csv and counts.json in `report` list and count them.

    Raises:
        TooFewImages, MissingInput, CorruptImage: as `select` and `pack_images`.
    """
    rows = select(params.query, images=images, crops=crops)
    listed = (TrainingImage(file=row.file, sha256=row.sha256) for row in rows)
    write_csv(report / "training_set.csv", TrainingImage, listed)
    batches = len(rows) // params.batch_size
    counts = {"training_images": len(rows), "images_per_epoch": batches * params.batch_size}
    steps = {"steps": batches * params.epochs}
    write_json(report / "counts.json", {"source": params.query.source, **counts, **steps})
    paths = [sources[params.query.source] / row.file for row in rows]
    return torch.from_numpy(pack_images(paths, side_px=params.side_px, fit=params.fit))
