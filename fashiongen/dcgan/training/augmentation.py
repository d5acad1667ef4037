"""Differentiable augmentation of the discriminator's inputs (DiffAugment, Zhao et al. 2020).

Real and fake images are augmented alike, and gradients reach the generator through the augmentation. So the generator
learns unaugmented images, and the discriminator overfits less to a small set.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from fashiongen.dcgan.params import Augmentation

TRANSLATION_FRAC = 1 / 8  # of the side, at most
CUTOUT_FRAC = 1 / 2  # of the side

Images = Float[Tensor, "n 3 side side"]


def augment(images: Images, policy: Sequence[Augmentation], rng: torch.Generator) -> Images:
    """The images in [-1, 1], each augmented at random by every part of the policy; `rng` is on the CPU."""
    changes = {"colour": _colour, "translation": _translation, "cutout": _cutout}
    for name in policy:
        images = changes[name](images, rng)
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
    side_px = images.shape[-1]
    most = round(side_px * TRANSLATION_FRAC)
    down, right = torch.randint(-most, most + 1, (2, len(images), 1), generator=rng)
    places = torch.arange(side_px)
    rows, columns = (places[None, :, None] - shift[:, :, None] == places for shift in (down, right))
    rows, columns = (matrix[:, None].to(images) for matrix in (rows, columns))
    moved: Images = rows @ images @ columns.transpose(-1, -2)
    return moved


def _cutout(images: Images, rng: torch.Generator) -> Images:
    """A square in mid-grey, anywhere, cut off at the border."""
    side_px = images.shape[-1]
    half = round(side_px * CUTOUT_FRAC) // 2
    centres = torch.randint(0, side_px + 1, (2, len(images), 1), generator=rng)
    places = torch.arange(side_px)
    rows, columns = ((places >= centre - half) & (places < centre + half) for centre in centres)
    kept = ~(rows[:, :, None] & columns[:, None, :])
    cut: Images = images * kept[:, None].to(images)
    return cut


def _uniform(images: Images, draws: int, rng: torch.Generator) -> Float[Tensor, "draws n 1 1 1"]:
    return torch.rand(draws, len(images), 1, 1, 1, generator=rng).to(images)
