"""A folder of trained networks: generator.safetensors, discriminator.safetensors and what they are in model.json."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from fashiongen.dcgan.networks.dcgan import Discriminator, Generator
from fashiongen.dcgan.params import NetworkParams
from fashiongen.errors import CheckpointError, MissingInput
from fashiongen.files import atomic_path, read_json, write_json
from fashiongen.images.pack import Fit


class ModelCard(NetworkParams):
    """What a reader of the weights must know to use them, and what they were trained on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    variant: str
    seed: int
    epochs: int
    kept_epoch: int  # the one whose generator this is
    kept_kid: float | None  # against the training images; None where the last epoch's is kept unmeasured
    images_seen: int  # real images, counted once per epoch
    training_images: int
    fit: Fit  # how a training image became a square
    generator_parameters: int
    discriminator_parameters: int


def save_networks(
    folder: Path, generator: Mapping[str, Tensor], discriminator: Mapping[str, Tensor], card: ModelCard
) -> None:
    """Write the three files of a model folder from the networks' state dicts."""
    _save_weights(folder / "generator.safetensors", generator)
    _save_weights(folder / "discriminator.safetensors", discriminator)
    write_json(folder / "model.json", card.model_dump(mode="json"))


def _save_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    # Channels-last weights are not contiguous, and safetensors keeps no strides.
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    with atomic_path(path) as temporary:
        save_file(tensors, temporary)


def read_card(folder: Path) -> ModelCard:
    """The model card of a model folder.

    Raises:
        MissingInput: there is no model.json.
        CheckpointError: it is no model card.
    """
    path = folder / "model.json"
    try:
        return ModelCard.model_validate(read_json(path))
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise CheckpointError(f"{path}: {where}: {fault['msg']}; train the variant again") from error


def load_generator(folder: Path) -> Generator:
    """The generator of a model folder, on the CPU and in evaluation mode.

    Raises:
        MissingInput: a file is not there.
        CheckpointError: the weights do not fit the card.
    """
    generator = Generator(read_card(folder))
    _load_weights(folder / "generator.safetensors", generator)
    return generator.eval()


def load_discriminator(folder: Path) -> Discriminator:
    """The discriminator of a model folder, on the CPU and in evaluation mode; raises as `load_generator` does."""
    discriminator = Discriminator(read_card(folder))
    _load_weights(folder / "discriminator.safetensors", discriminator)
    return discriminator.eval()


def _load_weights(path: Path, network: nn.Module) -> None:
    if not path.is_file():
        raise MissingInput(f"{path}: no such file; train the variant, or `dvc pull` it")
    try:
        network.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError) as error:
        fault = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{path}: does not fit its model.json ({fault}); train the variant again") from error
