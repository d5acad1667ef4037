"""Samples and grids: repeatable, independent of their neighbours, laid out row by row."""

import numpy as np
import pytest
import torch

from fashiongen.dcgan.networks.dcgan import Generator
from fashiongen.dcgan.networks.sampling import diversity, render_grid, render_latents, sample, sample_latents, to_uint8


@pytest.fixture
def generator(small_shape) -> Generator:
    torch.manual_seed(0)
    return Generator(small_shape)


def test_the_same_seed_samples_the_same_images(generator):
    first, again, other = (sample(generator, 3, seed=seed) for seed in (1, 1, 2))
    assert first.shape == (3, 3, 32, 32)
    assert first.dtype == torch.uint8
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_latents_draw_nothing_from_the_global_generator():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    latents = sample_latents(4000, latent_dim=5, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert float(latents.mean()) == pytest.approx(0, abs=0.03)
    assert float(latents.std()) == pytest.approx(1, abs=0.03)


def test_an_image_depends_on_its_own_latents_alone(generator):
    """Not on its batch, as it would in training mode."""
    latents = sample_latents(300, latent_dim=5, seed=1)
    together, alone = render_latents(generator, latents), render_latents(generator, latents[299:])
    assert (together[299:].int() - alone.int()).abs().max() <= 1


@pytest.mark.parametrize("training", [True, False])
def test_sampling_leaves_the_generator_as_it_was(generator, training):
    generator.train(training)
    before = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    sample(generator, 2, seed=0)
    assert generator.training is training
    assert all(torch.equal(tensor, before[name]) for name, tensor in generator.state_dict().items())


def test_every_pixel_value_survives_the_way_into_the_network_and_out():
    pixels = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(1, 3, 16, 16)
    assert torch.equal(to_uint8(pixels.float().div(127.5).sub(1)), pixels)


@pytest.mark.parametrize(("images", "rows", "columns"), [(64, 8, 8), (6, 3, 2), (1, 1, 1)])
def test_a_grid_is_about_square_with_two_white_pixels_between(images, rows, columns):
    grid = np.asarray(render_grid(torch.zeros(images, 3, 4, 4, dtype=torch.uint8)))
    frame = 0 if images == 1 else 2
    assert grid.shape == (rows * (4 + frame) + frame, columns * (4 + frame) + frame, 3)
    assert (grid == 0).sum() == images * 4 * 4 * 3


def test_a_grid_reads_row_by_row_in_rgb():
    images = torch.zeros(4, 3, 4, 4, dtype=torch.uint8)
    images[1, 0], images[2, 2] = 200, 100
    grid = np.asarray(render_grid(images))
    assert grid[3, 3 + 6].tolist() == [200, 0, 0]
    assert grid[3 + 6, 3].tolist() == [0, 0, 100]


def test_diversity_is_the_root_mean_square_distance_of_all_pairs():
    images = torch.randint(0, 256, (7, 3, 4, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    pairs = torch.combinations(torch.arange(7))
    distances = (images[pairs[:, 0]].float() - images[pairs[:, 1]].float()).square().mean()
    assert diversity(images) == pytest.approx(float(distances.sqrt()), rel=1e-5)
    assert diversity(images[:1].repeat(5, 1, 1, 1)) == 0
