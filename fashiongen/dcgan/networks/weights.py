"""A folder of trained networks: generator.safetensors, discriminator.safetensors and their card, model.json."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from fashiongen.dcgan.networks.families import FAMILIES, AnyDiscriminator, AnyGenerator
from fashiongen.dcgan.networks.model_card import CARD, ModelCard, read_card
from fashiongen.errors import CheckpointError, MissingInput
from fashiongen.files import atomic_path, write_json


def save_networks(
    folder: Path, generator: Mapping[str, Tensor], discriminator: Mapping[str, Tensor], card: ModelCard
) -> None:
    """Write the three files of a model folder from the networks' state dicts."""
    _save_weights(folder / "generator.safetensors", generator)
    _save_weights(folder / "discriminator.safetensors", discriminator)
    write_json(folder / CARD, card.model_dump(mode="json"))


def _save_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    # Channels-last weights are not contiguous, and safetensors keeps no strides.
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    with atomic_path(path) as temporary:
        save_file(tensors, temporary)


def load_generator(folder: Path) -> AnyGenerator:
    """The generator of a model folder, on the CPU and in evaluation mode.

    Raises:
        MissingInput: a file is not there.
        CheckpointError: the weights do not fit the card.
    """
    card = read_card(folder)
    generator = FAMILIES[card.family].generator(card)
    _load_weights(folder / "generator.safetensors", generator)
    return generator.eval()


def load_discriminator(folder: Path) -> AnyDiscriminator:
    """The discriminator of a model folder, on the CPU and in evaluation mode; raises as `load_generator` does."""
    card = read_card(folder)
    discriminator = FAMILIES[card.family].discriminator(card)
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
