"""The training of a detector of any engine: a record every so many iterations, resumable to the bit on a CPU.

Every random draw depends on its place in the training, and on no state of a random generator: which images form a
batch, how each is augmented, which boxes enter its losses. So a resumed training, one whose images are decoded by
workers and one on several devices all draw the same. The pseudo-labels of self-training are part of the checkpoint.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from lightning_fabric import Fabric
from torch import Tensor, stack

from fashiongen.detector.data.batches import (
    FileReader,
    MemoryReader,
    ReadImage,
    Share,
    TrainingBatches,
    iterate_batches,
)
from fashiongen.detector.data.targets import ImageFile, TrainingSet
from fashiongen.detector.networks.contract import LOSSES, DetectorNetwork
from fashiongen.detector.params import ModelParams, TrainParams
from fashiongen.detector.training.history import mean_record
from fashiongen.detector.training.records import HistoryRecord
from fashiongen.detector.training.schedule import learning_rate
from fashiongen.detector.training.self_training import Teacher
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
    teacher: Teacher | None = None,
) -> Iterator[DetectorStep]:
    """Train and yield the history; a resumed training first yields the records of its checkpoint.

    `measure_ap` is called every `train.evaluation.every_iterations`; the weights that are kept are then those of the
    highest AP. `teacher` labels its photographs as `train.self_training` says, and they join `data`. On several devices
    every process calls this alike and trains on its share of every batch. The yields are the same in all, and the first
    process measures, labels and saves.

    Raises:
        CorruptImage: an image file does not decode.
        NonFiniteLoss: the training diverged; the last checkpoint stays.
    """
    state: DetectorState = TrainingState(DetectorTrainer(network, train, fabric), HistoryRecord, best="highest")
    state.resume(checkpoint, fabric)
    policy = CheckpointPolicy(every_steps=train.checkpoint_every_iterations, every_s=train.checkpoint_every_s)
    patience = train.evaluation.patience if train.evaluation is not None else None
    records = _train_iterations(state.trainer, data, model, measure_ap, teacher, done=state.step)
    yield from run_training(state, records, fabric=fabric, checkpoint=checkpoint, policy=policy, patience=patience)


def _train_iterations(
    trainer: DetectorTrainer,
    data: TrainingSet,
    model: ModelParams,
    measure_ap: MeasureAP | None,
    teacher: Teacher | None,
    *,
    done: int,
) -> Iterator[HistoryRecord]:
    """Run the iterations that are left after `done` ones; yield a record every `log_every_iterations`."""
    params, fabric = trainer.params, trainer.fabric
    if done == params.iterations:
        return
    read_image = _build_reader([*data.images, *(teacher.photographs if teacher else ())], model, params)
    for numbers in _divide(range(done, params.iterations), teacher):
        targets = data.targets
        if teacher is not None:
            if teacher.is_due(numbers.start):
                labels = teacher.label(trainer.ema_network) if fabric.is_global_zero else None
                trainer.pseudo_labels = fabric.broadcast(labels)
            if not teacher.is_over(numbers.start):
                targets = [*targets, *teacher.list_targets(trainer.pseudo_labels)]
        share = Share(fabric.global_rank, fabric.world_size)
        batches = TrainingBatches(targets, read_image, params, divisor_px=model.size_divisor_px, share=share)
        yield from _train_on(batches, numbers, trainer, measure_ap)


def _divide(numbers: range, teacher: Teacher | None) -> Iterator[range]:
    """The iterations in runs that have the same labels."""
    first = numbers.start
    for number in numbers[1:]:
        if teacher is not None and (teacher.is_due(number) or number == teacher.params.until_iteration):
            yield range(first, number)
            first = number
    yield range(first, numbers.stop)


def _train_on(
    batches: TrainingBatches, numbers: range, trainer: DetectorTrainer, measure_ap: MeasureAP | None
) -> Iterator[HistoryRecord]:
    params, fabric = trainer.params, trainer.fabric
    workers = 0 if params.cache_images else params.workers
    rows: list[dict[str, Tensor]] = []
    for iteration, parts in zip(numbers, iterate_batches(batches, numbers, workers=workers), strict=True):
        lr = learning_rate(iteration, params)
        rows.append(trainer.step(parts, iteration=iteration, lr=lr))
        done = iteration + 1
        if done % params.log_every_iterations == 0 or done == params.iterations:
            _require_finite(rows, trainer, batches, done)
            record = mean_record(rows, iteration=done, lr=lr)
            if trainer.pseudo_labels is not None:
                record = record.model_copy(update={"pseudo_labels": len(trainer.pseudo_labels.places)})
            if measure_ap is not None and _is_evaluation_due(done, params):
                ap = fabric.broadcast(measure_ap(trainer.ema_network) if fabric.is_global_zero else 0.0)
                record = record.model_copy(update={"AP": ap})
            yield record
            rows.clear()


def _is_evaluation_due(done: int, params: TrainParams) -> bool:
    evaluation = params.evaluation
    return evaluation is not None and (done % evaluation.every_iterations == 0 or done == params.iterations)


def _build_reader(images: Sequence[ImageFile], model: ModelParams, params: TrainParams) -> ReadImage:
    if params.cache_images:
        return MemoryReader(images, model, short_side_px=max(params.augment.short_sides_px))
    return FileReader(model)


def _require_finite(
    rows: list[dict[str, Tensor]], trainer: DetectorTrainer, batches: TrainingBatches, done: int
) -> None:
    """Check the losses of the last iterations and the weights after them.

    A loss is computed from the weights before its step, so it does not tell whether the step ruined the weights.
    """
    number = first_non_finite([stack([row[name] for name in LOSSES]) for row in rows])
    if number is not None:
        iteration = done - len(rows) + number
        images = f"images {', '.join(batches.image_names(iteration))}"
        require_finite(rows[number], at=f"iteration {iteration + 1}, {images}", remedy=REMEDY)
    require_finite(trainer.network.state_dict(), at=f"iteration {done}", remedy=REMEDY)
