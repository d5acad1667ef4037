"""Cheap extractors, images whose features can be said beforehand, and gowns with planted faults."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFilter
from torch import nn

from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.purpose import ForWeights
from fashiongen.evaluation.metrics.backbone import BackboneFeatures
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
def random_backbone(small_detector) -> Extractor:
    """A ResNet-18 with random weights: it tells pictures apart without any training."""
    torch.manual_seed(0)
    model = small_detector.model_copy(update={"backbone_width_divisor": 2})
    body = build_network("resnet18", model, ForWeights(), categories=3).body
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


def add_noise(images, strength):
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(3))
    return (images + strength * noise).clamp(0, 255).to(torch.uint8)


def add_checkerboard(images, strength):
    board = (torch.arange(HEIGHT)[:, None] + torch.arange(WIDTH)) % 2 * 2 - 1
    return (images + strength * board).clamp(0, 255).to(torch.uint8)


def blur(images, radius_px):
    pictures = [Image.fromarray(image.permute(1, 2, 0).numpy()) for image in images]
    blurred = [np.asarray(picture.filter(ImageFilter.GaussianBlur(radius_px))) for picture in pictures]
    return torch.from_numpy(np.stack(blurred)).permute(0, 3, 1, 2)


def fade_to_gray(images, share):
    return ((1 - share) * images + share * 128).to(torch.uint8)


def shuffle_parts(images, side_px):
    """Squares of `side_px` change places within each image: the finer, the less is left."""
    generator = torch.Generator().manual_seed(3)
    parts = images.unfold(2, side_px, side_px).unfold(3, side_px, side_px)
    n, _, rows, columns = parts.shape[:4]
    flat = parts.reshape(n, 3, rows * columns, side_px, side_px)
    order = torch.stack([torch.randperm(rows * columns, generator=generator) for _ in range(n)])
    mixed = torch.gather(flat, 2, order[:, None, :, None, None].expand_as(flat))
    return mixed.view(n, 3, rows, columns, side_px, side_px).transpose(3, 4).reshape(images.shape)


def keep_the_lightest(images, share):
    """Mode drop: light gowns alone, of which there are as many images as before."""
    order = images.float().mean((1, 2, 3)).argsort(descending=True)
    kept = images[order[: max(1, round(share * len(images)))]]
    return kept[torch.arange(len(images)) % len(kept)]


def repeat_few(images, count):
    return images[torch.arange(len(images)) % count]


# The faults that a measure must see, each by rising strength.
PLANTS = {
    "noise": (add_noise, (8, 24, 72)),
    "checkerboard": (add_checkerboard, (8, 24, 72)),
    "blur": (blur, (0.5, 1, 3)),
    "gray": (fade_to_gray, (0.2, 0.5, 0.9)),
    "shuffled parts": (shuffle_parts, (16, 8, 2)),
    "dropped modes": (keep_the_lightest, (0.5, 0.2, 0.05)),
    "copies": (repeat_few, (20, 5, 1)),
}


@pytest.fixture(scope="session")
def real() -> torch.Tensor:
    """100 held-out gowns."""
    return draw_gowns(100, first=0)


@pytest.fixture(scope="session")
def training() -> torch.Tensor:
    """120 others of the same kind."""
    return draw_gowns(120, first=1000)


@pytest.fixture(params=PLANTS)
def fault(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def plant():
    """Images with a fault, once for each of its strengths."""

    def plant(fault: str, images: torch.Tensor) -> list[torch.Tensor]:
        change, strengths = PLANTS[fault]
        return [change(images, strength) for strength in strengths]

    return plant
