"""The exponential moving average (EMA) of a network over its training: less noisy than the weights of one step."""

import copy
from typing import Any, Generic, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)
RAMP = 0.05  # the half-life is at most this share of the images seen (Karras et al. 2020): early weights are forgotten


class Average(Generic[Network]):
    """`network` is the average: a copy in evaluation mode, on the device of the trained network."""

    def __init__(self, trained: Network, *, halflife_images: float) -> None:
        self.network = copy.deepcopy(trained).eval().requires_grad_(False)
        self.halflife_images = halflife_images

    @torch.no_grad()
    def update(self, trained: Network, *, batch_size: int, images_seen: int) -> None:
        """Move the average towards the trained network's weights and running statistics after a step."""
        decay = ema_decay(batch_size=batch_size, halflife_images=self.halflife_images, images_seen=images_seen)
        averaged, current = (list(of.state_dict().values()) for of in (self.network, trained))
        floats = [(mean, value) for mean, value in zip(averaged, current, strict=True) if mean.is_floating_point()]
        torch._foreach_lerp_([mean for mean, _ in floats], [value for _, value in floats], 1 - decay)

    def state_dict(self) -> dict[str, Any]:
        """The averaged weights and running statistics."""
        return self.network.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.network.load_state_dict(state)


def ema_decay(*, batch_size: int, halflife_images: float, images_seen: int) -> float:
    """The share of the average that a step keeps, so that a step's weight halves every `halflife_images` images."""
    halflife = min(halflife_images, images_seen * RAMP)
    return 0.5 ** (batch_size / halflife) if halflife > 0 else 0.0
