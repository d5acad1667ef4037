"""The training of a detector of any engine: a record every so many iterations, resumable to the bit on a CPU.

Every random draw depends on its place in the training, and on no state of a random generator: which images form a
batch, how each is augmented, which boxes enter its losses. So a resumed training, one whose images are decoded by
workers and one on several devices all draw the same.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from lightning_fabric import Fabric
from torch import Tensor, stack

from fashiongen.detector.data.batches import FileReader, MemoryReader, Share, TrainingBatches, iterate_batches
from fashiongen.detector.data.targets import TrainingSet
from fashiongen.detector.networks.contract import LOSSES, DetectorNetwork
from fashiongen.detector.params import ModelParams, TrainParams
from fashiongen.detector.training.history import mean_record
from fashiongen.detector.training.records import HistoryRecord
from fashiongen.detector.training.schedule import learning_rate
from fashiongen.detector.training.trainer import DetectorTrainer
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.training import (
    CheckpointPolicy,
    TrainingState,
    TrainingStep,
    first_non_finite,
    require_finite,
    run_training,
)

REMEDY = "lower detector.train.base_lr, lengthen the warm-up, or check the boxes of those images"
MeasureAP = Callable[[DetectorNetwork], float]
DetectorState: TypeAlias = TrainingState[DetectorTrainer, HistoryRecord]
DetectorStep: TypeAlias = TrainingStep[DetectorTrainer, HistoryRecord]


def train(
    network: DetectorNetwork,
    data: TrainingSet,
    *,
    model: ModelParams,
    train: TrainParams,
    fabric: Fabric,
    checkpoint: Checkpoint,
    measure_ap: MeasureAP | None = None,
) -> Iterator[DetectorStep]:
    """Train and yield the history; a resumed training first yields the records of its checkpoint.

    `measure_ap` is called every `train.evaluation.every_iterations`; the weights that are kept are then those of the
    highest AP. On several devices every process calls this alike and trains on its share of every batch. The yields are
    the same in all, and the first process measures and saves.

    Raises:
        CorruptImage: an image file does not decode.
        NonFiniteLoss: the training diverged; the last checkpoint stays.
    """
    state: DetectorState = TrainingState(DetectorTrainer(network, train, fabric), HistoryRecord, best="highest")
    state.resume(checkpoint, fabric)
    policy = CheckpointPolicy(every_steps=train.checkpoint_every_iterations, every_s=train.checkpoint_every_s)
    patience = train.evaluation.patience if train.evaluation is not None else None
    records = _train_iterations(state.trainer, data, model, measure_ap, done=state.step)
    yield from run_training(state, records, fabric=fabric, checkpoint=checkpoint, policy=policy, patience=patience)


def _train_iterations(
    trainer: DetectorTrainer, data: TrainingSet, model: ModelParams, measure_ap: MeasureAP | None, *, done: int
) -> Iterator[HistoryRecord]:
    """Run the iterations that are left after `done` ones; yield a record every `log_every_iterations`."""
    params, fabric = trainer.params, trainer.fabric
    if done == params.iterations:
        return
    batches = _build_batches(data, model, params, fabric)
    workers = 0 if params.cache_images else params.workers
    rows: list[dict[str, Tensor]] = []
    numbers = range(done, params.iterations)
    for iteration, parts in zip(numbers, iterate_batches(batches, numbers, workers=workers), strict=True):
        lr = learning_rate(iteration, params)
        rows.append(trainer.step(parts, iteration=iteration, lr=lr))
        done = iteration + 1
        if done % params.log_every_iterations == 0 or done == params.iterations:
            _require_finite(rows, trainer, batches, done)
            record = mean_record(rows, iteration=done, lr=lr)
            if measure_ap is not None and _is_evaluation_due(done, params):
                ap = fabric.broadcast(measure_ap(trainer.ema_network) if fabric.is_global_zero else 0.0)
                record = record.model_copy(update={"AP": ap})
            yield record
            rows.clear()


def _is_evaluation_due(done: int, params: TrainParams) -> bool:
    evaluation = params.evaluation
    return evaluation is not None and (done % evaluation.every_iterations == 0 or done == params.iterations)


def _build_batches(data: TrainingSet, model: ModelParams, params: TrainParams, fabric: Fabric) -> TrainingBatches:
    largest = max(params.augment.short_sides_px)
    reader = (
        MemoryReader(data.images, model, short_side_px=largest)
        if params.cache_images
        else FileReader(data.images, model)
    )
    share = Share(fabric.global_rank, fabric.world_size)
    return TrainingBatches(data.targets, reader, params, divisor_px=model.size_divisor_px, share=share)


def _require_finite(
    rows: list[dict[str, Tensor]], trainer: DetectorTrainer, batches: TrainingBatches, done: int
) -> None:
    """Check the losses of the last iterations and the weights after them.

    A loss is computed from the weights before its step, so it does not tell whether the step ruined the weights.
    """
    number = first_non_finite([stack([row[name] for name in LOSSES]) for row in rows])
    if number is not None:
        iteration = done - len(rows) + number
        images = f"images with the ids {batches.image_ids(iteration)}"
        require_finite(rows[number], at=f"iteration {iteration + 1}, {images}", remedy=REMEDY)
    require_finite(trainer.network.state_dict(), at=f"iteration {done}", remedy=REMEDY)
