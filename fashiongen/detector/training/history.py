"""What a detector's training writes down."""

import math
from collections.abc import Sequence

from torch import Tensor, stack

from fashiongen.detector.networks.contract import LOSSES
from fashiongen.detector.training.records import HistoryRecord


def mean_record(rows: Sequence[dict[str, Tensor]], *, iteration: int, lr: float) -> HistoryRecord:
    """The record of the losses of consecutive iterations, of which `iteration` is the last."""
    losses = {name: stack([row[name] for row in rows]).double().mean().item() for name in LOSSES}
    return HistoryRecord(iteration=iteration, lr=lr, loss=sum(losses.values()), **losses)


def first_non_finite(rows: Sequence[dict[str, Tensor]]) -> int | None:
    """The number of the first row of which a loss is infinite or no number; None where all are finite."""
    totals = stack([stack([row[name] for name in LOSSES]).sum() for row in rows]).tolist()
    return next((number for number, total in enumerate(totals) if not math.isfinite(total)), None)
