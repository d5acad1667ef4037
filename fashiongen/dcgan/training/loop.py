"""The adversarial training of the study: two steps per batch, one record per epoch, resumable to the bit on a CPU."""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Float, UInt8
from lightning_fabric import Fabric
from torch import Tensor

from fashiongen.dcgan.networks.dcgan import Discriminator, Generator
from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.adversaries import Adversaries, build_adversaries
from fashiongen.dcgan.training.augmentation import augment
from fashiongen.dcgan.training.history import Best, MeasureKID, better, build_observer
from fashiongen.dcgan.training.losses import loss_of_generator, loss_on_fake, loss_on_real, r1_penalty
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.errors import NonFiniteLoss, TooFewImages
from fashiongen.runtime.checkpoints import Checkpoint


class Trained(NamedTuple):
    """What a training ends with, in numbers and tensors, which pass from one process to another."""

    history: tuple[EpochRecord, ...]
    best: Best
    discriminator: dict[str, Tensor]  # of the last epoch


class Epoch(NamedTuple):
    """What `train` yields: all records so far, and the networks as they are now."""

    history: tuple[EpochRecord, ...]
    generator: Generator  # the one that draws: averaged where the params ask for it
    discriminator: Discriminator
    best: Best

    def as_last(self) -> Trained:
        """What the training ends with if it ends here."""
        weights = {name: tensor.detach().cpu() for name, tensor in self.discriminator.state_dict().items()}
        return Trained(self.history, self.best, weights)


def train(
    images: UInt8[Tensor, "n 3 side side"],
    params: TrainingParams,
    fabric: Fabric,
    checkpoint: Checkpoint,
    measure_kid: MeasureKID | None,
) -> Iterator[Epoch]:
    """Yield after every epoch, starting behind the checkpoint's where there is one.

    An epoch is checkpointed when the caller asks for the next: by then it has written what it wants of this one.
    The last epoch is not, so that a resumed training always yields at least once. `measure_kid` is called with
    generated images every `params.selection.every_epochs`; it is None where `params.selection` is.

    On several devices each process calls it alike and has its share of every batch; the yields are the same in all,
    and the first process saves the checkpoints. Dropout and augmentation change the shares alike.

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
    history, best = _resume(adversaries, fabric.broadcast(checkpoint.load() if fabric.is_global_zero else None))
    observer = build_observer(images, params, measure_kid)
    images = fabric.to_device(images)
    while len(history) < params.epochs:
        epoch = len(history) + 1
        means = train_one_epoch(adversaries, images, params, fabric, epoch=epoch)
        history.append(observer.record(adversaries.artist, epoch, means))
        best = better(best, history[-1], adversaries.artist)
        yield Epoch(tuple(history), adversaries.artist, adversaries.discriminator, best)
        if len(history) < params.epochs and len(history) % params.checkpoint_every_epochs == 0:
            rows = [record.model_dump() for record in history]
            if fabric.is_global_zero:
                checkpoint.save(adversaries.state_dict() | {"history": rows, "best": best._asdict()})


def _resume(adversaries: Adversaries, state: dict[str, Any] | None) -> tuple[list[EpochRecord], Best | None]:
    """The records of the epochs that are done; the adversaries become what they were after the last of them."""
    if state is None:
        return [], None
    adversaries.load_state_dict(state)
    return [EpochRecord(**row) for row in state["history"]], Best(**state["best"])


def train_one_epoch(
    adversaries: Adversaries,
    images: UInt8[Tensor, "n 3 side side"],
    params: TrainingParams,
    fabric: Fabric,
    *,
    epoch: int,
) -> list[float]:
    """Train on every full batch of one shuffling: the batches' mean Loss_D, Loss_G, D(x) and D(G(z)) twice.

    Raises:
        NonFiniteLoss: a loss or a weight is not a number any more.
    """
    adversaries.generator.train()
    adversaries.discriminator.train()
    sums = torch.zeros(5, device=fabric.device)
    batches = len(images) // params.batch_size
    share = slice(fabric.global_rank, None, fabric.world_size)
    for number, (real, latents) in enumerate(draw_batches(images, params, adversaries.rng, share=share)):
        step = (epoch - 1) * batches + number
        sums += train_step(adversaries, real, latents, params, fabric, step=step)
    sums = cast(Tensor, fabric.all_reduce(sums))  # the mean of the devices'
    means: list[float] = (sums / batches).tolist()  # the epoch's one wait for the device
    if lost := adversaries.non_finite(means):
        raise NonFiniteLoss(
            f"epoch {epoch}: {lost} is not finite (Loss_D = {means[0]:.4g}, Loss_G = {means[1]:.4g}); the last "
            "checkpoint is kept: lower learning_rate_g and learning_rate_d, or set precision to 32-true"
        )
    return means


def draw_batches(
    images: UInt8[Tensor, "n 3 side side"], params: TrainingParams, rng: torch.Generator, *, share: slice = slice(None)
) -> Iterator[tuple[Float[Tensor, "share 3 side side"], Float[Tensor, "share latent 1 1"]]]:
    """Pairs of real images in [-1, 1] and latents: this process's share of each batch of `params.batch_size`.

    The images that fill no batch sit this epoch out: a smaller last batch would change the statistics of BatchNorm,
    and the next shuffling leaves out others.
    """
    order = torch.randperm(len(images), generator=rng)
    for chosen in torch.split(order, params.batch_size)[: len(images) // params.batch_size]:
        real = images[chosen[share].to(images.device)].float().div(127.5).sub(1)
        if params.flip:
            mirrored = torch.rand(len(chosen), 1, 1, 1, generator=rng)[share] < 0.5
            real = torch.where(mirrored.to(images.device), real.flip(-1), real)
        latents = torch.randn(len(chosen), params.latent_dim, 1, 1, generator=rng)[share]
        yield real.contiguous(memory_format=torch.channels_last), latents.to(images.device)


def train_step(
    adversaries: Adversaries,
    real: Float[Tensor, "batch 3 side side"],
    latents: Float[Tensor, "batch latent 1 1"],
    params: TrainingParams,
    fabric: Fabric,
    *,
    step: int,
) -> Float[Tensor, "5"]:
    """One step of D on real = 1 and fake = 0, then one of G on fake = 1; Loss_D, Loss_G, D(x), D(G(z)) twice.

    The losses are computed from logits: the study's BCE of the Sigmoid's output (its equation 5.3), except that
    PyTorch cuts that one off at 100 where D is surer than float32 can say.
    """
    fake = adversaries.generate(latents)
    adversaries.optimizer_d.zero_grad()
    with fabric.no_backward_sync(adversaries.judge):  # the pass on fake images brings the gradients of both together
        loss_real, logits_real = _judge_real(adversaries, real, params, fabric, step=step)
    logits_fake = _judge(adversaries, fake.detach(), params)
    loss_fake = loss_on_fake(logits_fake, params.loss)
    fabric.backward(loss_fake)
    adversaries.optimizer_d.step()

    adversaries.optimizer_g.zero_grad()
    adversaries.discriminator.requires_grad_(False)  # its gradients would be computed and thrown away
    with fabric.no_backward_sync(adversaries.judge):
        logits_fooled = _judge(adversaries, fake, params)
    loss_g = loss_of_generator(logits_fooled, params.loss)
    fabric.backward(loss_g)
    adversaries.optimizer_g.step()
    adversaries.discriminator.requires_grad_(True)
    if adversaries.average is not None:
        seen = (step + 1) * params.batch_size
        adversaries.average.update(adversaries.generator, batch_size=params.batch_size, images_seen=seen)

    probabilities = [logits.detach().sigmoid().mean() for logits in (logits_real, logits_fake, logits_fooled)]
    return torch.stack([(loss_real + loss_fake).detach(), loss_g.detach(), *probabilities])


def _judge_real(
    adversaries: Adversaries, real: Tensor, params: TrainingParams, fabric: Fabric, *, step: int
) -> tuple[Float[Tensor, ""], Float[Tensor, " batch"]]:
    """The discriminator's loss on real images and its logits, after the backward pass; R1 where it is due."""
    penalised = params.r1 is not None and step % params.r1.every_steps == 0
    logits = _judge(adversaries, real.requires_grad_(penalised), params)
    loss = loss_on_real(logits, params.loss)
    total = loss
    if params.r1 is not None and penalised:
        total = loss + params.r1.gamma * params.r1.every_steps * r1_penalty(logits, real)
    fabric.backward(total)
    return loss.detach(), logits


def _judge(adversaries: Adversaries, images: Tensor, params: TrainingParams) -> Float[Tensor, " batch"]:
    shown = augment(images, params.augment, adversaries.rng)
    judged: Float[Tensor, " batch"] = adversaries.judge(shown).flatten().float()
    return judged
