"""What a detector's training writes every so many iterations: the points of its history."""

from pydantic import BaseModel, ConfigDict


class HistoryRecord(BaseModel):
    """The mean losses over the iterations since the previous record, and the AP where it was measured."""

    model_config = ConfigDict(frozen=True)

    iteration: int  # iterations done
    lr: float  # of the last of them
    loss: float  # the sum of the four
    loss_classifier: float
    loss_box_reg: float
    loss_objectness: float
    loss_rpn_box_reg: float
    pseudo_labels: int | None = None  # photographs that have one, of self-training; None before the first
    AP: float | None = None  # on the validation images that are drawn; None where it was not measured

    @property
    def step(self) -> int:
        """Iterations done."""
        return self.iteration

    @property
    def score(self) -> float | None:
        """The AP: the detector of the highest one is kept."""
        return self.AP
