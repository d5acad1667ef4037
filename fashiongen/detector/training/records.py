"""What a detector's training writes every so many iterations: the points of its history."""

from pydantic import BaseModel, ConfigDict


class HistoryRecord(BaseModel):
    """The mean losses over the iterations since the record before, and the AP where one was measured."""

    model_config = ConfigDict(frozen=True)

    iteration: int  # iterations done
    lr: float
    loss: float
    loss_classifier: float
    loss_box_reg: float
    loss_objectness: float
    loss_rpn_box_reg: float
    AP: float | None = None  # of the detector as it is by then, on the validation images that are looked at
