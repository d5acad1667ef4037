"""The phases of a training from small images to large ones, and its images at the size of a phase."""

from itertools import accumulate, pairwise
from typing import NamedTuple

import torch
from jaxtyping import UInt8
from torch import Tensor
from torch.nn.functional import avg_pool2d

from fashiongen.dcgan.params import FADE_FRAC, TrainingParams

IMAGES_AT_ONCE = 1024  # in float32: ten thousand of 256 x 256 px would take 8 GB


class Phase(NamedTuple):
    """The epochs that train at one size; the last phase has the full size."""

    height_px: int
    first_epoch: int
    last_epoch: int

    def epochs_after(self, done: int) -> range:
        """The epochs of this phase that are left after `done` epochs of the training."""
        return range(max(self.first_epoch, done + 1), self.last_epoch + 1)

    def new_share(self, epochs: float) -> float:
        """The share of this phase's new layers after so many epochs of the training: 0 as it begins, 1 at the end."""
        fade_epochs = FADE_FRAC * (self.last_epoch - self.first_epoch + 1)
        return min(1.0, (epochs - (self.first_epoch - 1)) / fade_epochs)


def list_phases(params: TrainingParams) -> list[Phase]:
    """All phases in order; a training without `phases` has one."""
    heights = [*(phase.height_px for phase in params.phases), params.height_px]
    ends = [0, *accumulate(phase.epochs for phase in params.phases), params.epochs]
    return [Phase(height, before + 1, end) for height, (before, end) in zip(heights, pairwise(ends), strict=True)]


def shrink(images: UInt8[Tensor, "n 3 height width"], height_px: int) -> UInt8[Tensor, "n 3 small_height small_width"]:
    """The images at a height that divides theirs: each pixel is the mean of a square of pixels."""
    factor = images.shape[-2] // height_px
    if factor == 1:
        return images
    # Adding a half and cutting off rounds halves up, as Pillow's `Image.reduce` does.
    parts = (avg_pool2d(part.float(), factor).add(0.5).to(torch.uint8) for part in torch.split(images, IMAGES_AT_ONCE))
    return torch.cat(list(parts))
