"""ResNet and ResNeXt bodies under a feature pyramid, and where their first weights come from."""

from pathlib import Path
from pickle import UnpicklingError
from urllib.error import URLError

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.models import get_model_weights, resnet
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.ops import FrozenBatchNorm2d
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from fashiongen.detector.params import BackboneName, ModelParams
from fashiongen.errors import CheckpointError, MissingInput

NORMS: dict[str, type[nn.Module]] = {"batch": nn.BatchNorm2d, "frozen_batch": FrozenBatchNorm2d}
STAGES = ["layer4", "layer3", "layer2", "layer1", "conv1"]  # in the order in which they are freed to learn


def build_backbone(name: BackboneName, params: ModelParams) -> BackboneWithFPN:
    """A body with random weights under a feature pyramid, whose levels are named "0", "1", … and "pool"."""
    body = getattr(resnet, name)(weights=None, norm_layer=NORMS[params.norm])
    _freeze(body, params.trainable_layers)
    widths = [body.inplanes // 2 ** (4 - layer) for layer in params.fpn_layers]
    return BackboneWithFPN(
        body,
        return_layers={f"layer{layer}": str(level) for level, layer in enumerate(params.fpn_layers)},
        in_channels_list=widths,
        out_channels=params.fpn_channels,
        extra_blocks=LastLevelMaxPool(),
        norm_layer=nn.BatchNorm2d if params.norm == "batch" else None,
    )


def _freeze(body: nn.Module, trainable_layers: int) -> None:
    learning = (*STAGES[:trainable_layers], *(["bn1"] if trainable_layers == len(STAGES) else []))
    for name, parameter in body.named_parameters():
        parameter.requires_grad_(name.startswith(learning) if learning else False)


def load_backbone_weights(backbone: BackboneWithFPN, name: BackboneName, weights: str) -> None:
    """Give the body its first weights: `none` leaves the random ones, `imagenet` fetches, a path is read.

    Raises:
        MissingInput: the file is not there, or torchvision's weights could not be fetched.
        CheckpointError: the file holds the weights of something else.
    """
    if weights == "none":
        return
    state = _imagenet_weights(name) if weights == "imagenet" else _read_weights(Path(weights))
    own = backbone.body.state_dict()
    others = {key for key in state if not key.startswith("fc.") and not key.endswith("num_batches_tracked")}
    unmatched = sorted(others.symmetric_difference(key for key in own if not key.endswith("num_batches_tracked")))
    if unmatched:
        raise CheckpointError(f"detector.model.weights: {weights} is no {name}: {unmatched[0]} has no counterpart")
    try:
        backbone.body.load_state_dict({key: state[key] for key in own if key in state}, strict=False)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise CheckpointError(f"detector.model.weights: {weights} is no {name}: {reason}") from error


def _imagenet_weights(name: BackboneName) -> dict[str, Tensor]:
    weights = get_model_weights(name)["IMAGENET1K_V1"]
    try:
        return weights.get_state_dict(progress=False, check_hash=True, weights_only=True)
    except (URLError, OSError, RuntimeError) as error:
        folder = Path(torch.hub.get_dir()) / "checkpoints"
        raise MissingInput(
            f"{weights.url} could not be fetched ({error}); put that file into {folder}, "
            "or give its path as detector.model.weights"
        ) from error


def _read_weights(path: Path) -> dict[str, Tensor]:
    """The weights of a classifier as torchvision names them, from a .safetensors or .pth file."""
    if not path.is_file():
        raise MissingInput(f"detector.model.weights: {path}: no such file; the choices are none, imagenet or a file")
    try:
        return load_file(path) if path.suffix == ".safetensors" else torch.load(path, "cpu", weights_only=True)
    except (SafetensorError, UnpicklingError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise CheckpointError(
            f"{path}: holds no weights as torchvision saves them; give a .pth or .safetensors"
        ) from error
