"""The training of a detector of any engine: one record every so many iterations, resumable to the bit on a CPU.

Every draw belongs to a place in the training, not to a state of a random generator: which images form a batch, how
each is changed, which boxes enter its losses. So a resumed training, one whose images are decoded by workers and one
that several devices share all see the same.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from lightning_fabric import Fabric
from torch import Tensor

from fashiongen.detector.data.batches import FileReader, MemoryReader, Share, TrainingBatches, iterate_batches
from fashiongen.detector.data.targets import TrainingSet
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.params import ModelParams, TrainParams
from fashiongen.detector.training.history import first_non_finite, mean_record
from fashiongen.detector.training.learner import Learner
from fashiongen.detector.training.records import HistoryRecord
from fashiongen.detector.training.schedule import learning_rate
from fashiongen.errors import NonFiniteLoss
from fashiongen.runtime.checkpoints import Checkpoint

REMEDY = "the last checkpoint is as it was: lower detector.train.base_lr, lengthen the warm-up, or look at those boxes"
MeasureAP = Callable[[DetectorNetwork], float]


class Best(NamedTuple):
    """The detector of the highest AP so far."""

    iteration: int
    AP: float
    weights: dict[str, Tensor]  # under torchvision's names, on the CPU


class TrainingStep(NamedTuple):
    """A record of the history, and the weights that would be kept if the training ended here."""

    record: HistoryRecord
    weights: Callable[[], dict[str, Tensor]]
    is_replayed: bool = False  # read from a checkpoint, not trained now


def train(
    network: DetectorNetwork,
    data: TrainingSet,
    *,
    model: ModelParams,
    train: TrainParams,
    fabric: Fabric,
    checkpoint: Checkpoint,
    measure_ap: MeasureAP | None = None,
) -> Iterator[TrainingStep]:
    """Train and yield the history; a resumed training yields the records before the kill again, at once.

    On several devices every process calls it alike and has its share of every batch; the yields are the same in all,
    and the first process measures and saves. `measure_ap` is asked every `train.evaluation.every_iterations`; the
    weights that are kept are then those of the highest AP.

    Raises:
        CorruptImage: an image file does not decode.
        NonFiniteLoss: the training diverged; the last checkpoint stays.
    """
    learner = Learner(network, train, fabric)
    progress = Progress.resume(fabric.broadcast(checkpoint.load() if fabric.is_global_zero else None), learner)
    yield from (TrainingStep(record, progress.kept(learner), is_replayed=True) for record in progress.history)
    clock = _CheckpointClock(train, progress.iteration)
    for record in _learn(learner, data, model, progress):
        ap = None
        if measure_ap is not None and _is_look_due(record, train):
            ap = fabric.broadcast(measure_ap(learner.detecting) if fabric.is_global_zero else 0.0)
        progress.add(record.model_copy(update={"AP": ap}), learner)
        ended = record.iteration == train.iterations or progress.is_tired(train)
        if fabric.is_global_zero and (ended or clock.is_due(record.iteration)):
            _require_finite_weights(learner, record.iteration)
            checkpoint.save(progress.state_dict(learner))
            clock = _CheckpointClock(train, record.iteration)
        yield TrainingStep(progress.history[-1], progress.kept(learner))
        if ended:
            return


def _is_look_due(record: HistoryRecord, params: TrainParams) -> bool:
    evaluation = params.evaluation
    return evaluation is not None and (
        record.iteration % evaluation.every_iterations == 0 or record.iteration == params.iterations
    )


class _CheckpointClock:
    """Since when, and since which iteration, nothing was saved."""

    def __init__(self, params: TrainParams, iteration: int) -> None:
        self.params = params
        self.iteration = iteration
        self.began = time.monotonic()

    def is_due(self, iteration: int) -> bool:
        every = self.params.checkpoint_every_iterations
        if every is not None and iteration - self.iteration >= every:
            return True
        return time.monotonic() - self.began >= self.params.checkpoint_every_s


class Progress:
    """How far a training has come, and the best that it has seen."""

    def __init__(self, history: list[HistoryRecord], best: Best | None) -> None:
        self.history = history
        self.best = best

    @classmethod
    def resume(cls, state: dict[str, Any] | None, learner: Learner) -> "Progress":
        """Set the learner to a saved state; without one the training begins."""
        if state is None:
            return cls([], None)
        learner.load_state_dict(state["learner"])
        best = state["best"]
        return cls([HistoryRecord(**row) for row in state["history"]], best and Best(**best))

    def state_dict(self, learner: Learner) -> dict[str, Any]:
        """What `resume` takes."""
        return {
            "learner": learner.state_dict(),
            "history": [record.model_dump() for record in self.history],
            "best": self.best and self.best._asdict(),
        }

    @property
    def iteration(self) -> int:
        """Iterations done."""
        return self.history[-1].iteration if self.history else 0

    def add(self, record: HistoryRecord, learner: Learner) -> None:
        """One record more; the weights are kept if its AP is the highest so far, of equals the first."""
        self.history.append(record)
        if record.AP is not None and (self.best is None or record.AP > self.best.AP):
            self.best = Best(record.iteration, record.AP, _on_cpu(learner.detecting))

    def is_tired(self, params: TrainParams) -> bool:
        """Whether as many looks as `patience` in a row found no higher AP."""
        if params.evaluation is None or params.evaluation.patience is None or self.best is None:
            return False
        looks = [record for record in self.history if record.AP is not None and record.iteration > self.best.iteration]
        return len(looks) >= params.evaluation.patience

    def kept(self, learner: Learner) -> Callable[[], dict[str, Tensor]]:
        """The weights that would be kept if the training ended here."""
        best = self.best
        return lambda: _on_cpu(learner.detecting) if best is None else best.weights


def _on_cpu(network: DetectorNetwork) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in network.named_weights().items()}


def _learn(learner: Learner, data: TrainingSet, model: ModelParams, progress: Progress) -> Iterator[HistoryRecord]:
    """Run the iterations that are left; yield the mean losses of every `log_every_iterations`."""
    params = learner.params
    start = progress.iteration
    if start == params.iterations or progress.is_tired(params):
        return
    batches = _build_batches(data, model, params, learner.fabric)
    workers = 0 if params.cache_images else params.workers
    rows: list[dict[str, Tensor]] = []
    numbers = range(start, params.iterations)
    for iteration, parts in zip(numbers, iterate_batches(batches, numbers, workers=workers), strict=True):
        lr = learning_rate(iteration, params)
        rows.append(learner.step(parts, iteration=iteration, lr=lr))
        done = iteration + 1
        if done % params.log_every_iterations == 0 or done == params.iterations:
            _require_finite(rows, batches, done)
            yield mean_record(rows, iteration=done, lr=lr)
            rows.clear()


def _build_batches(data: TrainingSet, model: ModelParams, params: TrainParams, fabric: Fabric) -> TrainingBatches:
    largest = max(params.augment.short_sides_px)
    reader = (
        MemoryReader(data.images, model, short_side_px=largest)
        if params.cache_images
        else FileReader(data.images, model)
    )
    share = Share(fabric.global_rank, fabric.world_size)
    return TrainingBatches(data.targets, reader, params, divisor_px=model.size_divisor_px, share=share)


def _require_finite(rows: list[dict[str, Tensor]], batches: TrainingBatches, done: int) -> None:
    number = first_non_finite(rows)
    if number is None:
        return
    iteration = done - len(rows) + number
    losses = ", ".join(f"{name} {value.item():.4g}" for name, value in rows[number].items())
    raise NonFiniteLoss(
        f"iteration {iteration + 1}: {losses}, on the images with the ids {batches.image_ids(iteration)}; {REMEDY}"
    )


def _require_finite_weights(learner: Learner, iteration: int) -> None:
    """A loss is of the weights before its step: what the last step made of them is seen here, before it is saved."""
    for name, tensor in learner.network.state_dict().items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise NonFiniteLoss(f"iteration {iteration}: {name} is no longer finite; {REMEDY}")
