"""Files of weights as torchvision and detectron2 publish them, read under torchvision's names."""

import io
import pickle
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from fashiongen.detector.initial_weights.names import (
    BODY,
    SCORES,
    STEM,
    expect_imagenet_rgb,
    from_detectron2,
    torchvision_names,
)
from fashiongen.detector.networks.faster_rcnn import IMAGENET_STD
from fashiongen.detector.params import BackboneName
from fashiongen.errors import CheckpointError

MSRA_STD_BGR = (1.0, 1.0, 1.0)  # detectron2's ResNets divide pixels by it
FAIR_STD_BGR = (57.375, 57.12, 58.395)  # detectron2's ResNeXt divide pixels by it
FROZEN_EPS = 1e-5  # Caffe2's files hold normalisations with the statistics folded into their weights
ALLOWED = {  # the classes and functions that a pickle of arrays needs
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "scalar"),
    ("collections", "OrderedDict"),
    ("_codecs", "encode"),
}
UNREADABLE = (
    SafetensorError,
    pickle.UnpicklingError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
)
EARLIER_NAMES = (  # torchvision's earlier names of convolutions -> the names of the blocks that now hold them
    (r"^(backbone\.fpn\.\w+_blocks\.\d+)\.(weight|bias)$", r"\1.0.\2"),
    (r"^rpn\.head\.conv\.(weight|bias)$", r"rpn.head.conv.0.0.\1"),
)
CAFFE2_NAMES = (
    (r"_", "."),
    (r"\.(bn\.)?b$", r".\1bias"),
    (r"\.w$", ".weight"),
    (r"\.bn\.s$", ".norm.weight"),
    (r"\.bn\.bias$", ".norm.bias"),
    (r"^res\.conv1\.norm", "conv1.norm"),
    (r"^conv1\.", "stem.conv1."),
    (r"\.branch1\.", ".shortcut."),
    (r"\.branch2a\.", ".conv1."),
    (r"\.branch2b\.", ".conv2."),
    (r"\.branch2c\.", ".conv3."),
)


class WeightFile(NamedTuple):
    """The tensors of a file under its own names."""

    tensors: dict[str, Tensor]
    author: str  # detectron2's files name their author; empty for others


def read_weight_file(path: Path, backbone: BackboneName, *, first_layer: int) -> dict[str, Tensor]:
    """The weights of a classifier or of a Faster R-CNN with a feature pyramid, under torchvision's names.

    Files are torchvision's (.pth, .safetensors) or detectron2's (.pkl, .pth); `first_layer` is the backbone stage of
    the finest level of the pyramid.

    Raises:
        CheckpointError: the file holds no such weights.
    """
    weights, author = _read_tensors(path)
    if "conv1.weight" in weights:
        return {BODY + name: tensor for name, tensor in weights.items()}
    if STEM in weights:
        return {_rename(name, EARLIER_NAMES): tensor for name, tensor in weights.items()}
    whole = f"{SCORES}.weight" in weights
    renamed = (from_detectron2 if whole else torchvision_names)(weights, first_layer=first_layer)
    if STEM in renamed and author != "torchvision":
        std_bgr = FAIR_STD_BGR if backbone.startswith("resnext") else MSRA_STD_BGR
        std_rgb = [255 * value for value in IMAGENET_STD]
        renamed[STEM] = expect_imagenet_rgb(renamed[STEM], std_bgr=std_bgr, imagenet_std_rgb=std_rgb)
    return renamed


def _read_tensors(path: Path) -> WeightFile:
    try:
        if path.suffix == ".safetensors":
            return WeightFile(load_file(path), "")
        if path.suffix == ".pkl":
            return _read_pickled_arrays(path)
        content = torch.load(path, "cpu", weights_only=True)
        return WeightFile(_tensors_of(content.get("model", content)), str(content.get("__author__", "")))
    except UNREADABLE as error:
        raise CheckpointError(
            f"{path}: holds no weights as torchvision or detectron2 saves them ({error}); give a .pth, .safetensors or "
            ".pkl of theirs"
        ) from error


def _tensors_of(content: Mapping[str, Any]) -> dict[str, Tensor]:
    return {name: value for name, value in content.items() if isinstance(value, Tensor)}


class _ArraysOnly(pickle.Unpickler):
    """Reads arrays and containers of them; anything else in a pickle is refused, since it could run any code."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it refers to {module}.{name}, which no file of weights needs")
        return super().find_class(module, name)


def _read_pickled_arrays(path: Path) -> WeightFile:
    """A file of detectron2's model zoo: its own, or Caffe2's."""
    content = _ArraysOnly(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    own = content.get("model")
    arrays = own if own is not None else content.get("blobs", content)
    found = {name: torch.from_numpy(np.array(value)) for name, value in arrays.items() if isinstance(value, np.ndarray)}
    return WeightFile(found if own is not None else _from_caffe2(found), str(content.get("__author__", "")))


def _from_caffe2(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A backbone of Detectron's first version under detectron2's names.

    Its normalisations have no running statistics: a mean of 0 and a variance of 1, with the eps of the frozen ones.
    """
    renamed = {caffe2_to_detectron2(name): tensor for name, tensor in weights.items() if not name.endswith("_momentum")}
    for name in [name for name in renamed if name.endswith("norm.weight")]:
        scale = renamed[name]
        stem = name.removesuffix("weight")
        renamed.setdefault(f"{stem}running_mean", torch.zeros_like(scale))
        renamed.setdefault(f"{stem}running_var", torch.full_like(scale, 1 - FROZEN_EPS))
    return renamed


def caffe2_to_detectron2(name: str) -> str:
    """A weight of a backbone as Caffe2's files name it, under detectron2's name."""
    return _rename(name, CAFFE2_NAMES)


def _rename(name: str, rules: Sequence[tuple[str, str]]) -> str:
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name
