"""Every training keeps its best weights, saves when its policy says so, and resumes where it was."""

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.precision import MixedPrecision
from pydantic import BaseModel

from fashiongen.errors import NonFiniteLoss
from fashiongen.runtime import training
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.training import (
    CheckpointClock,
    CheckpointPolicy,
    TrainingState,
    first_non_finite,
    require_finite,
    run_training,
)

EVERY_STEP = CheckpointPolicy(every_steps=1, every_s=None)
NEVER = CheckpointPolicy(every_steps=None, every_s=None)


class Row(BaseModel):
    step: int
    score: float | None = None


class Counter:
    """A trainer whose one weight is the number of its steps."""

    def __init__(self) -> None:
        self.weight = torch.zeros(1)

    def copy_weights(self) -> dict[str, torch.Tensor]:
        return {"weight": self.weight.clone()}

    def state_dict(self) -> dict[str, Any]:
        return {"weight": self.weight}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.weight = state["weight"].clone()

    def train(self, scores, *, done=0):
        """A record per score, from the one after `done`."""
        for step, score in list(enumerate(scores, start=1))[done:]:
            self.weight += 1
            yield Row(step=step, score=score)


@pytest.fixture
def fabric():
    return Fabric(accelerator="cpu", devices=1)


@pytest.fixture
def run(tmp_path, fabric):
    """Trains on those scores from the checkpoint in the test's folder; stops after some of the steps."""

    def run(scores, *, best="lowest", policy=EVERY_STEP, patience=None, stop_after=None):
        state = TrainingState(Counter(), Row, best=best)
        checkpoint = Checkpoint(tmp_path)
        state.resume(checkpoint, fabric)
        records = state.trainer.train(scores, done=state.step)
        options = {"fabric": fabric, "checkpoint": checkpoint, "policy": policy, "patience": patience}
        steps = []
        for step in run_training(state, records, **options):
            steps.append((step.record.step, step.is_replayed))
            if len(steps) == stop_after:
                break
        return state, steps

    return run


@pytest.mark.parametrize(
    ("best", "scores", "kept"),
    [
        ("lowest", [3.0, 1.0, 2.0], (2, 1.0)),
        ("highest", [1.0, 3.0, 2.0], (2, 3.0)),
        ("lowest", [2.0, 1.0, 1.0], (2, 1.0)),  # of equals the first
        ("highest", [None, 1.0, None, 1.0], (2, 1.0)),
        ("highest", [-1.0, -2.0], (1, -1.0)),
        ("lowest", [math.nan, 2.0, math.nan], (2, 2.0)),
        ("lowest", [None, None, None], (3, None)),  # the last weights where nothing was measured
        ("lowest", [math.nan, math.nan], (2, None)),
    ],
)
def test_the_weights_of_the_best_score_are_kept(run, best, scores, kept):
    state, _ = run(scores, best=best)
    assert (state.best.step, state.best.score) == kept
    assert state.best.weights["weight"].item() == kept[0]


def test_kept_weights_do_not_change_when_the_training_goes_on(run):
    state, _ = run([1.0, 2.0, 3.0])
    state.trainer.weight += 100
    assert state.best.weights["weight"].item() == 1


@pytest.mark.parametrize("stop_after", [1, 2, 3, 4])
def test_a_resumed_training_replays_its_records_and_ends_as_an_uninterrupted_one(run, stop_after):
    """A step is saved when the next one is asked for, so the step at which the caller stopped is trained again."""
    scores = [2.0, 1.0, 3.0, None]
    run(scores, stop_after=stop_after)
    state, steps = run(scores)
    assert steps == [(step, step < stop_after) for step in (1, 2, 3, 4)]
    assert [record.score for record in state.history] == scores
    assert state.trainer.weight.item() == 4
    assert (state.best.step, state.best.score, state.best.weights["weight"].item()) == (2, 1.0, 2.0)


@pytest.mark.parametrize("policy", [EVERY_STEP, NEVER, CheckpointPolicy(every_steps=2, every_s=None)])
def test_the_last_step_is_always_saved(run, policy):
    run([1.0, 2.0, 3.0], policy=policy)
    state, steps = run([1.0, 2.0, 3.0], policy=policy)
    assert steps == [(1, True), (2, True), (3, True)]
    assert state.trainer.weight.item() == 3


def test_a_resumed_training_goes_on_with_the_loss_scale_of_float16(tmp_path):
    """Of any trainer: a scale that starts again would leave out the first steps, whose gradients overflow."""

    def build_fabric(scale):
        scaler = torch.amp.GradScaler("cpu", init_scale=scale)
        return Fabric(accelerator="cpu", devices=1, plugins=MixedPrecision("16-mixed", "cpu", scaler))

    whole, resumed = build_fabric(8.0), build_fabric(2.0**16)
    state, checkpoint = TrainingState(Counter(), Row, best="lowest"), Checkpoint(tmp_path)
    list(run_training(state, state.trainer.train([1.0]), fabric=whole, checkpoint=checkpoint, policy=NEVER))
    TrainingState(Counter(), Row, best="lowest").resume(checkpoint, resumed)
    assert resumed.strategy.precision.state_dict()["scale"] == 8.0


def test_a_training_ends_when_it_is_out_of_patience_and_does_not_go_on_when_resumed(run):
    scores = [0.5, None, 0.4, 0.5, 0.9]
    _, steps = run(scores, best="highest", patience=2)
    assert steps == [(1, False), (2, False), (3, False), (4, False)]
    state, steps = run(scores, best="highest", patience=2)
    assert steps == [(1, True), (2, True), (3, True), (4, True)]
    assert not state.is_out_of_patience(None)


def test_a_training_without_a_score_is_never_out_of_patience(run):
    state, steps = run([None] * 5, patience=1)
    assert len(steps) == 5
    assert not state.is_out_of_patience(1)


@pytest.mark.parametrize(
    ("policy", "due"),
    [
        (CheckpointPolicy(every_steps=4, every_s=None), [False, False, True]),
        (CheckpointPolicy(every_steps=None, every_s=25.0), [False, False, True]),
        (CheckpointPolicy(every_steps=3, every_s=15.0), [False, True, True]),
        (CheckpointPolicy(every_steps=None, every_s=0.0), [True, True, True]),
        (NEVER, [False, False, False]),
    ],
)
def test_a_checkpoint_is_due_by_steps_or_by_seconds(monkeypatch, policy, due):
    """Steps 12, 13 and 14, at 10, 20 and 30 seconds after a checkpoint at step 10."""
    now_s = [0.0]
    monkeypatch.setattr(training, "time", SimpleNamespace(monotonic=lambda: now_s[0]))  # other threads keep theirs
    clock, found = CheckpointClock(policy, 10), []
    for step in (12, 13, 14):
        now_s[0] += 10
        found.append(clock.is_due(step))
    assert found == due


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", range(3))
def test_the_first_tensor_that_is_not_finite_is_found(value, place):
    tensors = [torch.ones(2, 2), torch.ones(()), torch.ones(3)]
    assert first_non_finite(tensors) is None
    tensors[place] = torch.full_like(tensors[place], value)
    assert first_non_finite(tensors) == place
    assert first_non_finite([*tensors, tensors[place]]) == place


def test_what_is_not_finite_is_named_with_its_place_and_the_remedy():
    values = {"steps": torch.tensor(3), "loss": torch.tensor(1.0), "weight": torch.tensor([1.0, math.inf])}
    expected = "^epoch 3: weight is not finite; the last checkpoint is kept: lower the rate$"
    with pytest.raises(NonFiniteLoss, match=expected):
        require_finite(values, at="epoch 3", remedy="lower the rate")
    with pytest.raises(NonFiniteLoss, match=r"loss is not finite \(nan\)"):
        require_finite(values | {"loss": torch.tensor(math.nan)}, at="epoch 3", remedy="")


def test_finite_values_and_integers_pass():
    require_finite({"count": torch.tensor(3), "loss": torch.tensor(1.0)}, at="", remedy="")
