"""The records of a detector's training, from the losses of its iterations."""

from collections.abc import Sequence

from torch import Tensor, stack

from fashiongen.detector.networks.contract import LOSSES
from fashiongen.detector.training.records import HistoryRecord


def mean_record(rows: Sequence[dict[str, Tensor]], *, iteration: int, lr: float) -> HistoryRecord:
    """The record of the losses of consecutive iterations, of which `iteration` is the last."""
    losses = {name: stack([row[name] for row in rows]).double().mean().item() for name in LOSSES}
    return HistoryRecord(iteration=iteration, lr=lr, loss=sum(losses.values()), **losses)
