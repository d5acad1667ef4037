"""The two networks in training, with all that a step changes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.wrappers import _FabricModule
from torch import nn
from torch.optim import Adam

from fashiongen.dcgan.networks.dcgan import Discriminator, Generator, initialise_weights
from fashiongen.dcgan.params import TrainingParams
from fashiongen.runtime.averaging import Average
from fashiongen.runtime.shared_norm import share_statistics


@dataclass(frozen=True)
class Adversaries:
    """All that a training changes. `generate` and `judge` are the networks as the device and the precision run them."""

    generator: Generator
    discriminator: Discriminator
    average: Average[Generator] | None
    generate: _FabricModule
    judge: _FabricModule  # images to logits: autocast refuses a loss on probabilities
    optimizer_g: Adam
    optimizer_d: Adam
    rng: torch.Generator  # on the CPU, so that every device draws the same numbers

    @property
    def artist(self) -> Generator:
        """The generator that draws: the averaged one where there is one."""
        return self.generator if self.average is None else self.average.network

    def state_dict(self) -> dict[str, Any]:
        """Weights, running statistics, both Adams' moments and the state of the random numbers.

        The global random numbers are part of it: dropout draws from them.
        """
        device = next(self.generator.parameters()).device
        return {
            **{name: part.state_dict() for name, part in self._parts().items()},
            "rng": self.rng.get_state(),
            "rng_global": torch.get_rng_state(),
            "rng_cuda": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to what `state_dict` gave."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.rng.set_state(state["rng"])
        torch.set_rng_state(state["rng_global"])
        if state["rng_cuda"] is not None:
            torch.cuda.set_rng_state(state["rng_cuda"], next(self.generator.parameters()).device)

    def _parts(self) -> dict[str, Any]:
        names = ("generator", "discriminator", "average", "optimizer_g", "optimizer_d")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def non_finite(self, values: Sequence[float]) -> str | None:
        """What is no number any more, of these values and all weights; None while everything is."""
        if not all(map(math.isfinite, values)):
            return "a loss"
        for name, network in (("generator", self.generator), ("discriminator", self.discriminator)):
            if not all(bool(weight.isfinite().all()) for weight in network.parameters()):
                return f"a weight of the {name}"
        return None


def build_adversaries(params: TrainingParams, fabric: Fabric) -> Adversaries:
    """Freshly drawn networks with their optimisers on Fabric's device."""
    rng = torch.Generator().manual_seed(params.seed)
    generator, discriminator = Generator(params), Discriminator(params)
    for network in (generator, discriminator):
        initialise_weights(network, rng)
        network.to(fabric.device).to(memory_format=torch.channels_last)
    halflife = params.ema_halflife_images
    average = None if halflife is None else Average(generator, halflife_images=halflife)
    if fabric.world_size > 1:
        share_statistics(generator)
        share_statistics(discriminator)
    generate, optimizer_g = fabric.setup(generator, _adam(generator, params, params.learning_rate_g))
    judge, optimizer_d = fabric.setup(
        discriminator.logits_network(), _adam(discriminator, params, params.learning_rate_d)
    )
    return Adversaries(generator, discriminator, average, generate, judge, optimizer_g, optimizer_d, rng)


def _adam(network: nn.Module, params: TrainingParams, learning_rate: float) -> Adam:
    return Adam(network.parameters(), lr=learning_rate, betas=(params.beta1, 0.999), fused=True)
