"""A network averaged over the steps of its training (EMA): it draws and detects steadier than any one step's."""

import copy
from typing import TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)
RAMP = 0.05  # the half-life is at most this share of the images seen (Karras et al. 2020): early weights are forgotten


def build_average(network: Network) -> Network:
    """A copy in evaluation mode, to be moved by `update_average`."""
    return copy.deepcopy(network).eval().requires_grad_(False)


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, *, decay: float) -> None:
    """Move the average to `decay` of itself and the rest of the network's weights and running statistics."""
    averaged, current = (list(of.state_dict().values()) for of in (average, network))
    floats = [(mean, value) for mean, value in zip(averaged, current, strict=True) if mean.is_floating_point()]
    torch._foreach_lerp_([mean for mean, _ in floats], [value for _, value in floats], 1 - decay)


def ema_decay(*, batch_size: int, halflife_images: float, images_seen: int) -> float:
    """The share of the average that a step keeps, so that a step's weight halves every `halflife_images` images."""
    halflife = min(halflife_images, images_seen * RAMP)
    return 0.5 ** (batch_size / halflife) if halflife > 0 else 0.0
