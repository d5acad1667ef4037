"""A grown network computes at first what the smaller one computed of smaller images."""

import pytest
import torch
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate

from fashiongen.dcgan.networks.modern import ModernDiscriminator, ModernGenerator, initialise_weights
from fashiongen.dcgan.networks.modern_growth import copy_inner_discriminator, copy_inner_generator
from fashiongen.dcgan.params import NetworkParams

WIDTHS = [3, 16, pytest.param(384, marks=pytest.mark.slow)]  # of the full size; 384 is doubled once, to the most


def shape_with(width: int, layers_per_side: int) -> NetworkParams:
    return NetworkParams(
        family="modern",
        height_px=32,
        width_px=16,
        latent_dim=5,
        ngf=width,
        ndf=width,
        kernel_px=3,
        layers_per_side=layers_per_side,
        dropout_g=0,
        norm_d="none",
    )


def trained(network: nn.Module, seed: int) -> nn.Module:
    """With no weight at 0, as blocks have before the training."""
    rng = torch.Generator().manual_seed(seed)
    initialise_weights(network, rng)
    for values in network.parameters():
        values.data += 0.02 * torch.randn(values.shape, generator=rng)
    return network


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("small_px", [8, 16])
def test_a_grown_generator_draws_the_same_images_enlarged(width, small_px):
    shape = shape_with(width, 1 + (width == 16))
    inner, grown = trained(ModernGenerator(shape.at(small_px)), 0), ModernGenerator(shape.at(2 * small_px))
    initialise_weights(grown, torch.Generator().manual_seed(1))
    copy_inner_generator(inner, grown)
    latents = torch.randn(3, 5, 1, 1)
    expected = interpolate(inner(latents), scale_factor=2, mode="bilinear", align_corners=False)
    torch.testing.assert_close(grown(latents), expected, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("small_px", [8, 16])
def test_a_grown_discriminator_sees_the_halved_images(width, small_px):
    shape = shape_with(width, 1 + (width == 16))
    inner, grown = trained(ModernDiscriminator(shape.at(small_px)), 0), ModernDiscriminator(shape.at(2 * small_px))
    initialise_weights(grown, torch.Generator().manual_seed(1))
    copy_inner_discriminator(inner, grown)
    images = torch.randn(4, 3, 2 * small_px, small_px)
    torch.testing.assert_close(grown(images), inner(avg_pool2d(images, 2)), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("width", [1, 2])
def test_networks_too_narrow_for_three_colours_grow_too(width):
    shape = shape_with(width, 1)
    inner, grown = trained(ModernGenerator(shape.at(16)), 0), trained(ModernGenerator(shape), 1)
    copy_inner_generator(inner, grown)
    assert grown(torch.randn(2, 5, 1, 1)).isfinite().all()
