"""The networks against the study's own printed text, and their counts against sums done by hand."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from fashiongen import config
from fashiongen.dcgan.networks.dcgan import Discriminator, Generator, count_parameters, initialise_weights
from fashiongen.dcgan.params import NetworkParams
from fashiongen.errors import ConfigError

STUDY = NetworkParams(
    family="dcgan",
    height_px=64,
    width_px=64,
    latent_dim=100,
    ngf=64,
    ndf=64,
    kernel_px=4,
    layers_per_side=1,
    dropout_g=0,
    norm_d="batch",
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


def small(height_px: int = 32, width_px: int = 32) -> NetworkParams:
    values = {"height_px": height_px, "width_px": width_px, "latent_dim": 7, "ngf": 2, "ndf": 2}
    return NetworkParams.model_validate(STUDY.model_dump() | values)


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


SIDES_PX = (16, 32, 64, 128, 256)
FRAMES = [
    (height_px, width_px)
    for height_px, width_px in itertools.product(SIDES_PX, SIDES_PX)
    if max(height_px, width_px) <= 2 * min(height_px, width_px) and (height_px, width_px) != (16, 16)
]


@pytest.mark.parametrize("frame", FRAMES)
def test_every_frame_is_generated_and_classified(frame):
    images = Generator(small(*frame))(torch.randn(3, 7, 1, 1))
    probabilities = Discriminator(small(*frame))(images)
    assert images.shape == (3, 3, *frame)
    assert images.abs().max() <= 1
    assert probabilities.shape == (3,)
    assert ((probabilities > 0) & (probabilities < 1)).all()


@pytest.mark.parametrize("frame", [(64, 32), (32, 64)])
def test_half_the_frame_has_the_layers_of_the_square_and_half_its_first_and_last_kernel(frame):
    """Counted by hand: only the projection from the latents and the last convolution are smaller, by half."""
    square = Generator(small(64, 64)), Discriminator(small(64, 64))
    half = Generator(small(*frame)), Discriminator(small(*frame))
    assert [count_parameters(one) - count_parameters(other) for one, other in zip(square, half, strict=True)] == [
        7 * 16 * (16 - 8),
        16 * (16 - 8),
    ]
    for one, other in zip(square, half, strict=True):
        assert [str(layer) for layer in one.main[1:-2]] == [str(layer) for layer in other.main[1:-2]]


def test_square_networks_have_the_weights_and_names_of_pytorchs_example():
    """Its layers written out, drawn from the same numbers in the order of the state dict."""
    example = nn.Sequential(
        *(nn.ConvTranspose2d(7, 8, 4, 1, 0, bias=False), nn.BatchNorm2d(8), nn.ReLU(True)),
        *(nn.ConvTranspose2d(8, 4, 4, 2, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(True)),
        *(nn.ConvTranspose2d(4, 2, 4, 2, 1, bias=False), nn.BatchNorm2d(2), nn.ReLU(True)),
        *(nn.ConvTranspose2d(2, 3, 4, 2, 1, bias=False), nn.Tanh()),
    )
    rng = torch.Generator().manual_seed(5)
    for values in example.parameters():
        if values.ndim == 4:
            values.data.normal_(0.0, 0.02, generator=rng)
        elif values.any():
            values.data.normal_(1.0, 0.02, generator=rng)
    network = Generator(small())
    initialise_weights(network, torch.Generator().manual_seed(5))
    ours, theirs = network.main.state_dict(), example.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_the_logits_are_the_probabilities_before_the_sigmoid_with_shared_weights():
    discriminator, images = Discriminator(small()).eval(), torch.randn(5, 3, 32, 32)
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
    networks = [Discriminator(small()) for _ in range(2)]
    for network in networks:
        initialise_weights(network, torch.Generator().manual_seed(3))
    first, second = (network.state_dict() for network in networks)
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.slow
@settings(max_examples=60)
@given(
    frame=st.sampled_from([(32, 16), (32, 32), (32, 64), (64, 32), (64, 64), (128, 64)]),
    latent_dim=st.integers(1, 40),
    ngf=st.integers(1, 5),
    ndf=st.integers(1, 5),
    kernel_px=st.integers(2, 8),
    layers_per_side=st.integers(1, 3),
    dropout_g=st.sampled_from([0.0, 0.3]),
    norm_d=st.sampled_from(["batch", "spectral", "none"]),
)
def test_every_shape_that_the_params_allow_builds_generates_and_classifies(frame, **values):
    shape = NetworkParams(family="dcgan", height_px=frame[0], width_px=frame[1], **values)
    generator, discriminator = Generator(shape), Discriminator(shape)
    for network in (generator, discriminator):
        initialise_weights(network, torch.Generator().manual_seed(0))
    images = generator(torch.randn(2, shape.latent_dim, 1, 1))
    assert images.shape == (2, 3, *frame)
    assert discriminator(images).shape == (2,)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("height_px", 48),
        ("width_px", 512),
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


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ((128, 32), "height_px 128 and width_px 32: one is more than twice the other; make them equal"),
        ((32, 128), "height_px 32 and width_px 128: one is more than twice the other"),
        ((16, 16), "height_px 16 and width_px 16: raise one of them to 32 at least"),
    ],
)
def test_frames_that_no_network_has_are_refused(frame, message):
    with pytest.raises(ConfigError, match=message):
        config.parse(NetworkParams, STUDY.model_dump() | {"height_px": frame[0], "width_px": frame[1]}, "dcgan")


@pytest.mark.parametrize("layers_per_side", [2, 3])
def test_every_layer_of_the_discriminator_has_a_norm_of_its_own(tmp_path, layers_per_side):
    """Networks that share one cannot be saved: safetensors refuses tensors that share memory."""
    network = Discriminator(small().model_copy(update={"layers_per_side": layers_per_side}))
    save_file(network.state_dict(), tmp_path / "discriminator.safetensors")
    convolutions = [layer for layer in network.main if isinstance(layer, nn.Conv2d)]
    norms = [layer for layer in network.main if isinstance(layer, nn.BatchNorm2d)]
    assert len(norms) == len({id(norm) for norm in norms}) == len(convolutions) - 2


def test_spectral_normalisation_holds_every_layer_of_the_discriminator_at_one():
    """Its largest singular value, by torch's own decomposition, once the power iteration has settled."""
    network = Discriminator(small().model_copy(update={"norm_d": "spectral"}))
    initialise_weights(network, torch.Generator().manual_seed(0))
    for _ in range(50):
        network(torch.randn(2, 3, 32, 32))
    network.eval()
    layers = [layer for layer in network.main if isinstance(layer, torch.nn.Conv2d)]
    norms = [torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2).item() for layer in layers]
    assert norms == pytest.approx([1.0] * len(layers), rel=0.02)


def test_dropout_stands_behind_every_activation_of_the_generator_and_only_while_training():
    generator = Generator(small().model_copy(update={"dropout_g": 0.5}))
    kinds = [type(layer).__name__ for layer in generator.main]
    assert kinds.count("Dropout") == kinds.count("ReLU") == 3
    latents = torch.randn(2, 7, 1, 1)
    assert not torch.equal(generator(latents), generator(latents))
    generator.eval()
    assert torch.equal(generator(latents), generator(latents))
