"""The study's generator and discriminator (its figures 4.9 and 4.10), and the variations that it suggests."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Generator as RandomGenerator
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils.parametrizations import spectral_norm

from fashiongen.dcgan.params import NetworkParams
from fashiongen.images.pack import Frame

WEIGHT_STD = 0.02  # of initial weights; their mean is 0 in convolutions and 1 in BatchNorm (Radford et al. 2016)
BASE_SIDE_PX = 4  # the longer side of the generator's first and the discriminator's last feature map


class Generator(nn.Module):
    """Latents to images: a projection to 4 x 4, then layers that double both sides; a Tanh at the end.

    The last hidden layer has `shape.ngf` channels. At each smaller size the number of channels is twice as large.
    Images twice as high as wide begin with 4 x 2.
    """

    def __init__(self, shape: NetworkParams) -> None:
        super().__init__()
        self.latent_dim = shape.latent_dim
        widths = _widths(shape.ngf, shape.frame)[::-1]
        layers: list[nn.Module] = [nn.ConvTranspose2d(shape.latent_dim, widths[0], base_size(shape.frame), bias=False)]
        for width, narrower in pairwise([*widths, 3]):
            layers += self._activation(width, shape)
            for _ in range(shape.layers_per_side - 1):
                layers += [_same_side_layer(width), *self._activation(width, shape)]
            layers += [_upsampling_layer(width, narrower, shape.kernel_px)]
        self.main = nn.Sequential(*layers, nn.Tanh())

    @staticmethod
    def _activation(width: int, shape: NetworkParams) -> list[nn.Module]:
        dropout = [nn.Dropout(shape.dropout_g)] if shape.dropout_g else []
        return [nn.BatchNorm2d(width), nn.ReLU(inplace=True), *dropout]

    def forward(self, latents: Float[Tensor, "n latent 1 1"]) -> Float[Tensor, "n 3 height width"]:
        """RGB images in [-1, 1]."""
        images: Float[Tensor, "n 3 height width"] = self.main(latents)
        return images


class Discriminator(nn.Module):
    """Images to the probability that each is real: layers that halve both sides down to 4 x 4, then a Sigmoid.

    The first layer has `shape.ndf` channels. At each smaller size the number of channels is twice as large.
    Images twice as high as wide end with 4 x 2.
    """

    def __init__(self, shape: NetworkParams) -> None:
        super().__init__()
        widths = _widths(shape.ndf, shape.frame)
        layers: list[nn.Module] = []
        for width, wider in pairwise([3, *widths]):
            norm = self._norm(wider, shape) if layers else []
            layers += [_downsampling_layer(width, wider, shape.kernel_px), *norm, _leaky()]
            for _ in range(shape.layers_per_side - 1):
                layers += [_same_side_layer(wider), *self._norm(wider, shape), _leaky()]
        layers += [nn.Conv2d(widths[-1], 1, base_size(shape.frame), bias=False)]
        if shape.norm_d == "spectral":
            layers = [spectral_norm(layer) if isinstance(layer, nn.Conv2d) else layer for layer in layers]
        self.main = nn.Sequential(*layers, nn.Sigmoid())

    @staticmethod
    def _norm(width: int, shape: NetworkParams) -> list[nn.Module]:
        return [nn.BatchNorm2d(width)] if shape.norm_d == "batch" else []

    def forward(self, images: Float[Tensor, "n 3 height width"]) -> Float[Tensor, " n"]:
        """D(x), the probability that an image in [-1, 1] is real."""
        probabilities: Float[Tensor, " n"] = self.main(images).flatten()
        return probabilities

    def logits_network(self) -> nn.Sequential:
        """The layers before the Sigmoid, with shared weights; the losses are computed from their output."""
        return self.main[:-1]


def _upsampling_layer(width: int, narrower: int, kernel_px: int) -> nn.ConvTranspose2d:
    padding, output_padding = (kernel_px - 1) // 2, kernel_px % 2
    return nn.ConvTranspose2d(width, narrower, kernel_px, 2, padding, output_padding=output_padding, bias=False)


def _downsampling_layer(width: int, wider: int, kernel_px: int) -> nn.Conv2d:
    return nn.Conv2d(width, wider, kernel_px, 2, (kernel_px - 1) // 2, bias=False)


def _same_side_layer(width: int) -> nn.Conv2d:
    return nn.Conv2d(width, width, 3, 1, 1, bias=False)


def _leaky() -> nn.LeakyReLU:
    return nn.LeakyReLU(0.2, inplace=True)


@torch.no_grad()
def initialise_weights(network: nn.Module, rng: RandomGenerator) -> None:
    """Draw the weights at random: N(0, 0.02) in convolutions, N(1, 0.02) in BatchNorm, whose biases become 0.

    The two vectors from which spectral normalisation estimates a layer's largest singular value are drawn too.
    """
    for name, values in [*network.named_parameters(), *network.named_buffers()]:
        owner = network.get_submodule(name.rpartition(".")[0])
        if name.endswith(("._u", "._v")):
            values.copy_(normalize(values.normal_(generator=rng), dim=0))
        elif values.ndim == 4:
            nn.init.normal_(values, 0.0, WEIGHT_STD, generator=rng)
        elif isinstance(owner, nn.BatchNorm2d) and name.endswith(".weight"):
            nn.init.normal_(values, 1.0, WEIGHT_STD, generator=rng)
        elif isinstance(owner, nn.BatchNorm2d) and name.endswith(".bias"):
            nn.init.zeros_(values)


def count_parameters(network: nn.Module) -> int:
    """The number of trainable values of a network."""
    return sum(parameter.numel() for parameter in network.parameters())


def base_size(frame: Frame) -> tuple[int, int]:
    """The height and width of the smallest feature map."""
    return BASE_SIDE_PX * frame.height_px // max(frame), BASE_SIDE_PX * frame.width_px // max(frame)


def _widths(base: int, frame: Frame) -> list[int]:
    """Channels per resolution, from half of the frame down to the smallest feature map: base, 2 base, 4 base, …"""
    doublings = (max(frame) // BASE_SIDE_PX).bit_length() - 1
    return [base << step for step in range(doublings)]
