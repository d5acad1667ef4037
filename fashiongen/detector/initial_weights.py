"""Where a training's first weights come from: torchvision's ImageNet weights, or a file of either library."""

import io
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torchvision.models import get_model_weights

from fashiongen.detector.contract import DetectorNetwork
from fashiongen.detector.network import IMAGENET_STD
from fashiongen.detector.params import BackboneName, ModelParams
from fashiongen.detector.weight_names import BODY, DELTAS, SCORES, STEM, expect_imagenet_rgb, torchvision_names
from fashiongen.errors import CheckpointError, MissingInput
from fashiongen.files import sha256_file

MSRA_STD_BGR = (1.0, 1.0, 1.0)  # by which detectron2's ResNets divide their pixels
FAIR_STD_BGR = (57.375, 57.12, 58.395)  # and its ResNeXt
FROZEN_EPS = 1e-5  # Caffe2's files hold normalisations whose statistics are already in their weights
HARMLESS = {  # all that a pickle of arrays needs
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


def load_initial_weights(network: DetectorNetwork, backbone: BackboneName, model: ModelParams) -> None:
    """Give a network its first weights: of its backbone, or of all but the predictor where the file is a detector's.

    `model.weights` none leaves the random ones, imagenet fetches, a path is read: a classifier or Faster R-CNN as
    torchvision saves it (.pth, .safetensors), or as detectron2's model zoo publishes it (.pkl, .pth).

    Raises:
        MissingInput: the file is not there, or torchvision's weights could not be fetched.
        CheckpointError: the file is another than `model.weights_sha256` says, or holds weights of something else.
    """
    if model.weights == "none":
        return
    if model.weights == "imagenet":
        found = {BODY + name: tensor for name, tensor in _fetch_imagenet(backbone).items()}
    else:
        found = _read(Path(model.weights), str(model.weights_sha256), backbone, first_layer=model.fpn_layers[0])
    own = network.named_weights()
    kept = {
        name: tensor
        for name, tensor in found.items()
        if name in own and not (name.startswith((SCORES, DELTAS)) and tensor.shape != own[name].shape)
    }  # a predictor of other categories learns anew
    _require_body(model.weights, backbone, own, kept)
    network.load_named_weights(own | kept)


def _require_body(weights: str, backbone: str, own: Mapping[str, Tensor], kept: Mapping[str, Tensor]) -> None:
    missing = [name for name in own if name.startswith(BODY) and name not in kept and "num_batches" not in name]
    misfits = [name for name, tensor in kept.items() if tensor.shape != own[name].shape]
    if missing:
        raise CheckpointError(f"detector.model.weights: {weights} is no {backbone}: it has no {missing[0]}")
    if misfits:
        name = misfits[0]
        raise CheckpointError(
            f"detector.model.weights: {weights} does not fit detector.model: {name} is {list(kept[name].shape)} there "
            f"and {list(own[name].shape)} here"
        )


def _fetch_imagenet(name: BackboneName) -> dict[str, Tensor]:
    weights = get_model_weights(name)["IMAGENET1K_V1"]
    try:
        return weights.get_state_dict(progress=False, check_hash=True, weights_only=True)
    except (URLError, OSError, RuntimeError) as error:
        folder = Path(torch.hub.get_dir()) / "checkpoints"
        raise MissingInput(
            f"{weights.url} could not be fetched ({error}); put that file into {folder}, "
            "or give its path as detector.model.weights"
        ) from error


def _read(path: Path, sha256: str, backbone: BackboneName, *, first_layer: int) -> dict[str, Tensor]:
    """The weights of a file under torchvision's names."""
    if not path.is_file():
        raise MissingInput(f"detector.model.weights: {path}: no such file; the choices are none, imagenet or a file")
    if (found := sha256_file(path)) != sha256:
        raise CheckpointError(
            f"{path}: its SHA-256 is {found} and detector.model.weights_sha256 says {sha256}: fetch the file again, or "
            "put its hash there if you trust it"
        )
    weights = _read_tensors(path)
    if "conv1.weight" in weights:
        return {BODY + name: tensor for name, tensor in weights.items()}
    if STEM in weights:
        return weights
    renamed = torchvision_names(weights, first_layer=first_layer)
    if STEM in renamed:
        std_bgr = FAIR_STD_BGR if backbone.startswith("resnext") else MSRA_STD_BGR
        renamed[STEM] = expect_imagenet_rgb(renamed[STEM], std_bgr=std_bgr, imagenet_std_rgb=_imagenet_std())
    return renamed


def _imagenet_std() -> list[float]:
    return [255 * value for value in IMAGENET_STD]


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        if path.suffix == ".pkl":
            return _read_pickled_arrays(path)
        content = torch.load(path, "cpu", weights_only=True)
        return content.get("model", content)
    except UNREADABLE as error:
        raise CheckpointError(
            f"{path}: holds no weights as torchvision or detectron2 saves them ({error}); give a .pth, .safetensors or "
            ".pkl of theirs"
        ) from error


class _ArraysOnly(pickle.Unpickler):
    """Reads arrays and containers of them; whatever else a pickle asks for may run any code."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in HARMLESS:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no file of weights needs")
        return super().find_class(module, name)


def _read_pickled_arrays(path: Path) -> dict[str, Tensor]:
    """A file of detectron2's model zoo: its own, or Caffe2's."""
    content = _ArraysOnly(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    own = content.get("model")
    arrays = own if own is not None else content.get("blobs", content)
    tensors = {
        name: torch.from_numpy(np.array(value)) for name, value in arrays.items() if isinstance(value, np.ndarray)
    }
    return tensors if own is not None else _from_caffe2(tensors)


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
    for pattern, replacement in CAFFE2_NAMES:
        name = re.sub(pattern, replacement, name)
    return name
