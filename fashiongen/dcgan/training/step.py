"""One training step: the discriminator learns from a batch of real and fake images, then the generator."""

import torch
from jaxtyping import Float
from lightning_fabric import Fabric
from torch import Tensor

from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.augmentation import augment
from fashiongen.dcgan.training.losses import loss_of_generator, loss_on_fake, loss_on_real, r1_penalty
from fashiongen.dcgan.training.trainer import DcganTrainer


def train_step(
    trainer: DcganTrainer,
    real: Float[Tensor, "batch 3 height width"],
    latents: Float[Tensor, "batch latent 1 1"],
    params: TrainingParams,
    fabric: Fabric,
    *,
    step: int,
) -> Float[Tensor, "5"]:
    """One step of D on real and fake images, then one of G; returns Loss_D, Loss_G, D(x), D(G(z)) before and after.

    D learns the labels real = 1 and fake = 0; G learns to have its fakes labelled 1. `real` is in [-1, 1], and `step`
    counts from 0. The losses are computed from logits. They equal the study's BCE of the Sigmoid's output (its equation
    5.3), except that PyTorch limits that BCE to 100 where the probability underflows in float32.
    """
    fake = trainer.fabric_generator(latents)
    trainer.optimizer_d.zero_grad()
    with fabric.no_backward_sync(trainer.fabric_discriminator):  # the devices add up the gradients in the next pass
        loss_real, logits_real = _train_on_real(trainer, real, params, fabric, step=step)
    logits_fake = _discriminator_logits(trainer, fake.detach(), params)
    loss_fake = loss_on_fake(logits_fake, params.loss)
    fabric.backward(loss_fake)
    trainer.optimizer_d.step()

    loss_g, logits_after = _train_generator(trainer, fake, params, fabric)
    if trainer.average is not None:
        seen = (step + 1) * params.batch_size
        trainer.average.update(trainer.trained_generator, batch_size=params.batch_size, images_seen=seen)

    probabilities = [logits.detach().sigmoid().mean() for logits in (logits_real, logits_fake, logits_after)]
    return torch.stack([(loss_real + loss_fake).detach(), loss_g, *probabilities])


def _train_on_real(
    trainer: DcganTrainer, real: Tensor, params: TrainingParams, fabric: Fabric, *, step: int
) -> tuple[Float[Tensor, ""], Float[Tensor, " batch"]]:
    """Add the discriminator's gradients on real images, with R1's every `every_steps`; returns its loss and logits."""
    penalised = params.r1 is not None and step % params.r1.every_steps == 0
    logits = _discriminator_logits(trainer, real.requires_grad_(penalised), params)
    loss = loss_on_real(logits, params.loss)
    total = loss
    if params.r1 is not None and penalised:
        total = loss + params.r1.gamma * params.r1.every_steps * r1_penalty(logits, real)
    fabric.backward(total)
    return loss.detach(), logits


def _train_generator(
    trainer: DcganTrainer, fake: Tensor, params: TrainingParams, fabric: Fabric
) -> tuple[Float[Tensor, ""], Float[Tensor, " batch"]]:
    """A step of the generator's optimiser; returns its loss, and the discriminator's logits of the fake images."""
    trainer.optimizer_g.zero_grad()
    trainer.discriminator.requires_grad_(False)  # its gradients would be computed and never used
    with fabric.no_backward_sync(trainer.fabric_discriminator):
        logits = _discriminator_logits(trainer, fake, params)
    loss = loss_of_generator(logits, params.loss)
    fabric.backward(loss)
    trainer.optimizer_g.step()
    trainer.discriminator.requires_grad_(True)
    return loss.detach(), logits


def _discriminator_logits(
    trainer: DcganTrainer, images: Float[Tensor, "batch 3 height width"], params: TrainingParams
) -> Float[Tensor, " batch"]:
    """The discriminator's logits of the augmented images, in float32."""
    augmented = augment(images, params.augment, trainer.rng)
    logits: Float[Tensor, " batch"] = trainer.fabric_discriminator(augmented).flatten().float()
    return logits
