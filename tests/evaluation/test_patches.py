"""The sliced Wasserstein distance on patches: a closed form, an inverse, and faults that must be farther than real."""

import numpy as np
import pytest
import torch
from scipy.stats import wasserstein_distance

from fashiongen.evaluation.metrics import patches
from fashiongen.evaluation.metrics.patches import SCALE, PatchDistance, band_heights, build_pyramid, take_patches


@pytest.fixture(scope="module")
def distance(real):
    return PatchDistance(real, seed=7)


def test_the_bands_are_halves_down_to_sixteen_pixels():
    assert band_heights(256, 128) == [256, 128, 64, 32, 16]
    assert band_heights(64, 32) == [64, 32, 16]
    assert band_heights(64, 24) == [64, 32]  # a third would be 6 px wide
    assert band_heights(32, 32) == [32, 16]


def collapse_pyramid(bands):
    """The images of a pyramid, from 0 to 255 (Burt and Adelson 1983)."""
    *finer, image = bands
    for band in reversed(finer):
        image = band + patches._double(image, band.shape[-2:])
    return image + patches.GRAY


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


@pytest.mark.slow
def test_the_same_images_are_at_no_distance(distance, real):
    assert distance(real) == {"64": 0, "32": 0, "16": 0}


@pytest.mark.slow
def test_along_each_direction_it_is_scipys_wasserstein_distance(distance, real, training):
    bands = zip(take_patches(real, seed=7), take_patches(training, seed=7), strict=True)
    for band, (ours, theirs) in zip(distance(training).values(), bands, strict=True):
        mean, deviation = ours.mean((0, 2, 3), keepdim=True), ours.std((0, 2, 3), keepdim=True)
        clouds = [((part - mean) / deviation).flatten(1) @ distance._directions.T for part in (ours, theirs)]
        wanted = np.mean([wasserstein_distance(*pair) for pair in zip(*(cloud.T for cloud in clouds), strict=True)])
        assert band == pytest.approx(SCALE * wanted, rel=1e-4)


@pytest.mark.slow
def test_the_seed_fixes_it_and_other_seeds_agree(distance, real, training):
    assert PatchDistance(real, seed=7)(training) == distance(training)
    other = PatchDistance(real, seed=8)(training)
    assert other != distance(training)
    assert all(other[band] == pytest.approx(value, rel=0.35) for band, value in distance(training).items())


def test_images_of_another_size_are_refused(distance):
    with pytest.raises(ValueError, match="beside real ones"):
        distance(torch.zeros(4, 3, 32, 32, dtype=torch.uint8))


@pytest.mark.slow
def test_a_planted_fault_is_farther_than_training_images_and_a_stronger_one_farther_still(
    distance, training, plant, fault
):
    """By the worst ratio to the training images' distance of any band."""
    clean = distance(training)
    worst = [max(found[band] / clean[band] for band in clean) for found in map(distance, plant(fault, training))]
    assert worst == sorted(worst)
    assert worst[0] > 1.1
