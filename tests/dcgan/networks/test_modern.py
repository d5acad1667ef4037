"""The modern networks against sums done by hand, and against what their initial weights should make of any input."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate

from fashiongen import config
from fashiongen.dcgan.networks.dcgan import count_parameters
from fashiongen.dcgan.networks.modern import (
    Basis,
    Head,
    ModernDiscriminator,
    ModernGenerator,
    ResidualBlock,
    initialise_weights,
)
from fashiongen.dcgan.params import NetworkParams
from fashiongen.errors import ConfigError

SHAPE = NetworkParams(
    family="modern",
    height_px=64,
    width_px=32,
    latent_dim=7,
    ngf=8,
    ndf=24,
    kernel_px=3,
    layers_per_side=2,
    dropout_g=0,
    norm_d="none",
)
SIDES_PX = (16, 32, 64, 128, 256)
FRAMES = [
    (height_px, width_px)
    for height_px, width_px in itertools.product(SIDES_PX, SIDES_PX)
    if max(height_px, width_px) <= 2 * min(height_px, width_px) and (height_px, width_px) != (16, 16)
]


def shape_with(**values) -> NetworkParams:
    return NetworkParams.model_validate(SHAPE.model_dump() | values)


def drawn(network: nn.Module, seed: int = 0) -> nn.Module:
    initialise_weights(network, torch.Generator().manual_seed(seed))
    return network


def test_the_parameter_counts_are_sums_done_by_hand():
    """Two blocks at each of 64, 32, 16, 8 and 4 px; a group has 16 channels, and inner convolutions have biases."""

    def blocks(width: int) -> int:
        inner = 2 * width
        return 2 * (width * inner + inner + inner * 16 * 9 + inner + inner * width)

    def of_widths(widths: list[int]) -> int:
        changes = sum(width * wider for width, wider in itertools.pairwise(widths))
        return sum(map(blocks, widths)) + changes + widths[-1] * 4 * 2 + 3 * widths[0]

    generator, discriminator = [8, 16, 32, 64, 128], [24, 48, 96, 192, 384]
    assert count_parameters(ModernGenerator(SHAPE)) == of_widths(generator) + 7 * 128
    assert count_parameters(ModernDiscriminator(SHAPE)) == of_widths(discriminator) + 384


@pytest.mark.parametrize("frame", FRAMES)
def test_every_frame_is_generated_and_classified(frame):
    shape = shape_with(height_px=frame[0], width_px=frame[1], ngf=1, ndf=1, layers_per_side=1)
    images = drawn(ModernGenerator(shape))(torch.randn(3, 7, 1, 1))
    probabilities = drawn(ModernDiscriminator(shape))(images)
    assert images.shape == (3, 3, *frame)
    assert probabilities.shape == (3,)
    assert ((probabilities > 0) & (probabilities < 1)).all()


def test_no_layer_has_more_than_768_channels():
    widths = {layer.out_channels for layer in ModernDiscriminator(shape_with(ndf=300)).modules() if is_1x1(layer)}
    assert widths == {300, 600, 768, 2 * 300, 2 * 600, 2 * 768}


def is_1x1(layer: nn.Module) -> bool:
    return isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1)


def test_the_untrained_blocks_are_the_identity():
    features = torch.randn(2, 8, 6, 5)
    block = nn.Sequential(ResidualBlock(8, 3), ResidualBlock(8, 5))
    assert torch.equal(drawn(block)(features), features)


@pytest.mark.slow
def test_the_untrained_networks_only_resample_where_the_width_stays():
    """At 768 channels there is no other layer between two sizes than the resampling."""
    wide = shape_with(ngf=512, ndf=512, layers_per_side=1, height_px=32, width_px=16)
    generator, discriminator = drawn(ModernGenerator(wide)), drawn(ModernDiscriminator(wide))
    features = torch.randn(1, 768, 4, 2)
    expected = interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)
    torch.testing.assert_close(generator.main[2:4](features), expected)
    torch.testing.assert_close(discriminator.main[-4:-2](expected), avg_pool2d(expected, 2))


@pytest.mark.parametrize("seed", [0, 1])
def test_the_initial_weights_keep_the_mean_square(seed):
    """From the latents to the first map, from channels to channels, through a block's activations, and to the logit."""
    rng = torch.Generator().manual_seed(seed)

    def kept(layer: nn.Module, values: torch.Tensor) -> float:
        return float(drawn(layer, seed)(values).detach().square().mean())

    features = torch.randn(64, 256, 4, 2, generator=rng)
    assert kept(Basis(64, 256, (4, 2)), torch.randn(200, 64, 1, 1, generator=rng)) == pytest.approx(1, rel=0.15)
    assert kept(nn.Conv2d(256, 128, 1, bias=False), features) == pytest.approx(1, rel=0.1)
    assert kept(Head(256, (4, 2)), torch.randn(200, 256, 4, 2, generator=rng)) == pytest.approx(1, rel=0.4)
    block = drawn(nn.Sequential(ResidualBlock(256, 3)), seed)[0]
    assert float(block.main[:2](features.clone()).detach().square().mean()) == pytest.approx(1, rel=0.1)
    inside = torch.randn(16, 512, 8, 8, generator=rng)
    middle = block.main[2:4](inside)[:, :, 1:-1, 1:-1]  # borders are padded with 0
    assert float(middle.detach().square().mean()) == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize("blocks", [1, 16])
def test_the_convolutions_of_many_blocks_are_scaled_down(blocks):
    """He's deviation, times L^(-1/4): half of it for 16 blocks."""
    network = drawn(nn.Sequential(*(ResidualBlock(64, 3) for _ in range(blocks))))
    he = (2 / (1 + 0.2**2)) ** 0.5
    for layer, fan_in in ((network[0].main[0], 64), (network[0].main[2], 16 * 9)):
        assert float(layer.weight.detach().std()) == pytest.approx(he / fan_in**0.5 * blocks**-0.25, rel=0.05)
        assert not layer.bias.any()
    assert not network[0].main[-1].weight.any()


def test_the_logits_are_the_probabilities_before_the_sigmoid_with_shared_weights():
    discriminator, images = drawn(ModernDiscriminator(SHAPE)), torch.randn(5, 3, 64, 32)
    logits = discriminator.logits_network()
    torch.testing.assert_close(logits(images).flatten().sigmoid(), discriminator(images))
    assert logits[0].weight is discriminator.main[0].weight


def test_the_images_of_a_batch_do_not_depend_on_each_other():
    """Without normalisation the penalty on an image's gradient is that image's alone."""
    discriminator, images = drawn(ModernDiscriminator(SHAPE)), torch.randn(5, 3, 64, 32)
    torch.testing.assert_close(discriminator(images)[:1], discriminator(images[:1]))


@pytest.mark.slow
@settings(max_examples=40)
@given(
    frame=st.sampled_from([(32, 16), (32, 32), (32, 64), (64, 32), (128, 64)]),
    latent_dim=st.integers(1, 40),
    ngf=st.integers(1, 25),
    ndf=st.integers(1, 25),
    kernel_px=st.sampled_from([3, 5, 7]),
    layers_per_side=st.integers(1, 3),
)
def test_every_shape_that_the_params_allow_builds_generates_and_classifies(frame, **values):
    shape = shape_with(height_px=frame[0], width_px=frame[1], **values)
    images = drawn(ModernGenerator(shape))(torch.randn(2, shape.latent_dim, 1, 1))
    assert images.shape == (2, 3, *frame)
    assert drawn(ModernDiscriminator(shape))(images).shape == (2,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"norm_d": "batch"}, "family modern has no such layers: set norm_d none$"),
        ({"dropout_g": 0.1, "kernel_px": 4}, "family modern has no such layers: set dropout_g 0, kernel_px 3, 5 or 7$"),
        ({"family": "stylegan"}, "'dcgan' or 'modern'"),
    ],
)
def test_layers_that_the_family_has_not_are_refused(changes, message):
    with pytest.raises(ConfigError, match=message):
        config.parse(NetworkParams, SHAPE.model_dump() | changes, "dcgan.variants.x")
