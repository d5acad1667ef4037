"""One training step: the discriminator learns from a batch of real and fake images, then the generator."""

import torch
from jaxtyping import Float
from lightning_fabric import Fabric
from torch import Tensor

from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.augmentation import augment
from fashiongen.dcgan.training.losses import (
    gradient_penalty,
    loss_of_generator,
    loss_of_pairs,
    loss_on_fake,
    loss_on_real,
)
from fashiongen.dcgan.training.schedule import ScheduledValues
from fashiongen.dcgan.training.trainer import DcganTrainer
from fashiongen.runtime.devices import gradients_allowed


def train_step(
    trainer: DcganTrainer,
    real: Float[Tensor, "batch 3 height width"],
    latents: Float[Tensor, "batch latent 1 1"],
    params: TrainingParams,
    fabric: Fabric,
    *,
    step: int,
    values: ScheduledValues,
) -> Float[Tensor, "5"]:
    """One step of D on real and fake images, then one of G; returns Loss_D, Loss_G, D(x), D(G(z)) before and after.

    D learns the labels real = 1 and fake = 0; G learns to have its fakes labelled 1. `real` is in [-1, 1], and `step`
    counts from 0. The losses are computed from logits. They equal the study's BCE of the Sigmoid's output (its equation
    5.3), except that PyTorch limits that BCE to 100 where the probability underflows in float32.

    A relativistic loss tells by how much a real image's logit is above a fake one's. It leaves open what the logits
    are: D(x) and D(G(z)) then say only which is greater.
    """
    trainer.set_optimizers(values)
    fake = trainer.fabric_generator(latents)
    loss_d, logits_real, logits_fake = _train_discriminator(
        trainer, real, fake.detach(), params, fabric, step=step, values=values
    )
    loss_g, logits_after = _train_generator(trainer, real.detach(), fake, params, fabric, values=values)
    if trainer.average is not None:
        seen = (step + 1) * params.batch_size
        trainer.average.update(trainer.trained_generator, batch_size=params.batch_size, images_seen=seen)

    probabilities = [logits.detach().sigmoid().mean() for logits in (logits_real, logits_fake, logits_after)]
    return torch.stack([loss_d, loss_g, *probabilities])


def _train_discriminator(
    trainer: DcganTrainer,
    real: Tensor,
    fake: Tensor,
    params: TrainingParams,
    fabric: Fabric,
    *,
    step: int,
    values: ScheduledValues,
) -> tuple[Float[Tensor, ""], Float[Tensor, " batch"], Float[Tensor, " batch"]]:
    """A step of the discriminator's optimiser; returns its loss, and its logits of real and of fake images.

    A loss on single images is propagated back from the real ones first, which takes half the memory.
    """
    penalty, loss = params.penalty, params.loss
    is_due = penalty is not None and step % penalty.every_steps == 0
    weight = values.gamma * penalty.every_steps if penalty is not None and is_due else 0.0
    weight_fake = weight if penalty is not None and penalty.at == "both" else 0.0
    trainer.optimizer_d.zero_grad()
    with fabric.no_backward_sync(trainer.fabric_discriminator):  # the devices add up the gradients in the next pass
        logits_real, penalty_real = _logits_and_penalty(trainer, real, params, values, weight=weight)
        if loss != "relativistic":
            loss_real = loss_on_real(logits_real, loss)
            fabric.backward(loss_real + penalty_real)
    logits_fake, penalty_fake = _logits_and_penalty(trainer, fake, params, values, weight=weight_fake)
    if loss != "relativistic":
        loss_fake = loss_on_fake(logits_fake, loss)
        fabric.backward(loss_fake + penalty_fake)
        total = loss_real + loss_fake
    else:
        total = loss_of_pairs(better=logits_real, worse=logits_fake)
        fabric.backward(total + penalty_real + penalty_fake)
    trainer.optimizer_d.step()
    return total.detach(), logits_real, logits_fake


def _logits_and_penalty(
    trainer: DcganTrainer, images: Tensor, params: TrainingParams, values: ScheduledValues, *, weight: float
) -> tuple[Float[Tensor, " batch"], Float[Tensor, ""] | float]:
    """The discriminator's logits of images, and the weighted penalty on their gradient."""
    logits = _discriminator_logits(trainer, images.requires_grad_(weight > 0), params, values)
    if weight == 0:
        return logits, 0.0
    with gradients_allowed():
        return logits, weight * gradient_penalty(logits, images)


def _train_generator(
    trainer: DcganTrainer,
    real: Tensor,
    fake: Tensor,
    params: TrainingParams,
    fabric: Fabric,
    *,
    values: ScheduledValues,
) -> tuple[Float[Tensor, ""], Float[Tensor, " batch"]]:
    """A step of the generator's optimiser; returns its loss, and the discriminator's logits of the fake images."""
    trainer.optimizer_g.zero_grad()
    trainer.discriminator.requires_grad_(False)  # its gradients would be computed and never used
    with fabric.no_backward_sync(trainer.fabric_discriminator):
        logits = _discriminator_logits(trainer, fake, params, values)
        if params.loss == "relativistic":
            loss = loss_of_pairs(better=logits, worse=_discriminator_logits(trainer, real, params, values))
        else:
            loss = loss_of_generator(logits, params.loss)
    fabric.backward(loss)
    trainer.optimizer_g.step()
    trainer.discriminator.requires_grad_(True)
    return loss.detach(), logits


def _discriminator_logits(
    trainer: DcganTrainer,
    images: Float[Tensor, "batch 3 height width"],
    params: TrainingParams,
    values: ScheduledValues,
) -> Float[Tensor, " batch"]:
    """The discriminator's logits of the augmented images, in float32."""
    augmented = augment(images, params.augment, trainer.rng, prob=values.augment_prob)
    logits: Float[Tensor, " batch"] = trainer.fabric_discriminator(augmented).flatten().float()
    return logits
