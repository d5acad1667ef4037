"""The detector with narrow bodies: it trains, loads and is saved several times as fast. Any process can import this.

detectron2 builds bodies of its own, of full width. Where it is installed, ours have it too, so that weights fit both.
"""

from importlib.util import find_spec
from typing import Any
from unittest import mock

from torchvision.models import resnet

from stages import train_detector

DIVISOR = 4 if find_spec("detectron2") is None else 1


class NarrowResNet(resnet.ResNet):
    """A ResNet whose four stages have a quarter of the channels."""

    def _make_layer(self, block: Any, planes: int, *more: Any, **options: Any) -> Any:
        return super()._make_layer(block, planes // DIVISOR, *more, **options)


def train_and_report(*arguments: Any) -> Any:
    """What the stage does in each process, with a narrow body."""
    with mock.patch.object(resnet, "ResNet", NarrowResNet):
        return train_detector._train_and_report(*arguments)
