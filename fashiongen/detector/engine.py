"""What stands between the pipeline and a detection library: how a network is built, and what it must answer to.

An engine is a module in `fashiongen/detector/engines` with a function `build`. Training and inference are the same for
all of them; so are the files, in which weights have torchvision's names whichever engine trained them.
"""

import importlib
from collections.abc import Mapping
from typing import Any, Protocol, cast, get_args, runtime_checkable

from jaxtyping import UInt8
from torch import Tensor, nn

from fashiongen.detector.params import BackboneName, Engine, InferParams, ModelParams, TrainParams
from fashiongen.errors import ConfigError

LOSSES = ("loss_classifier", "loss_box_reg", "loss_objectness", "loss_rpn_box_reg")


class DetectorNetwork(nn.Module):
    """A Faster R-CNN of any engine."""

    def forward(
        self,
        images: UInt8[Tensor, "batch 3 height width"],
        sizes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None = None,
        seeds: list[int] | None = None,
    ) -> Any:
        """While training a dict of the four `LOSSES`, else a dict of boxes, labels and scores for each image.

        Images are padded RGB, `sizes` (height, width) without the padding; boxes are xyxy in their pixels, labels
        count from 1, the best score comes first. `seeds`, one for each image, tell which boxes enter the losses.
        """
        raise NotImplementedError

    def named_weights(self) -> dict[str, Tensor]:
        """All weights and running statistics under torchvision's names."""
        raise NotImplementedError

    def load_named_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Take over weights under torchvision's names; a RuntimeError says what does not fit."""
        raise NotImplementedError


@runtime_checkable
class DetectionEngine(Protocol):
    """The one function of an engine."""

    def build(
        self,
        backbone: BackboneName,
        model: ModelParams,
        *,
        categories: int,
        train: TrainParams | None = None,
        infer: InferParams | None = None,
    ) -> DetectorNetwork:
        """A network with random weights, for what `train` asks, or `infer`."""


def get_engine(name: str) -> DetectionEngine:
    """The engine of that name.

    Raises:
        ConfigError: there is no such engine; the message lists those there are.
        MissingInput: its library is not installed; the message says how to get it.
    """
    if name not in get_args(Engine):
        raise ConfigError(f"detector engine {name!r} is unknown; choose from {', '.join(get_args(Engine))}")
    return cast(DetectionEngine, importlib.import_module(f"fashiongen.detector.engines.{name}_engine"))
