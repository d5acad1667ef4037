"""The interface to a detection library: how a network is built.

An engine is a module in `fashiongen/detector/engines` with a function `build`. Training, inference and files are the
same for all engines; files name the weights as torchvision does.
"""

from typing import Protocol, get_args, runtime_checkable

from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.networks.purpose import Purpose
from fashiongen.detector.params import BackboneName, Engine, ModelParams
from fashiongen.errors import ConfigError


@runtime_checkable
class DetectionEngine(Protocol):
    """An engine: a function that builds networks."""

    def build(
        self, backbone: BackboneName, model: ModelParams, purpose: Purpose, *, categories: int
    ) -> DetectorNetwork:
        """A network with random weights, to be trained, to detect, or to hold weights."""


def get_engine(name: str) -> DetectionEngine:
    """The engine of that name.

    Raises:
        ConfigError: there is no such engine; the message lists the known ones.
        MissingInput: its library is not installed; the message says how to install it.
    """
    if name not in get_args(Engine):
        raise ConfigError(f"detector engine {name!r} is unknown; choose from {', '.join(get_args(Engine))}")
    if name == "detectron2":
        from fashiongen.detector.engines import detectron2_engine  # noqa: PLC0415  not installed everywhere

        return detectron2_engine
    from fashiongen.detector.engines import torchvision_engine  # noqa: PLC0415

    return torchvision_engine
