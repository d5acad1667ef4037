"""Image files as input of the detector: RGB bytes, scaled to its side."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional

from fashiongen.images.reading.decode import read_reduced

REDUCED_MARGIN = 2  # decode at least twice the final size, so that the last resize still averages


class ScaledImage(NamedTuple):
    """An image at the detector's scale, and its original size."""

    pixels: UInt8[Tensor, "3 height width"]  # RGB
    original_size: tuple[int, int]  # (height, width) in the file, upright

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the pixels."""
        return self.pixels.shape[1], self.pixels.shape[2]

    @property
    def scale_xy(self) -> tuple[float, float]:
        """Scaled pixels per pixel of the file; the two differ by rounding only."""
        return self.size[1] / self.original_size[1], self.size[0] / self.original_size[0]


def scaled_size(size: tuple[int, int], *, short_side_px: int, long_side_px: int) -> tuple[int, int]:
    """`size` with its short side at `short_side_px`, or smaller where the long side would exceed `long_side_px`."""
    scale = min(short_side_px / min(size), long_side_px / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def read_scaled(path: Path, *, short_side_px: int, long_side_px: int) -> ScaledImage:
    """Decode an image file, upright, and scale it; for what it raises see `read_image`.

    A far larger JPEG is decoded at a fraction of its size, which is at least twice the size that it is scaled to.
    """
    image, (width, height) = read_reduced(path, at_least_px=REDUCED_MARGIN * long_side_px)
    size = scaled_size((width, height), short_side_px=short_side_px, long_side_px=long_side_px)
    scaled = image.resize(size, Image.Resampling.BILINEAR)
    pixels = torch.from_numpy(np.array(scaled)).permute(2, 0, 1).contiguous()
    return ScaledImage(pixels, (height, width))


def rescale(image: ScaledImage, *, short_side_px: int, long_side_px: int) -> ScaledImage:
    """The image at another scale, with the limits of `scaled_size`."""
    height, width = image.original_size
    size = scaled_size((width, height), short_side_px=short_side_px, long_side_px=long_side_px)[::-1]
    if size == image.size:
        return image
    return image._replace(pixels=functional.resize(image.pixels, list(size), antialias=True))
