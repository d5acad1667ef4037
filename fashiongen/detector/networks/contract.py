"""The interface of a network of any engine, for training, inference and files."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from jaxtyping import UInt8
from torch import Tensor, nn

LOSSES = ("loss_classifier", "loss_box_reg", "loss_objectness", "loss_rpn_box_reg")


class DetectorNetwork(nn.Module, ABC):
    """A Faster R-CNN of any engine."""

    @abstractmethod
    def forward(
        self,
        images: UInt8[Tensor, "batch 3 height width"],
        sizes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None = None,
        seeds: list[int] | None = None,
    ) -> Any:
        """In training mode a dict of the four `LOSSES`, else a dict of boxes, labels and scores for each image.

        Images are padded RGB from 0 to 255, `sizes` are (height, width) without the padding. Boxes are xyxy in their
        pixels, labels count from 1, and the best score comes first. `seeds`, one for each image, decide which boxes
        enter the losses.
        """

    @abstractmethod
    def named_weights(self) -> dict[str, Tensor]:
        """All weights and running statistics under torchvision's names."""

    @abstractmethod
    def load_named_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Load weights under torchvision's names.

        Raises:
            RuntimeError: names or shapes do not fit.
        """
