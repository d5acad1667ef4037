"""The sliced Wasserstein distance on patches: a closed form, an inverse, and faults that must be farther than real."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFilter
from scipy.stats import wasserstein_distance

from fashiongen.evaluation.metrics.patches import (
    SCALE,
    PatchDistance,
    band_heights,
    build_pyramid,
    collapse_pyramid,
    take_patches,
)

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


@pytest.fixture(scope="module")
def real():
    return draw_gowns(120, first=0)


@pytest.fixture(scope="module")
def training():
    return draw_gowns(240, first=1000)


@pytest.fixture(scope="module")
def distance(real):
    return PatchDistance(real, seed=7)


def test_the_bands_are_halves_down_to_sixteen_pixels():
    assert band_heights(256, 128) == [256, 128, 64, 32, 16]
    assert band_heights(64, 32) == [64, 32, 16]
    assert band_heights(64, 24) == [64, 32]  # a third would be 6 px wide
    assert band_heights(32, 32) == [32, 16]


@pytest.mark.parametrize("size", [(64, 32), (64, 64), (128, 48), (46, 38)])
def test_a_pyramid_collapses_to_its_images(size):
    images = torch.randint(256, (3, 3, *size), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    bands = build_pyramid(images)
    assert [band.shape[-2] for band in bands] == [(size[0] + 2**level - 1) // 2**level for level in range(len(bands))]
    assert torch.allclose(collapse_pyramid(bands), images.float(), atol=1e-3)


def test_a_flat_image_is_in_the_coarsest_band_alone():
    *finer, coarsest = build_pyramid(torch.full((2, 3, 64, 32), 200, dtype=torch.uint8))
    assert all(band[..., 2:-2, 2:-2].abs().max() < 1e-4 for band in finer)
    assert coarsest.mean() == pytest.approx(200 - 128)


def test_the_same_images_are_at_no_distance(distance, real):
    assert distance(real) == {"64": 0, "32": 0, "16": 0}


def test_along_each_direction_it_is_scipys_wasserstein_distance(distance, real, training):
    bands = zip(take_patches(real, seed=7), take_patches(training, seed=7), strict=True)
    for band, (ours, theirs) in zip(distance(training).values(), bands, strict=True):
        mean, deviation = ours.mean((0, 2, 3), keepdim=True), ours.std((0, 2, 3), keepdim=True)
        clouds = [((part - mean) / deviation).flatten(1) @ distance._directions for part in (ours, theirs)]
        wanted = np.mean([wasserstein_distance(*pair) for pair in zip(*(cloud.T for cloud in clouds), strict=True)])
        assert band == pytest.approx(SCALE * wanted, rel=1e-4)


def test_the_seed_fixes_it_and_other_seeds_agree(distance, real, training):
    assert PatchDistance(real, seed=7)(training) == distance(training)
    other = PatchDistance(real, seed=8)(training)
    assert other != distance(training)
    assert all(other[band] == pytest.approx(value, rel=0.35) for band, value in distance(training).items())


def test_images_of_another_size_are_refused(distance):
    with pytest.raises(ValueError, match="beside real ones"):
        distance(torch.zeros(4, 3, 32, 32, dtype=torch.uint8))


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


@pytest.mark.parametrize(
    ("plant", "strengths"),
    [
        (add_noise, (8, 24, 72)),
        (add_checkerboard, (8, 24, 72)),
        (blur, (0.5, 1, 3)),
        (fade_to_gray, (0.2, 0.5, 0.9)),
        (shuffle_parts, (16, 8, 2)),
        (keep_the_lightest, (0.5, 0.2, 0.05)),
        (repeat_few, (20, 5, 1)),
    ],
)
def test_a_planted_fault_is_farther_than_training_images_and_a_stronger_one_farther_still(
    distance, training, plant, strengths
):
    """By the worst excess over the training images' distance of any band."""
    clean = distance(training)
    planted = [distance(plant(training, strength)) for strength in strengths]
    worst = [max(found[band] / clean[band] for band in clean) for found in planted]
    assert worst == sorted(worst)
    assert worst[0] > 1.1
