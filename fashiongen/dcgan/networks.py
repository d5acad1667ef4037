"""The study's generator and discriminator (its figures 4.9 and 4.10), in any width and in sides of a power of two."""

from itertools import pairwise

from jaxtyping import Float
from torch import Generator as RandomGenerator
from torch import Tensor, nn

WEIGHT_STD = 0.02  # of every initial weight, around 0 in convolutions and around 1 in BatchNorm (Radford et al. 2016)


class Generator(nn.Module):
    """Latents to images: one projection to 4 x 4, then a doubling of the side per layer; the last layer's is a Tanh."""

    def __init__(self, *, latent_dim: int, ngf: int, side_px: int) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        widths = _widths(ngf, side_px)[::-1]
        layers: list[nn.Module] = [nn.ConvTranspose2d(latent_dim, widths[0], 4, 1, 0, bias=False)]
        for width, narrower in pairwise(widths):
            layers += [nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
            layers += [nn.ConvTranspose2d(width, narrower, 4, 2, 1, bias=False)]
        layers += [nn.BatchNorm2d(ngf), nn.ReLU(inplace=True)]
        layers += [nn.ConvTranspose2d(ngf, 3, 4, 2, 1, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)

    def forward(self, latents: Float[Tensor, "n latent 1 1"]) -> Float[Tensor, "n 3 side side"]:
        """RGB images in [-1, 1]."""
        return self.main(latents)


class Discriminator(nn.Module):
    """Images to the probability that each is real: a halving of the side per layer down to 4 x 4, then a Sigmoid."""

    def __init__(self, *, ndf: int, side_px: int) -> None:
        super().__init__()
        widths = _widths(ndf, side_px)
        layers: list[nn.Module] = [nn.Conv2d(3, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
        for width, wider in pairwise(widths):
            layers += [nn.Conv2d(width, wider, 4, 2, 1, bias=False)]
            layers += [nn.BatchNorm2d(wider), nn.LeakyReLU(0.2, inplace=True)]
        layers += [nn.Conv2d(widths[-1], 1, 4, 1, 0, bias=False), nn.Sigmoid()]
        self.main = nn.Sequential(*layers)

    def forward(self, images: Float[Tensor, "n 3 side side"]) -> Float[Tensor, " n"]:
        """D(x), the probability that an image in [-1, 1] is real."""
        return self.main(images).flatten()

    def logits_network(self) -> nn.Sequential:
        """The layers below the Sigmoid, sharing their weights: what the loss is computed from."""
        return self.main[:-1]


def initialise_weights(network: nn.Module, rng: RandomGenerator) -> None:
    """Draw the weights anew: N(0, 0.02) in convolutions, N(1, 0.02) in BatchNorm, whose biases become 0."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, WEIGHT_STD, generator=rng)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, WEIGHT_STD, generator=rng)
            nn.init.zeros_(module.bias)


def count_parameters(network: nn.Module) -> int:
    """How many numbers a training changes in a network."""
    return sum(parameter.numel() for parameter in network.parameters())


def _widths(base: int, side_px: int) -> list[int]:
    """Channels per resolution, from side_px / 2 down to 4: base, 2 base, 4 base, …

    Raises:
        ValueError: the side is no power of two from 8 on.
    """
    doublings = side_px.bit_length() - 3
    if doublings < 1 or side_px != 4 << doublings:
        raise ValueError(f"side_px must be a power of two from 8 on, not {side_px}")
    return [base << step for step in range(doublings)]
