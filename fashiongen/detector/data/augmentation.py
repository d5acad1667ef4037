"""Random augmentation of training images and of their boxes."""

import math

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional

from fashiongen.detector.data.pixels import ScaledImage
from fashiongen.detector.params import AugmentParams

Sample = tuple[ScaledImage, dict[str, Tensor]]
COLOUR_CHANGES = (functional.adjust_brightness, functional.adjust_contrast, functional.adjust_saturation)


def augment(image: ScaledImage, target: dict[str, Tensor], params: AugmentParams, rng: np.random.Generator) -> Sample:
    """A random crop, a horizontal flip and random colours, each as `params` says, drawn from `rng`."""
    if params.crop_min_frac < 1:
        image, target = crop_randomly(image, target, min_frac=params.crop_min_frac, rng=rng)
    if rng.random() < params.hflip_prob:
        image, target = flip_horizontally(image, target)
    if params.colour:
        pixels = image.pixels
        for change in COLOUR_CHANGES:
            pixels = change(pixels, float(1 + params.colour * rng.uniform(-1, 1)))
        image = image._replace(pixels=pixels)
    return image, target


def flip_horizontally(image: ScaledImage, target: dict[str, Tensor]) -> Sample:
    """The mirror image and its boxes."""
    left, top, right, bottom = target["boxes"].unbind(1)
    width = image.size[1]
    boxes = torch.stack([width - right, top, width - left, bottom], dim=1)
    return image._replace(pixels=image.pixels.flip(-1)), {**target, "boxes": boxes}


def crop_randomly(
    image: ScaledImage, target: dict[str, Tensor], *, min_frac: float, rng: np.random.Generator
) -> Sample:
    """A random part of the image with at least `min_frac` of each side, and the boxes whose centre is in it, clipped.

    If the part holds no box, the whole image is returned.
    """
    height, width = image.size
    crop_height, crop_width = (math.ceil(side * rng.uniform(min_frac, 1)) for side in (height, width))
    top, left = int(rng.integers(height - crop_height + 1)), int(rng.integers(width - crop_width + 1))
    boxes = target["boxes"]
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 - torch.tensor([left, top])
    inside = ((centres > 0) & (centres < torch.tensor([crop_width, crop_height]))).all(dim=1)
    if not inside.any():
        return image, target
    moved = boxes[inside] - torch.tensor([left, top, left, top])
    limit = torch.tensor([crop_width, crop_height] * 2)
    pixels = image.pixels[:, top : top + crop_height, left : left + crop_width]
    cut = {"boxes": torch.minimum(moved.clamp(min=0), limit), "labels": target["labels"][inside]}
    return image._replace(pixels=pixels), cut
