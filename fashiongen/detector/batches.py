"""Batches of scaled images, each a function of its number alone: workers, and a resumed run, make the same ones."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from fashiongen.detector.params import ModelParams, TrainParams
from fashiongen.detector.pixels import ScaledImage, read_scaled
from fashiongen.detector.targets import ImageFile, Target
from fashiongen.errors import FashiongenError

STRIDE_PX = 16  # padded sides are multiples of it: the pyramid takes any size, and a wider margin only costs time
MEAN_RGB = (124, 116, 104)  # ImageNet's mean colour: padding in it is 0 after normalisation

ReadImage = Callable[[int], ScaledImage]


class Batch(NamedTuple):
    """Images of one forward pass, padded to a common size, and their truth in scaled pixels."""

    images: UInt8[Tensor, "batch 3 height width"]
    sizes: list[tuple[int, int]]  # (height, width) of each image without its padding
    scales_xy: list[tuple[float, float]]  # scaled pixels per pixel of the file
    targets: list[
        dict[str, Tensor]
    ]  # boxes (Float32[boxes, 4], xyxy) and labels (Int64[boxes]), as torchvision names them


def collate(images: Sequence[ScaledImage], targets: list[dict[str, Tensor]]) -> Batch:
    """Copy each image once, into the corner of a batch that is as large as the largest of them."""
    height, width = (math.ceil(max(image.size[axis] for image in images) / STRIDE_PX) * STRIDE_PX for axis in range(2))
    batch = torch.tensor(MEAN_RGB, dtype=torch.uint8)[None, :, None, None].repeat(len(images), 1, height, width)
    for row, image in zip(batch, images, strict=True):
        row[:, : image.size[0], : image.size[1]] = image.pixels
    return Batch(batch, [image.size for image in images], [image.scale_xy for image in images], targets)


def scale_target(target: Target, scale_xy: tuple[float, float]) -> dict[str, Tensor]:
    """A target in the scaled image's pixels."""
    boxes: Float32[Tensor, "boxes 4"] = torch.from_numpy(target.boxes_xyxy) * torch.tensor([*scale_xy, *scale_xy])
    labels: Int64[Tensor, " boxes"] = torch.from_numpy(target.labels)
    return {"boxes": boxes, "labels": labels}


def flip_horizontally(image: ScaledImage, target: dict[str, Tensor]) -> tuple[ScaledImage, dict[str, Tensor]]:
    """The mirror image and its boxes."""
    left, top, right, bottom = target["boxes"].unbind(1)
    width = image.size[1]
    boxes = torch.stack([width - right, top, width - left, bottom], dim=1)
    return image._replace(pixels=image.pixels.flip(-1)), {**target, "boxes": boxes}


@lru_cache(maxsize=2)
def _permutation(images: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(images)


def batch_indices(iteration: int, *, images: int, batch_size: int, seed: int) -> list[int]:
    """Which images form a batch: epochs are seeded permutations, laid end to end."""
    places = range(iteration * batch_size, (iteration + 1) * batch_size)
    return [int(_permutation(images, seed, place // images)[place % images]) for place in places]


class TrainingBatches(Dataset[Batch]):
    """The batches of a training, by iteration."""

    def __init__(self, targets: Sequence[Target], read_image: ReadImage, params: TrainParams) -> None:
        self.targets = targets
        self.read_image = read_image
        self.params = params

    def __getitem__(self, iteration: int) -> Batch:
        params = self.params
        chosen = batch_indices(iteration, images=len(self.targets), batch_size=params.batch_size, seed=params.seed)
        flips = np.random.default_rng([params.seed, 1, iteration]).random(len(chosen)) < params.hflip_prob
        samples = [self._sample(index, bool(flip)) for index, flip in zip(chosen, flips, strict=True)]
        return collate([image for image, _ in samples], [target for _, target in samples])

    def _sample(self, index: int, flip: bool) -> tuple[ScaledImage, dict[str, Tensor]]:
        image = self.read_image(index)
        target = scale_target(self.targets[index], image.scale_xy)
        return flip_horizontally(image, target) if flip else (image, target)


class InferenceBatches(Dataset[Batch]):
    """Consecutive images, so many at a time."""

    def __init__(self, images: int, read_image: ReadImage, batch_size: int) -> None:
        self.images = images
        self.read_image = read_image
        self.batch_size = batch_size

    def __len__(self) -> int:
        return math.ceil(self.images / self.batch_size)

    def __getitem__(self, number: int) -> Batch:
        indices = range(number * self.batch_size, min(self.images, (number + 1) * self.batch_size))
        return collate([self.read_image(index) for index in indices], [])


class FileReader:
    """Decodes the image of an index from its file, each time it is asked."""

    def __init__(self, images: Sequence[ImageFile], model: ModelParams) -> None:
        self.images = images
        self.sides = {"short_side_px": model.short_side_px, "long_side_px": model.long_side_px}

    def __call__(self, index: int) -> ScaledImage:
        return read_scaled(self.images[index].path, **self.sides)


class MemoryReader:
    """Holds every image at the detector's scale."""

    def __init__(self, images: Sequence[ImageFile], model: ModelParams) -> None:
        read = FileReader(images, model)
        self.images = [read(index) for index in range(len(images))]

    def __call__(self, index: int) -> ScaledImage:
        return self.images[index]


def iterate_batches(batches: Dataset[Batch], numbers: range, *, workers: int) -> Iterator[Batch]:
    """Yield the batches of these numbers in order, made ahead by so many worker processes (0: in this one).

    Raises:
        CorruptImage: an image file does not decode.
        MissingInput: it is not there.
    """
    own_generator = torch.Generator()  # or the loader would draw its workers' seed from the training's
    loader = DataLoader(
        batches, batch_size=None, sampler=numbers, num_workers=workers, collate_fn=_as_it_is, generator=own_generator
    )
    try:
        yield from loader
    except FashiongenError as error:  # a worker's error arrives with its traceback as text, its own line last
        last = str(error).strip().splitlines()[-1]
        raise type(error)(last.removeprefix(f"{type(error).__module__}.{type(error).__qualname__}: ")) from None


def _as_it_is(batch: Any) -> Any:
    return batch
