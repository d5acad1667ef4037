"""Cheap extractors, and images whose features can be said beforehand."""

import numpy as np
import pytest
import torch
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
