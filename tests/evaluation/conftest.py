"""Cheap extractors, images whose features can be said beforehand, and gowns with planted faults."""

import importlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import nn

from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.purpose import ForWeights
from fashiongen.evaluation.metrics.backbone import BackboneFeatures
from fashiongen.evaluation.metrics.extractor import Extractor

SIDE_PX = 4
with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    planted_faults = importlib.import_module("planted_faults")


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
def random_backbone(small_detector, activate_residual_branches) -> Extractor:
    """A ResNet-18 with random weights: it tells pictures apart without any training."""
    torch.manual_seed(0)
    model = small_detector.model_copy(update={"backbone_width_divisor": 2})
    body = build_network("resnet18", model, ForWeights(), categories=3).body
    activate_residual_branches(body)
    return Extractor(BackboneFeatures(body, side_px=64), name="random")


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


WIDTH, HEIGHT = 32, 64


def draw_gown(number: int) -> Image.Image:
    """A gown of its own colour, width and stripes on white."""
    rng = np.random.default_rng(number)
    image = Image.new("RGB", (WIDTH * 4, HEIGHT * 4), "white")
    cloth, stripe = (tuple(int(channel) for channel in rng.integers(20, 220, 3)) for _ in range(2))
    waist, hem = rng.uniform(0.06, 0.12), rng.uniform(0.2, 0.45)
    outline = [(0.5 - waist, 0.05), (0.5 + waist, 0.05), (0.5 + hem, 0.95), (0.5 - hem, 0.95)]
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).polygon([(x * image.width, y * image.height) for x, y in outline], fill=255)
    fabric = Image.new("RGB", image.size, cloth)
    for row in range(0, image.height, int(rng.integers(16, 48))):
        ImageDraw.Draw(fabric).rectangle((0, row, image.width, row + 6), fill=stripe)
    image.paste(fabric, mask=mask)
    return image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)


def draw_gowns(count: int, *, first: int) -> torch.Tensor:
    pictures = [np.asarray(draw_gown(number)) for number in range(first, first + count)]
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)


@pytest.fixture(scope="session")
def real() -> torch.Tensor:
    """100 held-out gowns."""
    return draw_gowns(100, first=0)


@pytest.fixture(scope="session")
def training() -> torch.Tensor:
    """120 others of the same kind."""
    return draw_gowns(120, first=1000)


@pytest.fixture(params=planted_faults.FAULTS)
def fault(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def plant():
    """Gives images with a fault, once for each of its strengths."""
    return planted_faults.plant
