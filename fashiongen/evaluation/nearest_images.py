"""Generated images beside their nearest training images: the counts for the metrics, the pairs for the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor
from torchvision.transforms.functional import to_pil_image

from fashiongen.errors import BadInput
from fashiongen.evaluation.measurements import six_digits
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.originality import (
    ImageDescriptors,
    Originality,
    TrainingDescriptors,
    describe_images,
    join_descriptors,
)
from fashiongen.evaluation.records import Copies, MatchRecord, OriginalityRecord
from fashiongen.files import read_csv, read_json
from fashiongen.images.manifest import TrainingImage
from fashiongen.images.pack import Fit, Frame, pack_images
from fashiongen.images.select import Source

MATCHES = 12


@dataclass(frozen=True)
class NearestImages:
    """One variant's distances and nearest matches, and the pictures that these name."""

    record: OriginalityRecord
    pictures: Mapping[str, Image.Image]  # by the file names in the record's matches


def read_training_set(report: Path, sources: Mapping[Source, Path]) -> tuple[Source, list[Path]]:
    """The source of the images that a variant trained on, and their files, by its report folder.

    `sources` has the folder of images of each source.

    Raises:
        MissingInput: training_set.csv or counts.json is not there.
        BadInput: the variant names a source that is none of these.
    """
    source = read_json(report / "counts.json")["source"]
    if source not in sources:
        known = ", ".join(sources)
        raise BadInput(f"{report / 'counts.json'}: source {source!r} is none of {known}; train the variant again")
    return source, [sources[source] / row.file for row in read_csv(report / "training_set.csv", TrainingImage)]


@dataclass
class TrainingImages:
    """The training images at the size of their generators. Variants share images: each is described once."""

    extractor: Extractor
    fit: Fit
    _known: dict[tuple[Path, Frame], tuple[ImageDescriptors, ImageDescriptors]] = field(
        default_factory=dict, init=False
    )

    def pack(self, paths: Sequence[Path], *, frame: Frame) -> UInt8[Tensor, "n 3 height width"]:
        """Image files at a generator's size."""
        return torch.from_numpy(pack_images(paths, frame=frame, fit=self.fit))

    def describe(self, paths: Sequence[Path], *, frame: Frame) -> TrainingDescriptors:
        """The descriptors of image files at such a size, upright and mirrored."""
        new = [path for path in paths if (path, frame) not in self._known]
        if new:
            images = self.pack(new, frame=frame)
            upright, mirrored = (
                describe_images(side, self.extractor.extract(side)) for side in (images, images.flip(-1))
            )
            for row, path in enumerate(new):
                self._known[path, frame] = upright[row], mirrored[row]
        sides = zip(*(self._known[path, frame] for path in paths), strict=True)
        return TrainingDescriptors(*map(join_descriptors, sides))


def count_copies(found: Originality) -> Copies:
    """The counts that stand in the metrics."""
    return Copies(
        near_copies=int(found.near_copies.sum()),
        near_copies_by_features=int(found.are_near(found.by_features).sum()),
        near_copies_by_hash=int(found.are_alike(found.by_hash).sum()),
        training_near_copies_by_features=int(found.are_near(found.real_by_features).sum()),
        training_near_copies_by_hash=int(found.are_alike(found.real_by_hash).sum()),
        nearest_ratio=six_digits(np.median(found.ratios)),
        closest_ratio=six_digits(found.ratios.min()),
    )


def gather_nearest(
    found: Originality, generated: UInt8[Tensor, "n 3 height width"], paths: Sequence[Path], training: TrainingImages
) -> NearestImages:
    """What the report shows of a variant; `paths` are its training images in the order in which they were compared."""
    distances = found.by_features.distances[:, 0]
    order = np.lexsort((distances, ~found.near_copies))[:MATCHES].tolist()
    matches = [_record_match(found, row, place) for place, row in enumerate(order)]
    pictures: dict[str, Image.Image] = {}
    for match, row in zip(matches, order, strict=True):
        positions = [*found.by_features.positions[row].tolist(), int(found.by_hash.positions[row, 0])]
        packed = training.pack([paths[position] for position in positions], frame=Frame(*generated.shape[-2:]))
        names = (match.generated, *match.nearest, match.nearest_by_hash)
        pictures |= {name: to_pil_image(image) for name, image in zip(names, (generated[row], *packed), strict=True)}
    record = OriginalityRecord(
        threshold=found.threshold,
        generated_distances=distances.tolist(),
        training_distances=found.real_by_features.distances[:, 0].tolist(),
        matches=matches,
    )
    return NearestImages(record, pictures)


def _record_match(found: Originality, row: int, place: int) -> MatchRecord:
    """The record of one generated image; its pictures are named after its place in the list of matches."""
    start = f"matches/{place + 1:02}"
    return MatchRecord(
        generated=f"{start}_generated.png",
        nearest=[f"{start}_nearest_{rank + 1}.png" for rank in range(found.by_features.positions.shape[1])],
        distance=float(found.by_features.distances[row, 0]),
        nearest_by_hash=f"{start}_nearest_by_hash.png",
        hash_distance=int(found.by_hash.distances[row, 0]),
        is_near_copy=bool(found.near_copies[row]),
    )
