"""What every training shares: its state, its best weights, its checkpoints, and the check that its numbers are finite.

The loop of a domain computes records, and `run_training` yields them to the caller, who logs them. A checkpoint is
saved when the caller asks for the next record: by then it has written what it wants of the last one.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar, runtime_checkable

import torch
from lightning_fabric import Fabric
from torch import Tensor

from fashiongen.errors import NonFiniteLoss
from fashiongen.runtime.checkpoints import Checkpoint


@runtime_checkable
class Record(Protocol):
    """One row of a training's history, a pydantic model."""

    @property
    def step(self) -> int:
        """Epochs or iterations done."""

    @property
    def score(self) -> float | None:
        """The metric that selects the weights to keep; None where it was not measured."""

    def model_dump(self) -> dict[str, Any]:
        """The row's values by column."""


@runtime_checkable
class Trainer(Protocol):
    """The networks in training, their optimisers and their random numbers: all that a step changes."""

    def state_dict(self) -> dict[str, Any]:
        """Everything that `load_state_dict` needs to continue to the bit."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""

    def copy_weights(self) -> dict[str, Tensor]:
        """The weights that would be kept now, copied to the CPU."""


TrainerT = TypeVar("TrainerT", bound=Trainer)
RecordT = TypeVar("RecordT", bound=Record)


class Best(NamedTuple):
    """The weights of one step and the score that they were kept for."""

    step: int
    score: float | None  # None: no step was measured, and these are the last one's weights
    weights: dict[str, Tensor]  # on the CPU


class TrainingState(Generic[TrainerT, RecordT]):
    """How far a training has come: its trainer, its history, and the best weights so far."""

    def __init__(
        self, trainer: TrainerT, build_record: Callable[..., RecordT], *, best: Literal["lowest", "highest"]
    ) -> None:
        """`build_record` takes the columns of a row; `best` says which scores are better."""
        self.trainer = trainer
        self.history: list[RecordT] = []
        self._build_record = build_record
        self._sign = 1 if best == "highest" else -1
        self._best: Best | None = None

    @property
    def step(self) -> int:
        """Epochs or iterations done."""
        return self.history[-1].step if self.history else 0

    @property
    def best(self) -> Best:
        """The weights of the best score, the first of equals; without a score the trainer's weights as they are now."""
        return self._best or Best(self.step, None, self.trainer.copy_weights())

    def add(self, record: RecordT) -> None:
        """Append a record; if its score is the best so far, copy the trainer's weights. NaN is never the best."""
        self.history.append(record)
        if record.score is not None and self._improves(record.score):
            self._best = Best(record.step, record.score, self.trainer.copy_weights())

    def _improves(self, score: float) -> bool:
        if self._best is None or self._best.score is None:
            return not math.isnan(score)
        return self._sign * score > self._sign * self._best.score

    def is_out_of_patience(self, patience: int | None) -> bool:
        """Whether `patience` measured records in a row brought no better score; never where it is None."""
        if patience is None or self._best is None:
            return False
        since = [record for record in self.history if record.score is not None and record.step > self._best.step]
        return len(since) >= patience

    def state_dict(self, fabric: Fabric) -> dict[str, Any]:
        """What a checkpoint holds: tensors, numbers, and containers of them; Fabric has the loss scale of float16."""
        return {
            "trainer": self.trainer.state_dict(),
            "precision": fabric.strategy.precision.state_dict(),
            "history": [record.model_dump() for record in self.history],
            "best": self._best and self._best._asdict(),
        }

    def resume(self, checkpoint: Checkpoint, fabric: Fabric) -> None:
        """Restore the checkpoint, read by the first process and sent to the others; without one nothing changes.

        Raises:
            CheckpointError: the checkpoint does not load.
        """
        saved = fabric.broadcast(checkpoint.load() if fabric.is_global_zero else None)
        if saved is not None:
            self.trainer.load_state_dict(saved["trainer"])
            fabric.strategy.precision.load_state_dict(saved["precision"])
            self.history = [self._build_record(**row) for row in saved["history"]]
            self._best = saved["best"] and Best(**saved["best"])


@dataclass(frozen=True)
class TrainingStep(Generic[TrainerT, RecordT]):
    """What a training yields: a record, and the state after it, which changes when the next record is asked for."""

    record: RecordT
    state: TrainingState[TrainerT, RecordT]
    is_replayed: bool = False  # read from a checkpoint; the trainer is already further


class CheckpointPolicy(NamedTuple):
    """When a checkpoint is due: after so many steps or so many seconds since the last one, whichever comes first."""

    every_steps: int | None
    every_s: float | None


class CheckpointClock:
    """Steps and seconds since the last checkpoint."""

    def __init__(self, policy: CheckpointPolicy, step: int) -> None:
        self.policy = policy
        self.restart(step)

    def restart(self, step: int) -> None:
        """A checkpoint was saved after this step."""
        self.step = step
        self.began_s = time.monotonic()

    def is_due(self, step: int) -> bool:
        """Whether the policy asks for a checkpoint after this step."""
        every_steps, every_s = self.policy
        if every_steps is not None and step - self.step >= every_steps:
            return True
        return every_s is not None and time.monotonic() - self.began_s >= every_s


def run_training(
    state: TrainingState[TrainerT, RecordT],
    records: Iterator[RecordT],
    *,
    fabric: Fabric,
    checkpoint: Checkpoint,
    policy: CheckpointPolicy,
    patience: int | None = None,
) -> Iterator[TrainingStep[TrainerT, RecordT]]:
    """Yield the records of the resumed history at once, then `records`, which train on from `state.step`.

    The last record is always saved. On several devices every process calls this alike, and the first one saves.
    """
    yield from (TrainingStep(record, state, is_replayed=True) for record in state.history.copy())
    if state.is_out_of_patience(patience):
        return
    clock = CheckpointClock(policy, state.step)
    for record in records:
        state.add(record)
        yield TrainingStep(record, state)
        if clock.is_due(state.step):
            _save(state, checkpoint, fabric)
            clock.restart(state.step)
        if state.is_out_of_patience(patience):
            break
    if state.step > clock.step:
        _save(state, checkpoint, fabric)


def _save(state: TrainingState[TrainerT, RecordT], checkpoint: Checkpoint, fabric: Fabric) -> None:
    if fabric.is_global_zero:
        checkpoint.save(state.state_dict(fabric))


def first_non_finite(tensors: Sequence[Tensor]) -> int | None:
    """The index of the first tensor with an infinite value or a NaN, None where there is none.

    It waits for the device once.
    """
    finite = torch.stack([tensor.isfinite().all() for tensor in tensors]).tolist()
    return finite.index(False) if False in finite else None


def require_finite(values: Mapping[str, Tensor], *, at: str, remedy: str) -> None:
    """Make sure that losses or weights are finite; integers are.

    Raises:
        NonFiniteLoss: one is infinite or NaN; the message names it and its place in the training.
    """
    floats = {name: tensor for name, tensor in values.items() if tensor.is_floating_point()}
    index = first_non_finite(list(floats.values()))
    if index is None:
        return
    name, tensor = list(floats.items())[index]
    value = f" ({tensor.item()})" if tensor.numel() == 1 else ""
    raise NonFiniteLoss(f"{at}: {name} is not finite{value}; the last checkpoint is kept: {remedy}")
