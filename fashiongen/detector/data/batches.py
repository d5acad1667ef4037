"""Batches of scaled images. A batch depends on its number alone: workers and resumed runs make the same ones."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8
from torch import Tensor
from torch.utils.data import Dataset

from fashiongen.detector.data.augmentation import Sample, augment
from fashiongen.detector.data.pixels import ScaledImage, read_scaled, rescale
from fashiongen.detector.data.targets import ImageFile, Target
from fashiongen.detector.params import InferParams, ModelParams, TrainParams
from fashiongen.runtime.workers import map_in_processes

Batches = TypeVar("Batches")
ReadImage = Callable[[ImageFile, int], ScaledImage]  # an image, the requested short side


class Batch(NamedTuple):
    """Images of one forward pass, padded to a common size, with their targets in scaled pixels."""

    images: UInt8[Tensor, "batch 3 height width"]
    sizes: list[tuple[int, int]]  # (height, width) of each image without its padding
    scales_xy: list[tuple[float, float]]  # scaled pixels per pixel of the file, before a crop
    targets: list[dict[str, Tensor]]  # torchvision's: boxes (Float32[boxes, 4], xyxy) and labels (Int64[boxes])
    seeds: list[int]  # for the random samples in each image's losses


def collate(
    images: Sequence[ScaledImage], targets: list[dict[str, Tensor]], seeds: list[int], *, divisor_px: int
) -> Batch:
    """A batch of the images, each in the upper left corner of an area of the size of the largest.

    Both sides are padded to a multiple of `divisor_px`.
    """
    height, width = (math.ceil(max(image.size[axis] for image in images) / divisor_px) * divisor_px for axis in (0, 1))
    batch = torch.zeros(len(images), 3, height, width, dtype=torch.uint8)
    for row, image in zip(batch, images, strict=True):
        row[:, : image.size[0], : image.size[1]] = image.pixels
    return Batch(batch, [image.size for image in images], [image.scale_xy for image in images], targets, seeds)


def scale_target(target: Target, scale_xy: tuple[float, float]) -> dict[str, Tensor]:
    """A target in the scaled image's pixels."""
    boxes: Float32[Tensor, "boxes 4"] = torch.from_numpy(target.boxes_xyxy) * torch.tensor([*scale_xy, *scale_xy])
    labels: Int64[Tensor, " boxes"] = torch.from_numpy(target.labels)
    return {"boxes": boxes, "labels": labels}


@lru_cache(maxsize=2)
def _permutation(images: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(images)


def batch_indices(iteration: int, *, images: int, batch_size: int, seed: int) -> list[int]:
    """The indices of the images of a batch: the batches divide a sequence of epochs, each a seeded permutation."""
    places = range(iteration * batch_size, (iteration + 1) * batch_size)
    return [int(_permutation(images, seed, place // images)[place % images]) for place in places]


class Share(NamedTuple):
    """Which part of each batch one of several devices computes."""

    device: int
    devices: int


class TrainingBatches(Dataset[list[Batch]]):
    """One device's share of the training batches, by iteration, divided into parts for gradient accumulation.

    The seed of an image's augmentation is its place in the training, so that the number of devices changes nothing.
    """

    def __init__(
        self, targets: Sequence[Target], read_image: ReadImage, params: TrainParams, *, divisor_px: int, share: Share
    ) -> None:
        self.targets = targets
        self.read_image = read_image
        self.params = params
        self.divisor_px = divisor_px
        self.share = share

    def __getitem__(self, iteration: int) -> list[Batch]:
        parts = self.params.accumulate * self.share.devices
        firsts = range(self.share.device, parts, self.share.devices)
        return [self._part(iteration, slice(first, None, parts)) for first in firsts]

    def image_names(self, iteration: int) -> list[str]:
        """The file names of all images of a batch, those of other devices included."""
        return [self.targets[index].image.path.name for index in self._indices(iteration)]

    def _indices(self, iteration: int) -> list[int]:
        params = self.params
        return batch_indices(iteration, images=len(self.targets), batch_size=params.batch_size, seed=params.seed)

    def _part(self, iteration: int, chosen: slice) -> Batch:
        first = iteration * self.params.batch_size
        places = range(first, first + self.params.batch_size)
        pairs = zip(self._indices(iteration)[chosen], places[chosen], strict=True)
        samples, seeds = zip(*(self._sample(index, place) for index, place in pairs), strict=True)
        return collate(
            [image for image, _ in samples],
            [target for _, target in samples],
            list(seeds),
            divisor_px=self.divisor_px,
        )

    def _sample(self, index: int, place: int) -> tuple[Sample, int]:
        """The augmented image at a place of the training, and the seed for the random samples in its losses."""
        rng = np.random.default_rng([self.params.seed, 1, place])
        augmentation = self.params.augment
        target = self.targets[index]
        image = self.read_image(target.image, int(rng.choice(augmentation.short_sides_px)))
        return augment(image, scale_target(target, image.scale_xy), augmentation, rng), int(rng.integers(2**31))


class InferenceBatches(Dataset[list[Batch]]):
    """Consecutive images in batches, at each of the scales; an image is decoded once, for the largest."""

    def __init__(self, images: Sequence[ImageFile], model: ModelParams, infer: InferParams) -> None:
        self.images = images
        self.batch_size = infer.batch_size
        self.divisor_px = model.size_divisor_px
        self.sides_px = [
            (round(scale * model.short_side_px), round(scale * model.long_side_px)) for scale in infer.scales
        ]

    def __len__(self) -> int:
        return math.ceil(len(self.images) / self.batch_size)

    def __getitem__(self, number: int) -> list[Batch]:
        files = self.images[number * self.batch_size : (number + 1) * self.batch_size]
        short, long = max(self.sides_px)
        largest = [read_scaled(file.path, short_side_px=short, long_side_px=long) for file in files]
        return [self._batch(largest, *sides) for sides in self.sides_px]

    def _batch(self, images: Sequence[ScaledImage], short: int, long: int) -> Batch:
        scaled = [rescale(image, short_side_px=short, long_side_px=long) for image in images]
        return collate(scaled, [], [], divisor_px=self.divisor_px)


class FileReader:
    """Decodes an image from its file at each call."""

    def __init__(self, model: ModelParams) -> None:
        self.long_side_px = model.long_side_px

    def __call__(self, image: ImageFile, short_side_px: int) -> ScaledImage:
        return read_scaled(image.path, short_side_px=short_side_px, long_side_px=self.long_side_px)


class MemoryReader:
    """Holds all images in memory at the largest scale that is requested, `short_side_px`."""

    def __init__(self, images: Sequence[ImageFile], model: ModelParams, *, short_side_px: int) -> None:
        read = FileReader(model)
        self.long_side_px = model.long_side_px
        self.images = {image: read(image, short_side_px) for image in images}

    def __call__(self, image: ImageFile, short_side_px: int) -> ScaledImage:
        return rescale(self.images[image], short_side_px=short_side_px, long_side_px=self.long_side_px)


def iterate_batches(batches: Dataset[Batches], numbers: range, *, workers: int) -> Iterator[Batches]:
    """Yield the batches of these numbers in order, prepared by `workers` processes (0: by this process).

    Raises:
        CorruptImage: an image file does not decode.
        MissingInput: an image file is not there.
        WorkerLost: a worker died.
    """
    # One thread per worker: the workers already use the cores, and OpenMP's threads do not survive a fork.
    one_thread = partial(torch.set_num_threads, 1)
    return map_in_processes(batches.__getitem__, numbers, workers=workers, initialize=one_thread)
