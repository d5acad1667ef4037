"""Generated images beside their nearest training images: the counts for the metrics, the pictures for the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from numpy import ndarray
from PIL import Image
from torch import Tensor
from torchvision.transforms.functional import to_pil_image

from fashiongen.errors import BadInput
from fashiongen.evaluation.measurements import Copies, six_digits
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.originality import Looks, Originality, TrainingLooks, join_looks, look_at
from fashiongen.files import read_csv, read_json
from fashiongen.images.manifest import TrainingImage
from fashiongen.images.pack import Fit, pack_images

NEAREST = 3  # training images shown beside a generated one
MATCHES = 12


@dataclass(frozen=True)
class Match:
    """A generated image beside the training images that it is nearest to."""

    generated: Image.Image
    nearest: Sequence[Image.Image]  # by features, nearest first
    distance: float  # to the first of these
    nearest_by_hash: Image.Image
    hash_distance: int  # bits of 64
    is_near_copy: bool


@dataclass(frozen=True)
class OriginalityEvidence:
    """One variant's distances, and its nearest matches."""

    distances: Float[ndarray, " n"]  # of each generated image to its nearest training image
    real_distances: Float[ndarray, " m"]  # of each training image to its nearest other one
    threshold: float  # nearer is a near-copy
    matches: Sequence[Match]  # near-copies first, then nearest first


def read_training_set(report: Path, sources: Mapping[str, Path]) -> list[Path]:
    """The files that a variant trained on, by its report folder; `sources` has the folder of images of each source.

    Raises:
        MissingInput: training_set.csv or counts.json is not there.
        BadInput: the variant names a source that is none of these.
    """
    source = read_json(report / "counts.json")["source"]
    if source not in sources:
        known = ", ".join(sources)
        raise BadInput(f"{report / 'counts.json'}: source {source!r} is none of {known}; train the variant again")
    return [sources[source] / row.file for row in read_csv(report / "training_set.csv", TrainingImage)]


@dataclass
class TrainingImages:
    """The squares that variants train on. Each is looked at once, though variants share them."""

    extractor: Extractor
    fit: Fit
    _known: dict[tuple[Path, int], tuple[Looks, Looks]] = field(default_factory=dict, init=False)

    def pack(self, paths: Sequence[Path], *, side_px: int) -> UInt8[Tensor, "n 3 side side"]:
        """Image files as squares of a generator's size."""
        return torch.from_numpy(pack_images(paths, side_px=side_px, fit=self.fit))

    def look_at(self, paths: Sequence[Path], *, side_px: int) -> TrainingLooks:
        """The looks of image files as such squares, upright and mirrored."""
        new = [path for path in paths if (path, side_px) not in self._known]
        if new:
            images = self.pack(new, side_px=side_px)
            upright, mirrored = (look_at(side, self.extractor.extract(side)) for side in (images, images.flip(-1)))
            for row, path in enumerate(new):
                self._known[path, side_px] = upright[row], mirrored[row]
        sides = zip(*(self._known[path, side_px] for path in paths), strict=True)
        return TrainingLooks(*map(join_looks, sides))


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


def gather_originality(
    found: Originality, generated: UInt8[Tensor, "n 3 side side"], paths: Sequence[Path], training: TrainingImages
) -> OriginalityEvidence:
    """What the report shows of a variant; `paths` are its training images in the order in which they were compared."""
    distances = found.by_features.distances[:, 0]
    order = np.lexsort((distances, ~found.near_copies))[:MATCHES]

    def read(positions: Sequence[int]) -> list[Image.Image]:
        squares = training.pack([paths[position] for position in positions], side_px=generated.shape[-1])
        return [to_pil_image(square) for square in squares]

    matches = [
        Match(
            generated=to_pil_image(generated[row]),
            nearest=read(found.by_features.positions[row].tolist()),
            distance=float(distances[row]),
            nearest_by_hash=read(found.by_hash.positions[row].tolist())[0],
            hash_distance=int(found.by_hash.distances[row, 0]),
            is_near_copy=bool(found.near_copies[row]),
        )
        for row in order.tolist()
    ]
    return OriginalityEvidence(distances, found.real_by_features.distances[:, 0], found.threshold, matches)
