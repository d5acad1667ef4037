"""A detector on disk: model.safetensors, and model.json that describes the network of the weights."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.params import BackboneName, Engine, ModelParams
from fashiongen.errors import CheckpointError
from fashiongen.files import atomic_path, read_json, write_json

WEIGHTS = "model.safetensors"
CARD = "model.json"


class ModelCard(BaseModel):
    """The content of model.json: all that is needed to build the network again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Engine
    backbone: BackboneName
    categories: dict[int, str]  # category id -> name; ids count from 1
    model: ModelParams


def write_model(folder: Path, card: ModelCard, weights: Mapping[str, Tensor]) -> None:
    """Write a detector's weights, under torchvision's names, and its card."""
    with atomic_path(folder / WEIGHTS) as temporary:
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}, temporary)
    write_json(folder / CARD, card.model_dump(mode="json"))


def read_card(folder: Path) -> ModelCard:
    """The card of a model folder.

    Raises:
        MissingInput: there is none.
        CheckpointError: it has another format than this version writes.
    """
    content = read_json(folder / CARD)
    try:
        return ModelCard.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise CheckpointError(f"{folder / CARD}: {where}: {first['msg']}; train the detector again") from error


def read_weights(folder: Path, network: DetectorNetwork) -> None:
    """Load a model folder's weights into the network that its card describes.

    Raises:
        CheckpointError: the weights are not there, or belong to another network.
    """
    path = folder / WEIGHTS
    try:
        network.load_named_weights(load_file(path))
    except (RuntimeError, SafetensorError, OSError, KeyError) as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise CheckpointError(f"{path}: not the weights of {folder / CARD} ({reason}); train it again") from error
