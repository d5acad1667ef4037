"""A model folder's round trip, and what is said of a folder that is not whole."""

import pytest
import torch

from fashiongen.dcgan.networks.dcgan import count_parameters
from fashiongen.dcgan.networks.families import FAMILIES, AnyDiscriminator, AnyGenerator
from fashiongen.dcgan.networks.model_card import ModelCard, read_card
from fashiongen.dcgan.networks.sampling import sample
from fashiongen.dcgan.networks.weights import load_discriminator, load_generator, save_networks
from fashiongen.dcgan.params import NetworkParams
from fashiongen.errors import CheckpointError, MissingInput
from fashiongen.files import read_json, write_json


@pytest.fixture(params=["dcgan", "modern"])
def shape(request, small_shape, modern_shape) -> NetworkParams:
    """With widths that differ, so that no network takes the other's."""
    chosen = modern_shape if request.param == "modern" else small_shape
    return chosen.model_copy(update={"ndf": 3})


def states(networks):
    return [network.state_dict() for network in networks]


@pytest.fixture
def networks(shape) -> tuple[AnyGenerator, AnyDiscriminator]:
    """With running statistics that are not the initial ones, in the memory format of a training."""
    torch.manual_seed(0)
    family = FAMILIES[shape.family]
    generator, discriminator = family.generator(shape), family.discriminator(shape)
    for network in (generator, discriminator):
        family.initialise_weights(network, torch.Generator().manual_seed(0))
    discriminator(generator(torch.randn(4, 5, 1, 1)))
    return generator.to(memory_format=torch.channels_last), discriminator.to(memory_format=torch.channels_last)


@pytest.fixture
def card(shape, networks, query_all) -> ModelCard:
    generator, discriminator = map(count_parameters, networks)
    trained = {"variant": "cropped", "seed": 3, "epochs": 2, "images_seen": 64, "training_images": 40, "fit": "contain"}
    kept = {"kept_epoch": 2, "query": query_all("crops")}
    counted = {"generator_parameters": generator, "discriminator_parameters": discriminator}
    return ModelCard(**shape.model_dump(), **trained, **kept, **counted)


@pytest.fixture
def folder(tmp_path, networks, card):
    save_networks(tmp_path, *states(networks), card)
    return tmp_path


def test_saved_networks_come_back(folder, networks, card):
    generator, discriminator = networks
    images = torch.randn(3, 3, card.height_px, card.width_px)
    assert read_card(folder) == card
    assert torch.equal(sample(load_generator(folder), 3, seed=1), sample(generator, 3, seed=1))
    torch.testing.assert_close(load_discriminator(folder)(images), discriminator.eval()(images))


def test_two_saves_are_the_same_bytes(folder, networks, card, tmp_path):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    save_networks(folder, *states(networks), card)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert set(before) == {"generator.safetensors", "discriminator.safetensors", "model.json"}


def test_an_empty_folder_is_missing_input(tmp_path):
    with pytest.raises(MissingInput, match=r"model\.json"):
        load_generator(tmp_path)


def test_missing_weights_are_named(folder):
    (folder / "generator.safetensors").unlink()
    with pytest.raises(MissingInput, match=r"generator\.safetensors.*dvc pull"):
        load_generator(folder)


@pytest.mark.parametrize("key", ["ngf", "latent_dim"])
def test_weights_of_another_shape_are_refused(folder, key):
    card = read_json(folder / "model.json")
    write_json(folder / "model.json", card | {key: 6})
    with pytest.raises(CheckpointError, match=r"generator\.safetensors: does not fit its model\.json"):
        load_generator(folder)


def test_truncated_weights_are_refused(folder):
    path = folder / "discriminator.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"discriminator\.safetensors"):
        load_discriminator(folder)


def test_a_card_without_a_key_is_refused_by_its_name(folder):
    card = read_json(folder / "model.json")
    del card["latent_dim"]
    write_json(folder / "model.json", card)
    with pytest.raises(CheckpointError, match=r"model\.json: latent_dim"):
        read_card(folder)
