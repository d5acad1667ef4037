"""The model card: metadata that tools read, numbers that agree with their sources, and code that runs."""

import re
from pathlib import Path

import pytest
import torch
import yaml

from fashiongen.cli.profiles import read_profile
from fashiongen.config import section
from fashiongen.dcgan.networks.dcgan import Discriminator, Generator
from fashiongen.dcgan.networks.model_card import ModelCard
from fashiongen.dcgan.networks.weights import save_networks
from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.training.card import render_card
from fashiongen.dcgan.training.records import EpochRecord

TRAINED = {"variant": "aurore", "seed": 7, "epochs": 3, "kept_epoch": 2, "fit": "cover"}
COUNTED = {"images_seen": 60, "training_images": 1234, "generator_parameters": 5000, "discriminator_parameters": 70}
LAST = {"epoch": 3, "Loss_D": 0.51320001, "Loss_G": 2.0, "D_x": 0.7, "D_G_z1": 0.2, "D_G_z2": 1e-7, "images_seen": 60}
DRAWN = {"height_px": 32, "diversity": 0.8, "collapsed": False, "SWD": None, "KID_worst": None}
QUERY = {"label": None, "brand": "Kōmori", "season": "FW26", "min_score": 0.5}
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def params() -> DcganParams:
    """The demo's settings with a query for one brand and season."""
    values = section(read_profile("demo", ROOT / "profiles"), "dcgan.variants.cropped")
    return DcganParams.model_validate(values | {"query": values["query"] | QUERY})


@pytest.fixture
def card(small_shape, query_all) -> ModelCard:
    return ModelCard(**small_shape.model_dump(), **TRAINED, **COUNTED, query=query_all("crops"))


@pytest.fixture
def readme(card, params) -> str:
    return render_card(card, params, EpochRecord(**LAST, **DRAWN), data_sha256="ab" * 32)


def test_the_front_matter_is_what_hugging_face_reads(readme):
    """The keys of its model card specification; a task and a dataset per result, a type and a value per metric."""
    front = yaml.safe_load(readme.split("---\n")[1])
    assert readme.startswith("---\n")
    assert {"license": "other", "library_name": "pytorch"}.items() <= front.items()
    assert {"license_name", "license_link", "pipeline_tag", "tags", "model-index"} <= set(front)
    (model,) = front["model-index"]
    (result,) = model["results"]
    assert result["dataset"]["revision"] == "ab" * 32
    values = {metric["type"]: metric["value"] for metric in result["metrics"]}
    assert values == {"Loss_D": 0.5132, "Loss_G": 2.0, "D_x": 0.7, "D_G_z1": 0.2, "D_G_z2": 1e-7, "diversity": 0.8}


def test_the_text_names_the_data_the_query_and_the_losses(readme):
    assert "- 1,234 images: crops, brand Kōmori, season FW26, min_score 0.5\n" in readme
    assert f"`{'ab' * 32}`, the SHA-256 of `reports/dcgan/aurore/training_set.csv`" in readme
    assert "| Loss_D | 0.5132 |" in readme
    assert "metrics/dcgan.json" in readme
    assert "rights stay with their owners" in readme


def test_the_params_in_the_card_train_the_same_again(readme, params):
    text = re.search(r"```yaml\n(.*?)```", readme, re.DOTALL)[1]
    assert DcganParams.model_validate(yaml.safe_load(text)) == params


def test_the_code_in_the_card_runs(readme, card, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    states = (network.state_dict() for network in (Generator(card), Discriminator(card)))
    save_networks(tmp_path / "models/dcgan/aurore", *states, card)
    names: dict = {}
    exec(re.search(r"```python\n(.*?)```", readme, re.DOTALL)[1], names)
    assert names["images"].shape == (64, 3, 32, 32)
    assert names["images"].dtype == torch.uint8


def test_the_card_tells_the_height_and_width(card, params):
    portrait = card.model_copy(update={"height_px": 64})
    readme = render_card(portrait, params, EpochRecord(**LAST, **DRAWN), data_sha256="ab" * 32)
    assert "64 pixels high and 32 wide" in readme
    assert "uint8 (64, 3, 64, 32), RGB" in readme


def test_the_card_of_the_same_training_is_the_same(readme, card, params):
    assert render_card(card, params, EpochRecord(**LAST, **DRAWN), data_sha256="ab" * 32) == readme
