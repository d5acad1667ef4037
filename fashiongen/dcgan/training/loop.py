"""The adversarial training of the study: a record per epoch, resumable to the bit on a CPU."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias, cast

import torch
from jaxtyping import UInt8
from lightning_fabric import Fabric
from torch import Tensor

from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.batches import draw_batches
from fashiongen.dcgan.training.epoch_evaluator import MeasureDistances, build_evaluator
from fashiongen.dcgan.training.phases import Phase, list_phases, shrink
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.dcgan.training.schedule import values_at
from fashiongen.dcgan.training.step import train_step
from fashiongen.dcgan.training.trainer import DcganTrainer
from fashiongen.errors import TooFewImages
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.training import (
    Best,
    CheckpointPolicy,
    TrainingState,
    TrainingStep,
    require_finite,
    run_training,
)

REMEDY = "lower learning_rate_g and learning_rate_d, or set precision to 32-true"
DcganState: TypeAlias = TrainingState[DcganTrainer, EpochRecord]
DcganStep: TypeAlias = TrainingStep[DcganTrainer, EpochRecord]


class TrainingResult(NamedTuple):
    """What a training ends with, in numbers and tensors, which pass from one process to another."""

    history: tuple[EpochRecord, ...]
    best: Best  # the generator of the lowest score; without a selection the last epoch's
    discriminator: dict[str, Tensor]  # of the last epoch, on the CPU


def get_result(state: DcganState) -> TrainingResult:
    """The result if the training ended here."""
    weights = {name: tensor.detach().cpu() for name, tensor in state.trainer.discriminator.state_dict().items()}
    return TrainingResult(tuple(state.history), state.best, weights)


def train(
    images: UInt8[Tensor, "n 3 height width"],
    params: TrainingParams,
    fabric: Fabric,
    checkpoint: Checkpoint,
    measure_distances: MeasureDistances | None,
) -> Iterator[DcganStep]:
    """Train and yield a record after every epoch; a resumed training first yields the records of its checkpoint.

    An epoch is checkpointed when the caller asks for the next one. `measure_distances` is called with generated
    images every `params.selection.every_epochs`; it is None where `params.selection` is.

    On several devices each process calls this alike and trains on its share of every batch. The yields are the same in
    all, and the first process saves the checkpoints. Dropout and augmentation change the shares alike.

    Raises:
        TooFewImages: the images do not fill one batch.
        NonFiniteLoss: a loss or a weight is infinite or NaN; the last checkpoint stays.
        ValueError: the images do not have the networks' size: D could tell them from fakes by their size alone.
    """
    if tuple(images.shape[-2:]) != tuple(params.frame):
        raise ValueError(f"images of {tuple(images.shape[-2:])} px for networks of {tuple(params.frame)} px")
    if len(images) < params.batch_size:
        raise TooFewImages(f"{len(images)} training images fill no batch of {params.batch_size}: lower batch_size")
    state: DcganState = TrainingState(DcganTrainer(params, fabric), EpochRecord, best="lowest")
    state.resume(checkpoint, fabric)
    policy = CheckpointPolicy(every_steps=params.checkpoint_every_epochs, every_s=None)
    records = _train_epochs(state.trainer, images, params, fabric, measure_distances, done=state.step)
    yield from run_training(state, records, fabric=fabric, checkpoint=checkpoint, policy=policy)


def _train_epochs(
    trainer: DcganTrainer,
    images: UInt8[Tensor, "n 3 height width"],
    params: TrainingParams,
    fabric: Fabric,
    measure_distances: MeasureDistances | None,
    *,
    done: int,
) -> Iterator[EpochRecord]:
    """Train and evaluate the epochs that are left after `done` ones, phase by phase."""
    images = fabric.to_device(images)
    for phase in list_phases(params):
        epochs = phase.epochs_after(done)
        if not epochs:
            continue
        trainer.grow_to(phase.height_px)
        scaled = shrink(images, phase.height_px)
        evaluator = build_evaluator(scaled, params, measure_distances)
        for epoch in epochs:
            means = train_one_epoch(trainer, scaled, params, fabric, phase, epoch=epoch)
            trainer.fade_in(phase.new_share(float(epoch)))
            yield evaluator.evaluate(trainer.ema_generator, epoch, means)


def train_one_epoch(
    trainer: DcganTrainer,
    images: UInt8[Tensor, "n 3 height width"],
    params: TrainingParams,
    fabric: Fabric,
    phase: Phase,
    *,
    epoch: int,
) -> list[float]:
    """Train on every full batch of one shuffling; returns the means of what `train_step` returns.

    The images have the size of the phase, and `epoch` is from 1.

    Raises:
        NonFiniteLoss: a loss or a weight is infinite or NaN.
    """
    trainer.trained_generator.train()
    trainer.trained_discriminator.train()
    sums = torch.zeros(5, device=fabric.device)
    batches = len(images) // params.batch_size
    share = slice(fabric.global_rank, None, fabric.world_size)
    for number, (real, latents) in enumerate(draw_batches(images, params, trainer.rng, share=share)):
        step = (epoch - 1) * batches + number
        trainer.fade_in(phase.new_share(step / batches))
        values = values_at(params, done_frac=step / (params.epochs * batches))
        sums += train_step(trainer, real, latents, params, fabric, step=step, values=values)
    sums = cast(Tensor, fabric.all_reduce(sums))  # the mean of the devices'
    losses = dict(zip(("Loss_D", "Loss_G"), sums, strict=False))
    require_finite(losses | trainer.named_weights(), at=f"epoch {epoch}", remedy=REMEDY)
    means: list[float] = (sums / batches).tolist()
    return means
