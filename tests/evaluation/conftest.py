"""Cheap extractors, and images whose features can be said beforehand."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import nn

from fashiongen.evaluation.metrics.extractor import Extractor

SIDE_PX = 4


class MeanColour(nn.Module):
    """Three features per image, of a scale at which the cubic kernel tells colours apart; it counts the images."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("scale", torch.tensor(64.0))
        self.seen = 0

    def forward(self, images):
        self.seen += len(images)
        return images.float().mean((2, 3)) / self.scale


@pytest.fixture
def mean_colour() -> Extractor:
    return Extractor(MeanColour(), name="mean colour")


@pytest.fixture(scope="session")
def draw_images():
    def draw(n: int, *, seed: int, shift: int = 0, spread: int = 40) -> torch.Tensor:
        """Images of one colour each: around 100 + shift, `spread` to either side."""
        rng = np.random.default_rng(seed)
        colours = 100 + shift + rng.integers(-spread, spread + 1, size=(n, 3, 1, 1))
        return torch.from_numpy(np.broadcast_to(colours, (n, 3, SIDE_PX, SIDE_PX)).astype(np.uint8))

    return draw


@pytest.fixture(scope="session")
def draw_picture():
    def draw(number: int) -> Image.Image:
        """A triangle of its own colour on its own ground, 40 x 40."""
        rng = np.random.default_rng(number)
        ground, cloth = ((int(channel) for channel in rng.integers(low, low + 100, 3)) for low in (150, 30))
        image = Image.new("RGB", (40, 40), tuple(ground))
        ImageDraw.Draw(image).polygon([(20, 4), (32, 38), (8, 38)], fill=tuple(cloth))
        return image

    return draw
