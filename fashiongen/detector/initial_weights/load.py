"""The initial weights of a training: torchvision's ImageNet weights, or a file of torchvision or detectron2."""

from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError

import torch
from torch import Tensor
from torchvision.models import get_model_weights

from fashiongen.detector.initial_weights.files import read_weight_file
from fashiongen.detector.initial_weights.names import BODY, DELTAS, SCORES
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.params import BackboneName, ModelParams
from fashiongen.errors import CheckpointError, MissingInput
from fashiongen.files import sha256_file


def load_initial_weights(network: DetectorNetwork, backbone: BackboneName, model: ModelParams) -> None:
    """Load the initial weights of a network: of its backbone, or of a whole detector if the file holds one.

    `model.weights` is none (the random weights stay), imagenet (downloaded) or a path (see `read_weight_file`). The
    weights of a predictor with another number of categories are not loaded.

    Raises:
        MissingInput: the file is not there, or torchvision's weights could not be fetched.
        CheckpointError: the file's hash is not `model.weights_sha256`, or its weights belong to another network.
    """
    if model.weights == "none":
        return
    if model.weights == "imagenet":
        found = {BODY + name: tensor for name, tensor in _fetch_imagenet(backbone).items()}
    else:
        path = Path(model.weights)
        _require_hash(path, str(model.weights_sha256))
        found = read_weight_file(path, backbone, first_layer=model.fpn_layers[0])
    own = network.named_weights()
    misfits = {name for name in found if name.startswith((SCORES, DELTAS)) and found[name].shape != own[name].shape}
    kept = {name: tensor for name, tensor in found.items() if name in own and name not in misfits}
    _require_fit(model.weights, backbone, own, kept, found)
    network.load_named_weights(own | kept)


def _require_hash(path: Path, sha256: str) -> None:
    if not path.is_file():
        raise MissingInput(f"detector.model.weights: {path}: no such file; the choices are none, imagenet or a file")
    if (found := sha256_file(path)) != sha256:
        raise CheckpointError(
            f"{path}: its SHA-256 is {found} and detector.model.weights_sha256 says {sha256}: fetch the file again, or "
            "put its hash there if you trust it"
        )


def _require_fit(
    weights: str, backbone: str, own: Mapping[str, Tensor], kept: Mapping[str, Tensor], found: Mapping[str, Tensor]
) -> None:
    """Make sure that the body is complete, has no additional blocks, and that all shapes fit."""
    missing = [name for name in own if name.startswith(BODY) and name not in kept and "num_batches" not in name]
    if missing:
        raise CheckpointError(f"detector.model.weights: {weights} is no {backbone}: it has no {missing[0]}")
    stages = {_stage(name) for name in own if name.startswith(BODY)}  # stages above the pyramid's last one are ignored
    surplus = [name for name in found if name.startswith(BODY) and _stage(name) in stages and name not in own]
    if deeper := [name for name in surplus if name.endswith(".conv1.weight")]:
        raise CheckpointError(f"detector.model.weights: {weights} is no {backbone}: it has {deeper[0]} too")
    for name, tensor in kept.items():
        if tensor.shape != own[name].shape:
            raise CheckpointError(
                f"detector.model.weights: {weights} does not fit detector.model: {name} is {list(tensor.shape)} there "
                f"and {list(own[name].shape)} here"
            )


def _stage(name: str) -> str:
    return name.removeprefix(BODY).partition(".")[0]


def _fetch_imagenet(name: BackboneName) -> dict[str, Tensor]:
    weights = get_model_weights(name)["IMAGENET1K_V1"]
    try:
        state: dict[str, Tensor] = weights.get_state_dict(progress=False, check_hash=True, weights_only=True)
        return state
    except (URLError, OSError, RuntimeError) as error:
        folder = Path(torch.hub.get_dir()) / "checkpoints"
        raise MissingInput(
            f"{weights.url} could not be fetched ({error}); put that file into {folder}, "
            "or give its path as detector.model.weights"
        ) from error
