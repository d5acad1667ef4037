"""An engine is found by its name, or its absence is one line with the remedy."""

from importlib.util import find_spec

import pytest

from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.networks.purpose import ForTraining, ForWeights
from fashiongen.errors import ConfigError, MissingInput


def test_an_engine_builds_networks_that_answer_alike(engine, model, training):
    network = get_engine(engine).build("resnet18", model, ForTraining(training), categories=3)
    assert isinstance(network, DetectorNetwork)
    assert sorted(network.named_weights()) == sorted(
        get_engine("torchvision").build("resnet18", model, ForWeights(), categories=3).named_weights()
    )


def test_an_unknown_engine_is_told_the_known_ones():
    with pytest.raises(ConfigError, match=r"'caffe2'.*torchvision, detectron2"):
        get_engine("caffe2")


@pytest.mark.skipif(find_spec("detectron2") is not None, reason="detectron2 is installed")
def test_a_library_that_is_not_installed_is_named_with_its_remedy():
    for _ in range(2):  # a failed import may leave half a module behind
        with pytest.raises(MissingInput, match=r"install it from its source .* or set detector.engine to torchvision"):
            get_engine("detectron2")
