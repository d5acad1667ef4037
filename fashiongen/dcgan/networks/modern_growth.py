"""Modern networks of one size as the inner layers of networks of twice that size, which at first compute the same.

The blocks of the new size are the identity before they train. Besides them the larger network has a layer that changes
the number of channels, next to the one that makes or sees the image: both together must be the layer that made or saw
the smaller image. Of the many solutions the one nearest to the random weights is taken.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.linalg import pinv

from fashiongen.dcgan.networks.growth import copy_layers
from fashiongen.dcgan.networks.modern import ModernDiscriminator, ModernGenerator


@torch.no_grad()
def copy_inner_generator(inner: ModernGenerator, grown: ModernGenerator) -> None:
    """Copy `inner` into `grown`, whose images are twice as large, so that it draws the same images, enlarged."""
    copy_layers(inner.main[:-1], grown.main)
    transition, to_image = next(grown.main[-3].children()), grown.main[-1]
    expected = _matrix(inner.main[-1])
    if isinstance(transition, nn.Conv2d):
        first, last = _matrix(transition), _matrix(to_image)
        _set(transition, first + pinv(last) @ (expected - last @ first))
    else:
        _set(to_image, expected)


@torch.no_grad()
def copy_inner_discriminator(inner: ModernDiscriminator, grown: ModernDiscriminator) -> None:
    """Copy `inner` into `grown`, whose images are twice as large, so that its logits are those of the halved images."""
    layers = inner.main[1:]
    copy_layers(layers, grown.main[-len(layers) :])
    from_image, transition = grown.main[0], list(grown.main[2].children())[-1]
    expected = _matrix(inner.main[0])
    if isinstance(transition, nn.Conv2d):
        first, last = _matrix(from_image), _matrix(transition)
        _set(transition, last + (expected - last @ first) @ pinv(first))
    else:
        _set(from_image, expected)


def _matrix(layer: nn.Module) -> Float[Tensor, "to from_"]:
    """The weights of a 1 x 1 convolution, in float64 on the CPU."""
    weight: Tensor = layer.get_parameter("weight")
    return weight.flatten(1).double().cpu()


def _set(layer: nn.Module, matrix: Float[Tensor, "to from_"]) -> None:
    layer.get_parameter("weight").copy_(matrix[:, :, None, None])
