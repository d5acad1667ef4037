"""The generator and the discriminator in training, with their optimisers and random numbers."""

from dataclasses import dataclass
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.wrappers import _FabricModule
from torch import Tensor, nn
from torch.optim import Adam

from fashiongen.dcgan.networks.dcgan import Discriminator, Generator, initialise_weights
from fashiongen.dcgan.params import TrainingParams
from fashiongen.runtime.averaging import Average
from fashiongen.runtime.shared_norm import share_statistics

ADAM_BETA2 = 0.999


@dataclass(frozen=True)
class DcganTrainer:
    """All that a training step changes.

    `fabric_generator` and `fabric_discriminator` are the networks wrapped by Fabric for the device and the precision.
    A step calls them; weights are read from `generator` and `discriminator`.
    """

    generator: Generator
    discriminator: Discriminator
    average: Average[Generator] | None
    fabric_generator: _FabricModule  # latents to images
    fabric_discriminator: _FabricModule  # images to logits: autocast refuses a loss on probabilities
    optimizer_g: Adam
    optimizer_d: Adam
    rng: torch.Generator  # on the CPU, so that every device draws the same numbers

    @property
    def ema_generator(self) -> Generator:
        """The averaged generator, which samples are drawn from; the trained one where no average is kept."""
        return self.generator if self.average is None else self.average.network

    def copy_weights(self) -> dict[str, Tensor]:
        """The state of `ema_generator`, copied to the CPU."""
        return {name: tensor.detach().cpu().clone() for name, tensor in self.ema_generator.state_dict().items()}

    def state_dict(self) -> dict[str, Any]:
        """Weights, running statistics, the moments of both optimisers and the state of the random numbers.

        The global random numbers are part of it, because dropout draws from them.
        """
        device = next(self.generator.parameters()).device
        return {
            **{name: part.state_dict() for name, part in self._parts().items()},
            "rng": self.rng.get_state(),
            "rng_global": torch.get_rng_state(),
            "rng_cuda": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.rng.set_state(state["rng"])
        torch.set_rng_state(state["rng_global"])
        if state["rng_cuda"] is not None:
            torch.cuda.set_rng_state(state["rng_cuda"], next(self.generator.parameters()).device)

    def _parts(self) -> dict[str, Any]:
        names = ("generator", "discriminator", "average", "optimizer_g", "optimizer_d")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def named_weights(self) -> dict[str, Tensor]:
        """The weights and running statistics of both networks, as `generator.main.0.weight`."""
        networks = {"generator": self.generator, "discriminator": self.discriminator}
        return {
            f"{owner}.{name}": tensor
            for owner, network in networks.items()
            for name, tensor in network.state_dict().items()
        }


def build_trainer(params: TrainingParams, fabric: Fabric) -> DcganTrainer:
    """Networks with random initial weights, and their optimisers, on Fabric's device."""
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
    fabric_generator, optimizer_g = fabric.setup(generator, _adam(generator, params, params.learning_rate_g))
    fabric_discriminator, optimizer_d = fabric.setup(
        discriminator.logits_network(), _adam(discriminator, params, params.learning_rate_d)
    )
    return DcganTrainer(
        generator, discriminator, average, fabric_generator, fabric_discriminator, optimizer_g, optimizer_d, rng
    )


def _adam(network: nn.Module, params: TrainingParams, learning_rate: float) -> Adam:
    return Adam(network.parameters(), lr=learning_rate, betas=(params.beta1, ADAM_BETA2), fused=True)
