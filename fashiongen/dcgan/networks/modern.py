"""A modern generator and discriminator: residual blocks without normalisation, after R3GAN (Huang et al. 2024).

Written from the paper's description. What differs: a block is as wide inside as outside times `EXPANSION`, and images
are resampled by PyTorch's bilinear interpolation, of which halving is the mean of 2 x 2 pixels.
"""

from itertools import pairwise
from math import gcd, prod, sqrt

import torch
from jaxtyping import Float
from torch import Generator as RandomGenerator
from torch import Tensor, nn

from fashiongen.dcgan.networks.dcgan import base_size
from fashiongen.dcgan.params import NetworkParams
from fashiongen.images.pack import Frame

EXPANSION = 2  # channels inside a block, as a multiple of those outside (inverted bottleneck)
GROUP_CHANNELS = 16  # of the convolutions that look at neighbouring pixels
WIDEST = 768  # channels, at most
SLOPE = 0.2  # of leaky ReLU
GAIN = sqrt(
    2 / (1 + SLOPE**2)
)  # keeps the mean square from before a convolution to after its activation (He et al. 2015)


class Basis(nn.Module):
    """Latents to the first feature map: learned maps, each scaled by a linear function of the latents."""

    def __init__(self, latent_dim: int, width: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.maps = nn.Parameter(torch.empty(width, *size))
        self.scale = nn.Conv2d(latent_dim, width, 1, bias=False)

    def forward(self, latents: Float[Tensor, "n latent 1 1"]) -> Float[Tensor, "n width height_4 width_4"]:
        """The scaled maps."""
        maps: Float[Tensor, "n width height_4 width_4"] = self.scale(latents) * self.maps
        return maps


class Head(nn.Module):
    """The last feature map to a logit: a weighted sum of each channel's pixels, then of the channels."""

    def __init__(self, width: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.maps = nn.Parameter(torch.empty(width, *size))
        self.sum = nn.Linear(width, 1, bias=False)

    def forward(self, features: Float[Tensor, "n width height_4 width_4"]) -> Float[Tensor, "n 1"]:
        """The logits."""
        logits: Float[Tensor, "n 1"] = self.sum((features * self.maps).sum((2, 3)))
        return logits


class ResidualBlock(nn.Module):
    """Adds to its input a function of it: convolutions 1 x 1, grouped, and 1 x 1; the identity before the training."""

    def __init__(self, width: int, kernel_px: int) -> None:
        super().__init__()
        inner = width * EXPANSION
        groups = inner // gcd(inner, GROUP_CHANNELS)
        self.main = nn.Sequential(
            nn.Conv2d(width, inner, 1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(inner, inner, kernel_px, padding=kernel_px // 2, groups=groups),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(inner, width, 1, bias=False),
        )

    def forward(self, features: Float[Tensor, "n width height width_"]) -> Float[Tensor, "n width height width_"]:
        """The features, changed."""
        changed: Float[Tensor, "n width height width_"] = features + self.main(features)
        return changed


class ModernGenerator(nn.Module):
    """Latents to images: a learned 4 x 4 map, then residual blocks at each size, which doubles between them.

    At the full size there are `shape.ngf` channels. At each smaller size their number is twice as large, up to 768.
    Nothing limits the values: a generator that has learned stays about in [-1, 1], and what is beyond is cut off where
    bytes are made.
    """

    def __init__(self, shape: NetworkParams) -> None:
        super().__init__()
        self.latent_dim = shape.latent_dim
        widths = _widths(shape.ngf, shape.frame)[::-1]
        layers: list[nn.Module] = [Basis(shape.latent_dim, widths[0], base_size(shape.frame))]
        layers += [_blocks(widths[0], shape)]
        for width, narrower in pairwise(widths):
            upsample = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
            layers += [nn.Sequential(*_change_width(width, narrower), upsample), _blocks(narrower, shape)]
        self.main = nn.Sequential(*layers, nn.Conv2d(widths[-1], 3, 1, bias=False))

    def forward(self, latents: Float[Tensor, "n latent 1 1"]) -> Float[Tensor, "n 3 height width"]:
        """RGB images, about in [-1, 1]."""
        images: Float[Tensor, "n 3 height width"] = self.main(latents)
        return images


class ModernDiscriminator(nn.Module):
    """Images to the probability that each is real: the mirror image of the generator, and a Sigmoid.

    At the full size there are `shape.ndf` channels. At each smaller size their number is twice as large, up to 768.
    """

    def __init__(self, shape: NetworkParams) -> None:
        super().__init__()
        widths = _widths(shape.ndf, shape.frame)
        layers: list[nn.Module] = [nn.Conv2d(3, widths[0], 1, bias=False), _blocks(widths[0], shape)]
        for width, wider in pairwise(widths):
            layers += [nn.Sequential(nn.AvgPool2d(2), *_change_width(width, wider)), _blocks(wider, shape)]
        self.main = nn.Sequential(*layers, Head(widths[-1], base_size(shape.frame)), nn.Sigmoid())

    def forward(self, images: Float[Tensor, "n 3 height width"]) -> Float[Tensor, " n"]:
        """D(x), the probability that an image in [-1, 1] is real."""
        probabilities: Float[Tensor, " n"] = self.main(images).flatten()
        return probabilities

    def logits_network(self) -> nn.Sequential:
        """The layers before the Sigmoid, with shared weights; the losses are computed from their output."""
        return self.main[:-1]


def _blocks(width: int, shape: NetworkParams) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(width, shape.kernel_px) for _ in range(shape.layers_per_side)))


def _change_width(width: int, other: int) -> list[nn.Module]:
    return [nn.Conv2d(width, other, 1, bias=False)] if width != other else []


def _widths(base: int, frame: Frame) -> list[int]:
    """Channels per resolution, from the full frame down to the smallest feature map."""
    doublings = (max(frame) // max(base_size(frame))).bit_length()
    return [min(base << step, WIDEST) for step in range(doublings)]


@torch.no_grad()
def initialise_weights(network: nn.Module, rng: RandomGenerator) -> None:
    """Draw the weights at random, so that each layer keeps the mean square of its input.

    The last convolution of each of the L blocks is 0, so that the blocks change nothing at first. The others are scaled
    by L^(-1/4): then the first steps change the network's output by as much at any depth (Zhang et al. 2019).
    """
    blocks = [module for module in network.modules() if isinstance(module, ResidualBlock)]
    gains = {id(layer.weight): GAIN * len(blocks) ** -0.25 for block in blocks for layer in block.main[:4:2]}
    gains |= {id(block.main[-1].weight): 0.0 for block in blocks}
    for name, values in network.named_parameters():
        if name.endswith(".bias"):
            nn.init.zeros_(values)
        else:
            is_of_basis = isinstance(network.get_submodule(name.rpartition(".")[0]), Basis)
            fan_in = 1 if is_of_basis else prod(values.shape[1:])
            nn.init.normal_(values, 0.0, gains.get(id(values), 1.0) / sqrt(fan_in), generator=rng)
