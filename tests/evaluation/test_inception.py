"""Inception from a file in torch-fidelity's own format: its features, and what is said where the file is none."""

import pickle
import re

import pytest
import torch
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torch_fidelity.utils import create_feature_extractor

from fashiongen.errors import CheckpointError, MissingInput
from fashiongen.evaluation.metrics.extractor import hash_module
from fashiongen.evaluation.metrics.inception import load_inception
from fashiongen.files import sha256_file

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Random weights under the names and in the shapes of the published ones."""
    path = tmp_path_factory.mktemp("inception") / "weights.pth"
    torch.manual_seed(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        patch.setattr(torch, "load", lambda *_, **__: None)
        network = FeatureExtractorInceptionV3("random", ["2048"], feature_extractor_weights_path="none")
    torch.save(network.state_dict(), path)
    return path


def test_its_features_are_those_of_torch_fidelity(weights):
    images = torch.randint(0, 256, (3, 3, 20, 30)).to(torch.uint8)
    theirs = create_feature_extractor(
        "inception-v3-compat", ["2048"], feature_extractor_weights_path=weights, cuda=False, verbose=False
    )
    found = load_inception(weights).extract(images)
    assert found.shape == (3, 2048)
    assert torch.equal(found, theirs(images)[0].double())


def test_its_name_and_its_hash_tell_weights_apart(weights, tmp_path):
    state = torch.load(weights, weights_only=True)
    state["fc.bias"][0] += 1
    torch.save(state, tmp_path / "other.pth")
    one, other = load_inception(weights), load_inception(tmp_path / "other.pth")
    assert one.name == f"inception-v3-compat-{sha256_file(weights)[:12]}"
    assert one.name != other.name
    assert one.sha256 == hash_module(one.module) != other.sha256


def test_a_missing_file_is_named_with_its_key_and_where_to_get_it(tmp_path):
    path = tmp_path / "none.pth"
    expected = (
        rf"evaluate\.inception_weights: {re.escape(str(path))}: no such file; get it from https://github\.com/\S+"
    )
    with pytest.raises(MissingInput, match=expected):
        load_inception(path)


def test_a_damaged_file_is_named(weights, tmp_path):
    path = tmp_path / "short.pth"
    path.write_bytes(weights.read_bytes()[:100_000])
    with pytest.raises(CheckpointError, match=rf"{re.escape(str(path))}: not the weights of inception-v3-compat"):
        load_inception(path)


@pytest.mark.parametrize("content", [{"conv.weight": torch.zeros(3)}, [torch.zeros(3)], torch.zeros(3)], ids=str)
def test_a_file_of_something_else_is_refused(content, tmp_path):
    path = tmp_path / "other.pth"
    torch.save(content, path)
    with pytest.raises(CheckpointError, match="not the weights of inception-v3-compat"):
        load_inception(path)


def test_a_file_that_would_run_code_is_not_unpickled(tmp_path):
    path = tmp_path / "hostile.pth"
    path.write_bytes(pickle.dumps(Touch(tmp_path / "touched"), protocol=2))
    with pytest.raises(CheckpointError, match="not the weights"):
        load_inception(path)
    assert not (tmp_path / "touched").exists()


class Touch:
    """Unpickled, it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return type(self.path).touch, (self.path,)
