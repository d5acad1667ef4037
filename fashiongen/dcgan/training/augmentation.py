"""Differentiable augmentation of the discriminator's inputs (DiffAugment, Zhao et al. 2020).

Real and fake images are augmented alike, and gradients reach the generator through the augmentation. So the generator
learns unaugmented images, and the discriminator overfits less to a small set.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from fashiongen.dcgan.params import Augmentation

TRANSLATION_FRAC = 1 / 8  # of each side, at most
CUTOUT_FRAC = 1 / 2  # of each side

Images = Float[Tensor, "n 3 height width"]


def augment(images: Images, policy: Sequence[Augmentation], rng: torch.Generator, *, prob: float = 1.0) -> Images:
    """The images in [-1, 1], each augmented at random by each part of the policy with a probability.

    `rng` is on the CPU.
    """
    changes = {"colour": _colour, "translation": _translation, "cutout": _cutout}
    for name in policy if prob > 0 else []:
        changed = changes[name](images, rng)
        images = changed if prob == 1 else torch.where(_uniform(images, 1, rng)[0] < prob, changed, images)
    return images


def _colour(images: Images, rng: torch.Generator) -> Images:
    """Brightness moved by up to a half, saturation scaled by 0 to 2, contrast by 0.5 to 1.5."""
    brightness, saturation, contrast = _uniform(images, 3, rng)
    images = images + (brightness - 0.5)
    grey = images.mean(dim=1, keepdim=True)
    images = grey + (images - grey) * (2 * saturation)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    changed: Images = mean + (images - mean) * (contrast + 0.5)
    return changed


def _translation(images: Images, rng: torch.Generator) -> Images:
    """Shifted by whole pixels, filled with mid-grey.

    A shift is a product with a shifted identity: exact, and its gradient is deterministic on every device.
    """
    rows, columns = (_shift(images, side_px, rng) for side_px in images.shape[-2:])
    moved: Images = rows @ images @ columns.transpose(-1, -2)
    return moved


def _shift(images: Images, side_px: int, rng: torch.Generator) -> Float[Tensor, "n 1 side side"]:
    """An identity for each image, shifted at random."""
    most, places = round(side_px * TRANSLATION_FRAC), torch.arange(side_px)
    shifts = torch.randint(-most, most + 1, (len(images), 1, 1), generator=rng)
    return (places[None, :, None] - shifts == places)[:, None].to(images)


def _cutout(images: Images, rng: torch.Generator) -> Images:
    """A rectangle in mid-grey, half as high and half as wide as the image, anywhere, cut off at the border."""
    rows, columns = (_interval(len(images), side_px, rng) for side_px in images.shape[-2:])
    kept = ~(rows[:, :, None] & columns[:, None, :])
    cut: Images = images * kept[:, None].to(images)
    return cut


def _interval(n: int, side_px: int, rng: torch.Generator) -> Bool[Tensor, "n side"]:
    """Which places along a side are cut out of each image."""
    half, places = round(side_px * CUTOUT_FRAC) // 2, torch.arange(side_px)
    centres = torch.randint(0, side_px + 1, (n, 1), generator=rng)
    return (places >= centres - half) & (places < centres + half)


def _uniform(images: Images, draws: int, rng: torch.Generator) -> Float[Tensor, "draws n 1 1 1"]:
    return torch.rand(draws, len(images), 1, 1, 1, generator=rng).to(images)
