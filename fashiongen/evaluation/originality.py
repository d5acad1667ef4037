"""Does a generator copy? Distances of generated images to training images, compared with those among training images.

Two images are compared in two ways. One is the Euclidean distance of their feature vectors, scaled to unit length. Only
the direction of the feature vector counts, not its norm, which differs between extractors and falls with blur. This
distance orders pairs as the cosine does, and it is a metric, so ratios of distances are meaningful. The other is the
number of bits in which their 64-bit perceptual hashes differ. It needs no network and ignores colour and contrast. A
mirrored copy is a copy too, so each training image is compared upright and mirrored, and the smaller distance counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64, UInt8, UInt64
from numpy import ndarray
from PIL import Image
from torch import Tensor
from torch.nn.functional import normalize

from fashiongen.errors import TooFewImages
from fashiongen.evaluation.metrics.params import OriginalityParams
from fashiongen.images.hashing import perceptual_hash

ROWS_AT_ONCE = 512  # of a matrix of distances: the whole one of 10,000 training images would take 800 MB


@dataclass(frozen=True)
class ImageDescriptors:
    """The features and hashes that images are compared by, one row for each image."""

    features: Float[Tensor, "n dim"]  # of unit length
    hashes: UInt64[ndarray, " n"]

    def __len__(self) -> int:
        return len(self.hashes)

    def __getitem__(self, row: int) -> "ImageDescriptors":
        return ImageDescriptors(self.features[row : row + 1], self.hashes[row : row + 1])


@dataclass(frozen=True)
class TrainingDescriptors:
    """Training images as they are and mirrored."""

    upright: ImageDescriptors
    mirrored: ImageDescriptors

    def __len__(self) -> int:
        return len(self.upright)


@dataclass(frozen=True)
class Nearest:
    """The nearest training images of each query, nearest first."""

    positions: Int64[ndarray, "n k"]
    distances: Float[ndarray, "n k"]


@dataclass(frozen=True)
class Originality:
    """How near generated images come to training images, and how near these are to each other."""

    by_features: Nearest
    by_hash: Nearest  # k = 1; distances in bits, 0 to 64
    real_by_features: Nearest  # of each training image among the others, k = 1
    real_by_hash: Nearest
    params: OriginalityParams

    @property
    def threshold(self) -> float:
        """The distance of features below which an image counts as a near-copy."""
        return float(np.quantile(self.real_by_features.distances, self.params.copy_quantile))

    @property
    def near_copies(self) -> Bool[ndarray, " n"]:
        """Which generated images are near-copies of a training image, by features or by hash."""
        near: Bool[ndarray, " n"] = self.are_near(self.by_features) | self.are_alike(self.by_hash)
        return near

    def are_near(self, by_features: Nearest) -> Bool[ndarray, " n"]:
        """Which images are near-copies by features; of the training images, a share of `copy_quantile` is."""
        return by_features.distances[:, 0] < self.threshold

    def are_alike(self, by_hash: Nearest) -> Bool[ndarray, " n"]:
        """Which images are near-copies by hash; if all training images have the same outline, all of them are."""
        return by_hash.distances[:, 0] <= self.params.copy_hash_distance

    @property
    def ratios(self) -> Float[ndarray, " n"]:
        """Each generated image's distance to the nearest training image, divided by the median between these.

        About 1 for new images of the same kind, about 0 for copies, and above 1 for images unlike any training image.
        """
        ratios: Float[ndarray, " n"] = self.by_features.distances[:, 0] / np.median(self.real_by_features.distances)
        return ratios


def describe_images(images: UInt8[Tensor, "n 3 height width"], features: Float[Tensor, "n dim"]) -> ImageDescriptors:
    """The descriptors of RGB images, whose features the caller has extracted."""
    hashes = [perceptual_hash(to_luminance(image), side_bits=8) for image in images]
    return ImageDescriptors(normalize(features), np.array(hashes, dtype=np.uint64))


def join_descriptors(parts: Sequence[ImageDescriptors]) -> ImageDescriptors:
    """The descriptors of several sets of images as those of one."""
    return ImageDescriptors(
        torch.cat([part.features for part in parts]), np.concatenate([part.hashes for part in parts])
    )


def to_luminance(image: UInt8[Tensor, "3 height width"]) -> Image.Image:
    """The gray image that a perceptual hash is taken of."""
    return Image.fromarray(image.permute(1, 2, 0).numpy()).convert("L")


def measure_originality(
    generated: ImageDescriptors, training: TrainingDescriptors, params: OriginalityParams, *, k: int
) -> Originality:
    """The `k` nearest training images of each generated image, and the nearest other one of each training image.

    Raises:
        TooFewImages: there are fewer than `k` training images, or fewer than two.
    """
    needed = max(k, 2)
    if len(training) < needed:
        raise TooFewImages(f"{len(training)} training images, {needed} needed to look for copies of them")
    upright = training.upright
    return Originality(
        by_features=_search(len(generated), _feature_distances(generated, training), k=k),
        by_hash=_search(len(generated), _hash_distances(generated, training), k=1),
        real_by_features=_search(len(training), _to_others(_feature_distances(upright, training)), k=1),
        real_by_hash=_search(len(training), _to_others(_hash_distances(upright, training)), k=1),
        params=params,
    )


Rows = Callable[[slice], Float[ndarray, "rows m"]]  # some rows of the matrix of distances, queries x training images


def _search(queries: int, distances: Rows, *, k: int) -> Nearest:
    positions, found = [], []
    for start in range(0, queries, ROWS_AT_ONCE):
        part = distances(slice(start, min(start + ROWS_AT_ONCE, queries)))
        order = np.argsort(part, axis=1, kind="stable")[:, :k]
        positions.append(order.astype(np.int64))
        found.append(np.take_along_axis(part, order, axis=1))
    return Nearest(np.concatenate(positions), np.concatenate(found))


def _feature_distances(queries: ImageDescriptors, training: TrainingDescriptors) -> Rows:
    def measure(rows: slice) -> Float[ndarray, "rows m"]:
        part = queries.features[rows]
        upright, mirrored = (torch.cdist(part, side.features) for side in (training.upright, training.mirrored))
        return torch.minimum(upright, mirrored).numpy()

    return measure


def _hash_distances(queries: ImageDescriptors, training: TrainingDescriptors) -> Rows:
    def measure(rows: slice) -> Float[ndarray, "rows m"]:
        part = queries.hashes[rows, None]
        sides = (np.bitwise_count(part ^ side.hashes) for side in (training.upright, training.mirrored))
        nearer: Float[ndarray, "rows m"] = np.minimum(*sides).astype(float)
        return nearer

    return measure


def _to_others(distances: Rows) -> Rows:
    """The same distances without those of an image to itself."""

    def measure(rows: slice) -> Float[ndarray, "rows m"]:
        part = distances(rows)
        part[np.arange(len(part)), np.arange(rows.start, rows.stop)] = np.inf
        return part

    return measure
