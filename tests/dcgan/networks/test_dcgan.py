"""The networks against the study's own printed text, and their counts against sums done by hand."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fashiongen import config
from fashiongen.dcgan.networks.dcgan import Discriminator, Generator, count_parameters, initialise_weights
from fashiongen.dcgan.params import NetworkParams
from fashiongen.errors import ConfigError

STUDY = NetworkParams(
    side_px=64, latent_dim=100, ngf=64, ndf=64, kernel_px=4, layers_per_side=1, dropout_g=0, norm_d="batch"
)

# Figures 4.9 and 4.10 of the study, as printed there.
FIGURE_4_9 = """\
Generator(
  (main): Sequential(
    (0): ConvTranspose2d(100, 512, kernel_size=(4, 4), stride=(1, 1), bias=False)
    (1): BatchNorm2d(512, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    (2): ReLU(inplace=True)
    (3): ConvTranspose2d(512, 256, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (4): BatchNorm2d(256, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    (5): ReLU(inplace=True)
    (6): ConvTranspose2d(256, 128, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (7): BatchNorm2d(128, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    (8): ReLU(inplace=True)
    (9): ConvTranspose2d(128, 64, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (10): BatchNorm2d(64, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    (11): ReLU(inplace=True)
    (12): ConvTranspose2d(64, 3, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (13): Tanh()
  )
)"""
FIGURE_4_10 = """\
Discriminator(
  (main): Sequential(
    (0): Conv2d(3, 64, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (1): LeakyReLU(negative_slope=0.2, inplace=True)
    (2): Conv2d(64, 128, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (3): BatchNorm2d(128, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    (4): LeakyReLU(negative_slope=0.2, inplace=True)
    (5): Conv2d(128, 256, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (6): BatchNorm2d(256, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    (7): LeakyReLU(negative_slope=0.2, inplace=True)
    (8): Conv2d(256, 512, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (9): BatchNorm2d(512, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    (10): LeakyReLU(negative_slope=0.2, inplace=True)
    (11): Conv2d(512, 1, kernel_size=(4, 4), stride=(1, 1), bias=False)
    (12): Sigmoid()
  )
)"""


def small(side_px: int) -> NetworkParams:
    return STUDY.model_copy(update={"side_px": side_px, "latent_dim": 7, "ngf": 2, "ndf": 2})


def printed(network: torch.nn.Module) -> str:
    """A network's text as the study's PyTorch printed it: BatchNorm's bias was no option then, and went unsaid."""
    return repr(network).replace("affine=True, bias=True", "affine=True")


def test_the_generator_prints_as_figure_4_9():
    assert printed(Generator(STUDY)) == FIGURE_4_9


def test_the_discriminator_prints_as_figure_4_10():
    assert printed(Discriminator(STUDY)) == FIGURE_4_10


def test_the_parameter_counts_are_those_of_the_figures():
    """4 x 4 kernels without bias, and two numbers per channel of each BatchNorm."""
    generator = 16 * (100 * 512 + 512 * 256 + 256 * 128 + 128 * 64 + 64 * 3) + 2 * (512 + 256 + 128 + 64)
    discriminator = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512) + 2 * (128 + 256 + 512)
    assert (generator, discriminator) == (3_576_704, 2_765_568)
    assert count_parameters(Generator(STUDY)) == generator
    assert count_parameters(Discriminator(STUDY)) == discriminator


@pytest.mark.parametrize("side_px", [32, 64, 128, 256])
def test_every_side_is_generated_and_classified(side_px):
    images = Generator(small(side_px))(torch.randn(3, 7, 1, 1))
    probabilities = Discriminator(small(side_px))(images)
    assert images.shape == (3, 3, side_px, side_px)
    assert images.abs().max() <= 1
    assert probabilities.shape == (3,)
    assert ((probabilities > 0) & (probabilities < 1)).all()


def test_the_logits_are_the_probabilities_before_the_sigmoid_with_shared_weights():
    discriminator, images = Discriminator(small(32)).eval(), torch.randn(5, 3, 32, 32)
    logits = discriminator.logits_network()
    torch.testing.assert_close(logits(images).flatten().sigmoid(), discriminator(images))
    assert logits[0].weight is discriminator.main[0].weight


def test_initial_weights_follow_the_two_normal_distributions():
    network = Generator(STUDY)
    initialise_weights(network, torch.Generator().manual_seed(0))
    convolution, norm = network.main[3].weight.detach(), network.main[1].requires_grad_(False)
    assert float(convolution.mean()) == pytest.approx(0, abs=4 * 0.02 / convolution.numel() ** 0.5)
    assert float(convolution.std()) == pytest.approx(0.02, rel=0.01)
    assert float(norm.weight.mean()) == pytest.approx(1, abs=4 * 0.02 / norm.weight.numel() ** 0.5)
    assert float(norm.weight.std()) == pytest.approx(0.02, rel=0.15)
    assert not norm.bias.any()


def test_initial_weights_depend_on_their_generator_alone():
    networks = [Discriminator(small(32)) for _ in range(2)]
    for network in networks:
        initialise_weights(network, torch.Generator().manual_seed(3))
    first, second = (network.state_dict() for network in networks)
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.slow
@settings(max_examples=60)
@given(
    side_px=st.sampled_from([32, 64, 128]),
    latent_dim=st.integers(1, 40),
    ngf=st.integers(1, 5),
    ndf=st.integers(1, 5),
    kernel_px=st.integers(2, 8),
    layers_per_side=st.integers(1, 3),
    dropout_g=st.sampled_from([0.0, 0.3]),
    norm_d=st.sampled_from(["batch", "spectral", "none"]),
)
def test_every_shape_that_the_params_allow_builds_generates_and_classifies(**values):
    shape = NetworkParams(**values)
    generator, discriminator = Generator(shape), Discriminator(shape)
    for network in (generator, discriminator):
        initialise_weights(network, torch.Generator().manual_seed(0))
    images = generator(torch.randn(2, shape.latent_dim, 1, 1))
    assert images.shape == (2, 3, shape.side_px, shape.side_px)
    assert discriminator(images).shape == (2,)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("side_px", 48),
        ("side_px", 512),
        ("latent_dim", 0),
        ("ngf", 0),
        ("ndf", 4096),
        ("kernel_px", 1),
        ("kernel_px", 9),
        ("layers_per_side", 0),
        ("dropout_g", 1.0),
        ("norm_d", "layer"),
    ],
)
def test_other_shapes_are_refused_by_the_name_of_the_key(key, value):
    with pytest.raises(ConfigError, match=rf"dcgan\.variants\.x.*{key}"):
        config.parse(NetworkParams, STUDY.model_dump() | {key: value}, "dcgan.variants.x")


def test_spectral_normalisation_holds_every_layer_of_the_discriminator_at_one():
    """Its largest singular value, by torch's own decomposition, once the power iteration has settled."""
    network = Discriminator(small(32).model_copy(update={"norm_d": "spectral"}))
    initialise_weights(network, torch.Generator().manual_seed(0))
    for _ in range(50):
        network(torch.randn(2, 3, 32, 32))
    network.eval()
    layers = [layer for layer in network.main if isinstance(layer, torch.nn.Conv2d)]
    norms = [torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2).item() for layer in layers]
    assert norms == pytest.approx([1.0] * len(layers), rel=0.02)


def test_dropout_stands_behind_every_activation_of_the_generator_and_only_while_training():
    generator = Generator(small(32).model_copy(update={"dropout_g": 0.5}))
    kinds = [type(layer).__name__ for layer in generator.main]
    assert kinds.count("Dropout") == kinds.count("ReLU") == 3
    latents = torch.randn(2, 7, 1, 1)
    assert not torch.equal(generator(latents), generator(latents))
    generator.eval()
    assert torch.equal(generator(latents), generator(latents))
