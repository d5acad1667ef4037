"""A grown network computes in its inner layers what the smaller one computed there."""

import itertools

import pytest
import torch

from fashiongen.dcgan.networks.dcgan import Discriminator, Generator, initialise_weights
from fashiongen.dcgan.networks.growth import (
    FadingDiscriminator,
    FadingGenerator,
    copy_inner_discriminator,
    copy_inner_generator,
    repeat_pixels,
)
from fashiongen.dcgan.params import NetworkParams

COMBINATIONS = [
    {"kernel_px": kernel_px, "layers_per_side": layers, "norm_d": norm_d, "dropout_g": dropout_g}
    for (kernel_px, dropout_g), layers, norm_d in itertools.product(
        [(2, 0.0), (4, 0.2), (7, 0.0)], [1, 2], ["batch", "spectral", "none"]
    )
]


def shape_with(height_px: int, **values) -> NetworkParams:
    frame = {"height_px": height_px, "width_px": height_px // 2}
    return NetworkParams(family="dcgan", latent_dim=5, ngf=2, ndf=3, **frame, **values)


def drawn(network: torch.nn.Module, seed: int) -> torch.nn.Module:
    initialise_weights(network, torch.Generator().manual_seed(seed))
    return network.eval()


@pytest.mark.parametrize("values", COMBINATIONS)
@pytest.mark.parametrize("small_px", [8, 16])
def test_the_inner_layers_of_a_grown_generator_give_what_they_gave(values, small_px):
    shape = shape_with(32, **values)
    inner, grown = drawn(Generator(shape.at(small_px)), 0), drawn(Generator(shape.at(2 * small_px)), 1)
    for _ in range(2):  # other running statistics than the initial ones
        inner.train()(torch.randn(8, 5, 1, 1))
    copy_inner_generator(inner.eval(), grown)
    latents = torch.randn(3, 5, 1, 1)
    expected = inner.main[:-2](latents)
    assert expected.shape[2:] == (small_px // 2, small_px // 4)
    assert torch.equal(grown.main[: len(inner.main) - 2](latents), expected)
    assert grown(latents).shape == (3, 3, 2 * small_px, small_px)


@pytest.mark.parametrize("values", COMBINATIONS)
@pytest.mark.parametrize("small_px", [8, 16])
def test_the_inner_layers_of_a_grown_discriminator_give_what_they_gave(values, small_px):
    shape = shape_with(32, **values)
    inner, grown = drawn(Discriminator(shape.at(small_px)), 0), drawn(Discriminator(shape.at(2 * small_px)), 1)
    images = torch.randn(8, 3, small_px, small_px // 2)
    inner.train()(images)
    copy_inner_discriminator(inner.eval(), grown)
    seen = inner.main[:2](images)
    expected = inner.main[2:](seen.clone())  # some layers work in place
    assert torch.equal(grown.main[-len(inner.main) + 2 :](seen.clone()), expected)
    assert grown(torch.randn(2, 3, 2 * small_px, small_px)).shape == (2,)


@pytest.mark.parametrize("values", COMBINATIONS)
def test_a_generator_begins_with_the_enlarged_images_of_the_small_one_and_ends_with_its_own(values):
    shape = shape_with(32, **values)
    small, grown = drawn(Generator(shape.at(16)), 0), drawn(Generator(shape), 1)
    copy_inner_generator(small, grown)
    fading, latents = FadingGenerator(grown, small).eval(), torch.randn(3, 5, 1, 1)
    enlarged, own = repeat_pixels(small(latents), 2), grown(latents)
    for share, expected in ((0.0, enlarged), (0.25, 0.75 * enlarged + 0.25 * own), (1.0, own)):
        fading.share = share
        torch.testing.assert_close(fading(latents), expected, rtol=0, atol=0 if share in {0, 1} else 1e-6)


@pytest.mark.parametrize("values", COMBINATIONS)
def test_a_discriminator_begins_with_what_the_small_one_says_of_the_shrunk_images(values):
    shape = shape_with(32, **values)
    small, grown = drawn(Discriminator(shape.at(16)), 0), drawn(Discriminator(shape), 1)
    copy_inner_discriminator(small, grown)
    fading, images = FadingDiscriminator(grown, small).eval(), torch.randn(3, 3, 32, 16)
    shrunk = torch.nn.functional.avg_pool2d(images, 2)
    for share, network, seen in ((0.0, small, shrunk), (1.0, grown, images)):
        fading.share = share
        assert torch.equal(fading(images), network.logits_network()(seen))


def test_the_old_image_layers_learn_nothing():
    shape = shape_with(32, **COMBINATIONS[0])
    for fading in (
        FadingGenerator(Generator(shape), Generator(shape.at(16))),
        FadingDiscriminator(Discriminator(shape), Discriminator(shape.at(16))),
    ):
        learning = {id(weight) for weight in fading.parameters() if weight.requires_grad}
        assert learning == {id(weight) for weight in fading.grown.parameters()}


def test_pixels_are_repeated_in_squares():
    image = torch.arange(6).view(1, 1, 2, 3).expand(1, 3, 2, 3)
    assert torch.equal(repeat_pixels(image, 2), torch.kron(image, torch.ones(1, 1, 2, 2, dtype=torch.int64)))


@pytest.mark.parametrize("network", [Generator, Discriminator])
def test_the_network_of_the_full_size_is_the_one_without_phases(network):
    shape = shape_with(64, **COMBINATIONS[0])
    assert repr(network(shape.at(64))) == repr(network(shape))
