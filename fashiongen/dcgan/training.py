"""The adversarial training of the study: two steps per batch, one record per epoch, resumable to the bit on a CPU."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, UInt8
from lightning_fabric import Fabric
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim import Adam

from fashiongen.dcgan.networks import Discriminator, Generator, initialise_weights
from fashiongen.dcgan.params import TrainingParams
from fashiongen.errors import NonFiniteLoss, TooFewImages
from fashiongen.runtime import Checkpoint


class EpochRecord(BaseModel):
    """One row of history.csv: means over an epoch's batches, under the names of the study and of PyTorch's example."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epoch: int  # from 1
    Loss_D: float  # -log D(x) - log(1 - D(G(z)))
    Loss_G: float  # -log D(G(z)) after D's step
    D_x: float  # D of real images, 0 to 1
    D_G_z1: float  # D of fake images before D's step
    D_G_z2: float  # … and after it
    images_seen: int  # real images since the first epoch


class Epoch(NamedTuple):
    """What `train` yields: all records so far, and the networks as they are now."""

    history: tuple[EpochRecord, ...]
    generator: Generator
    discriminator: Discriminator


@dataclass(frozen=True)
class Adversaries:
    """All that a training changes. `generate` and `judge` are the networks as the device and the precision run them."""

    generator: Generator
    discriminator: Discriminator
    generate: nn.Module
    judge: nn.Module  # images to logits: autocast refuses a loss on probabilities
    optimizer_g: Adam
    optimizer_d: Adam
    rng: torch.Generator  # on the CPU, so that every device draws the same numbers

    def state_dict(self) -> dict[str, Any]:
        """Weights, running statistics, both Adams' moments and the state of the random numbers."""
        parts = ("generator", "discriminator", "optimizer_g", "optimizer_d")
        return {name: getattr(self, name).state_dict() for name in parts} | {"rng": self.rng.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to what `state_dict` gave."""
        for name in ("generator", "discriminator", "optimizer_g", "optimizer_d"):
            getattr(self, name).load_state_dict(state[name])
        self.rng.set_state(state["rng"])


def build_adversaries(params: TrainingParams, fabric: Fabric) -> Adversaries:
    """Freshly drawn networks with their optimisers on Fabric's device."""
    rng = torch.Generator().manual_seed(params.seed)
    generator = Generator(latent_dim=params.latent_dim, ngf=params.ngf, side_px=params.side_px)
    discriminator = Discriminator(ndf=params.ndf, side_px=params.side_px)
    for network in (generator, discriminator):
        initialise_weights(network, rng)
        network.to(memory_format=torch.channels_last)
    generate, optimizer_g = fabric.setup(generator, _adam(generator, params))
    judge, optimizer_d = fabric.setup(discriminator.logits_network(), _adam(discriminator, params))
    return Adversaries(generator, discriminator, generate, judge, optimizer_g, optimizer_d, rng)


def _adam(network: nn.Module, params: TrainingParams) -> Adam:
    return Adam(network.parameters(), lr=params.learning_rate, betas=(params.beta1, 0.999))


def train(
    images: UInt8[Tensor, "n 3 side side"], params: TrainingParams, fabric: Fabric, checkpoint: Checkpoint
) -> Iterator[Epoch]:
    """Yield after every epoch, starting behind the checkpoint's where there is one.

    An epoch is checkpointed when the caller asks for the next: by then it has written what it wants of this one.
    The last epoch is not, so that a resumed training always yields at least once.

    Raises:
        TooFewImages: the images do not fill one batch.
        NonFiniteLoss: a loss or a weight is not a number any more; the last checkpoint stays.
        ValueError: the images are not of the networks' side: D would tell them from fakes by their size alone.
    """
    if images.shape[-1] != params.side_px:
        raise ValueError(f"images of {images.shape[-1]} px for networks of {params.side_px} px")
    if len(images) < params.batch_size:
        raise TooFewImages(f"{len(images)} training images fill no batch of {params.batch_size}: lower batch_size")
    adversaries = build_adversaries(params, fabric)
    history = _resume(adversaries, checkpoint)
    images = fabric.to_device(images)
    while len(history) < params.epochs:
        history.append(train_one_epoch(adversaries, images, params, fabric, epoch=len(history) + 1))
        yield Epoch(tuple(history), adversaries.generator, adversaries.discriminator)
        if len(history) < params.epochs and len(history) % params.checkpoint_every_epochs == 0:
            rows = [record.model_dump() for record in history]
            checkpoint.save(adversaries.state_dict() | {"history": rows})


def _resume(adversaries: Adversaries, checkpoint: Checkpoint) -> list[EpochRecord]:
    """The records of the epochs that are done; the adversaries become what they were after the last of them."""
    state = checkpoint.load()
    if state is None:
        return []
    adversaries.load_state_dict(state)
    return [EpochRecord(**row) for row in state["history"]]


def train_one_epoch(
    adversaries: Adversaries,
    images: UInt8[Tensor, "n 3 side side"],
    params: TrainingParams,
    fabric: Fabric,
    *,
    epoch: int,
) -> EpochRecord:
    """Train on every full batch of one shuffling, and return the means over the batches.

    Raises:
        NonFiniteLoss: a loss or a weight is not a number any more.
    """
    adversaries.generator.train()
    adversaries.discriminator.train()
    sums = torch.zeros(5, device=fabric.device)
    for real, latents in draw_batches(images, params, adversaries.rng):
        sums += train_step(adversaries, real, latents, fabric)
    batches = len(images) // params.batch_size
    means = (sums / batches).tolist()  # the epoch's one wait for the device
    _check_finite(adversaries, means, epoch)
    loss_d, loss_g, d_x, d_g_z1, d_g_z2 = means
    return EpochRecord(
        epoch=epoch,
        Loss_D=loss_d,
        Loss_G=loss_g,
        D_x=d_x,
        D_G_z1=d_g_z1,
        D_G_z2=d_g_z2,
        images_seen=epoch * batches * params.batch_size,
    )


def draw_batches(
    images: UInt8[Tensor, "n 3 side side"], params: TrainingParams, rng: torch.Generator
) -> Iterator[tuple[Float[Tensor, "batch 3 side side"], Float[Tensor, "batch latent 1 1"]]]:
    """Pairs of real images in [-1, 1] and latents; the images that fill no batch sit this epoch out.

    A smaller last batch would change the statistics of BatchNorm; the next shuffling leaves out others.
    """
    order = torch.randperm(len(images), generator=rng)
    for chosen in order.split(params.batch_size)[: len(images) // params.batch_size]:
        real = images[chosen.to(images.device)].float().div(127.5).sub(1)
        if params.flip:
            mirrored = torch.rand(len(chosen), 1, 1, 1, generator=rng) < 0.5
            real = torch.where(mirrored.to(images.device), real.flip(-1), real)
        latents = torch.randn(len(chosen), params.latent_dim, 1, 1, generator=rng)
        yield real.contiguous(memory_format=torch.channels_last), latents.to(images.device)


def train_step(
    adversaries: Adversaries,
    real: Float[Tensor, "batch 3 side side"],
    latents: Float[Tensor, "batch latent 1 1"],
    fabric: Fabric,
) -> Float[Tensor, "5"]:
    """One step of D on real = 1 and fake = 0, then one of G on fake = 1; Loss_D, Loss_G, D(x), D(G(z)) twice.

    The losses are computed from logits: the study's BCE of the Sigmoid's output (its equation 5.3), except that
    PyTorch cuts that one off at 100 where D is surer than float32 can say.
    """
    fake = adversaries.generate(latents)
    adversaries.optimizer_d.zero_grad()
    real_logits, real_loss = _judge(adversaries, real, target=1.0)
    fake_logits, fake_loss = _judge(adversaries, fake.detach(), target=0.0)
    fabric.backward(real_loss)
    fabric.backward(fake_loss)
    adversaries.optimizer_d.step()

    adversaries.optimizer_g.zero_grad()
    adversaries.discriminator.requires_grad_(False)  # its gradients would be computed and thrown away
    fooled_logits, loss_g = _judge(adversaries, fake, target=1.0)
    fabric.backward(loss_g)
    adversaries.optimizer_g.step()
    adversaries.discriminator.requires_grad_(True)

    probabilities = [logits.detach().sigmoid().mean() for logits in (real_logits, fake_logits, fooled_logits)]
    return torch.stack([(real_loss + fake_loss).detach(), loss_g.detach(), *probabilities])


def _judge(
    adversaries: Adversaries, images: Float[Tensor, "batch 3 side side"], *, target: float
) -> tuple[Float[Tensor, " batch"], Float[Tensor, ""]]:
    logits = adversaries.judge(images).flatten().float()
    return logits, binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def _check_finite(adversaries: Adversaries, means: list[float], epoch: int) -> None:
    networks = (adversaries.generator, adversaries.discriminator)
    weights_finite = all(bool(weight.isfinite().all()) for network in networks for weight in network.parameters())
    if not (weights_finite and all(map(math.isfinite, means))):
        raise NonFiniteLoss(
            f"epoch {epoch}: Loss_D = {means[0]:.4g}, Loss_G = {means[1]:.4g}, weights "
            f"{'finite' if weights_finite else 'not finite'}; the last checkpoint is kept: lower learning_rate, "
            "or set precision to 32-true"
        )
