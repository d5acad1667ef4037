"""The progress bar of a training."""

from typing import Any

from tqdm import tqdm

from fashiongen.runtime.training import TrainingStep


def advance(bar: "tqdm[Any]", step: TrainingStep[Any, Any]) -> None:
    """Move the bar to a step of a training; the time left is estimated from the steps that are not replayed."""
    if step.is_replayed:  # read from the checkpoint, in no time
        bar.initial = bar.n = step.record.step
    bar.update(step.record.step - bar.n)
