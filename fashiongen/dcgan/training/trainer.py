"""The generator and the discriminator in training, with their optimisers and random numbers."""

from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.wrappers import _FabricModule
from torch import Tensor, nn
from torch.optim import Adam

from fashiongen.dcgan.networks.dcgan import Generator
from fashiongen.dcgan.networks.families import FAMILIES, AnyDiscriminator, AnyGenerator, TrainedGenerator
from fashiongen.dcgan.networks.growth import FadingDiscriminator, FadingGenerator
from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.phases import list_phases
from fashiongen.dcgan.training.schedule import ScheduledValues
from fashiongen.runtime.averaging import Average
from fashiongen.runtime.shared_norm import share_statistics


class DcganTrainer:
    """All that a training step changes: the networks of the current phase, their optimisers, the random numbers.

    A step calls `fabric_generator` and `fabric_discriminator`, which Fabric wraps for the device and the precision.
    Weights are read from `generator` and `discriminator`. The two `trained` ones stand between: after a growth they
    blend the new layers with the old image layers.
    """

    generator: AnyGenerator
    discriminator: AnyDiscriminator
    trained_generator: TrainedGenerator  # latents to images
    trained_discriminator: AnyDiscriminator | FadingDiscriminator
    average: Average[TrainedGenerator] | None  # of `trained_generator`
    fabric_generator: _FabricModule
    fabric_discriminator: _FabricModule  # images to logits: autocast refuses a loss on probabilities
    optimizer_g: Adam
    optimizer_d: Adam

    def __init__(self, params: TrainingParams, fabric: Fabric) -> None:
        """The networks of the first phase with random initial weights, on Fabric's device."""
        self._params, self._fabric, self._family = params, fabric, FAMILIES[params.family]
        self.rng = torch.Generator().manual_seed(params.seed)  # on the CPU, so that every device draws the same numbers
        first = list_phases(params)[0].height_px
        self._set_networks(first, *self._draw_networks(first), small=None)

    def grow_to(self, height_px: int) -> None:
        """Continue with networks for images of twice the height, unless they are there already.

        All layers but those that see the image are kept. Adam begins anew.
        """
        if height_px == self.height_px:
            return
        small, small_average = (self.generator, self.discriminator), self.average
        generator, discriminator = self._draw_networks(height_px)
        self._family.copy_inner_generator(self.generator, generator)
        self._family.copy_inner_discriminator(self.discriminator, discriminator)
        self._set_networks(height_px, generator, discriminator, small=small)
        if self.average is not None and small_average is not None:
            inner, grown = _without_fading(small_average.network), self.average.network
            if isinstance(grown, FadingGenerator) and isinstance(inner, Generator):
                grown.load_small(inner)
            else:
                self._family.copy_inner_generator(inner, grown)

    def fade_in(self, share: float) -> None:
        """Set the share of the layers that the last growth added, 0 to 1; before a growth there are none."""
        average = None if self.average is None else self.average.network
        for network in (self.trained_generator, self.trained_discriminator, average):
            if isinstance(network, FadingGenerator | FadingDiscriminator):
                network.share = share

    def _draw_networks(self, height_px: int) -> tuple[AnyGenerator, AnyDiscriminator]:
        shape, family = self._params.at(height_px), self._family
        networks = family.generator(shape), family.discriminator(shape)
        for network in networks:
            family.initialise_weights(network, self.rng)
            network.to(self._fabric.device).to(memory_format=torch.channels_last)
        return networks

    def _set_networks(
        self,
        height_px: int,
        generator: AnyGenerator,
        discriminator: AnyDiscriminator,
        *,
        small: tuple[AnyGenerator, AnyDiscriminator] | None,
    ) -> None:
        """`small` are the networks of half the size, whose image layers are faded out in the families that need it."""
        self.height_px, self.generator, self.discriminator = height_px, generator, discriminator
        self.trained_generator, self.trained_discriminator = generator, discriminator
        logits: nn.Module = discriminator.logits_network()
        if small is not None and self._family.fading is not None:
            self.trained_generator = self._family.fading.generator(generator, small[0])
            logits = self.trained_discriminator = self._family.fading.discriminator(discriminator, small[1])
        params, fabric = self._params, self._fabric
        halflife = params.ema_halflife_images
        self.average = None if halflife is None else Average(self.trained_generator, halflife_images=halflife)
        if fabric.world_size > 1:
            share_statistics(generator)
            share_statistics(discriminator)
        adam_g = _adam(generator, params, params.learning_rate_g)
        adam_d = _adam(discriminator, params, params.learning_rate_d)
        self.fabric_generator, self.optimizer_g = fabric.setup(self.trained_generator, adam_g)
        self.fabric_discriminator, self.optimizer_d = fabric.setup(logits, adam_d)

    def set_optimizers(self, values: ScheduledValues) -> None:
        """Set the learning rates and Adam's beta2 for the next step."""
        rates = (self.optimizer_g, values.learning_rate_g), (self.optimizer_d, values.learning_rate_d)
        for optimizer, learning_rate in rates:
            for group in optimizer.param_groups:
                group.update(lr=learning_rate, betas=(self._params.beta1, values.beta2))

    @property
    def ema_generator(self) -> TrainedGenerator:
        """The averaged generator, which samples are drawn from; the trained one where no average is kept."""
        return self.trained_generator if self.average is None else self.average.network

    def copy_weights(self) -> dict[str, Tensor]:
        """The state of `ema_generator` without its fading, copied to the CPU."""
        state = _without_fading(self.ema_generator).state_dict()
        return {name: tensor.detach().cpu().clone() for name, tensor in state.items()}

    def state_dict(self) -> dict[str, Any]:
        """The phase, weights, running statistics, both optimisers' moments and the state of the random numbers.

        The global random numbers are part of it, because dropout draws from them.
        """
        device = next(self.generator.parameters()).device
        return {
            "height_px": self.height_px,
            **{name: part.state_dict() for name, part in self._parts().items()},
            "rng": self.rng.get_state(),
            "rng_global": torch.get_rng_state(),
            "rng_cuda": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned, in whatever phase."""
        height_px = state["height_px"]
        if height_px != self.height_px:
            self._set_networks(height_px, *self._draw_networks(height_px), small=self._draw_networks(height_px // 2))
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.rng.set_state(state["rng"])
        torch.set_rng_state(state["rng_global"])
        if state["rng_cuda"] is not None:
            torch.cuda.set_rng_state(state["rng_cuda"], next(self.generator.parameters()).device)

    def _parts(self) -> dict[str, Any]:
        names = ("trained_generator", "trained_discriminator", "average", "optimizer_g", "optimizer_d")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def named_weights(self) -> dict[str, Tensor]:
        """The weights and running statistics of both networks, as `generator.main.0.weight`."""
        networks = {"generator": self.generator, "discriminator": self.discriminator}
        return {
            f"{owner}.{name}": tensor
            for owner, network in networks.items()
            for name, tensor in network.state_dict().items()
        }


def _without_fading(network: TrainedGenerator) -> AnyGenerator:
    return network.grown if isinstance(network, FadingGenerator) else network


def _adam(network: nn.Module, params: TrainingParams, learning_rate: float) -> Adam:
    return Adam(network.parameters(), lr=learning_rate, betas=(params.beta1, params.beta2), fused=True)
