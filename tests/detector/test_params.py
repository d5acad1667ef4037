"""Params that cannot work are refused before anything runs."""

import pytest
from pydantic import ValidationError

from fashiongen.detector.params import ModelParams, parse_backbone
from fashiongen.errors import ConfigError


def changed(model, **values):
    return ModelParams.model_validate({**model.model_dump(), **values})


@pytest.mark.parametrize(
    "values",
    [
        {"norm": "frozen_batch"},
        {"trainable_layers": 3},
        {"anchor_sizes_px": [32, 64]},
        {"fpn_layers": [4, 3]},
        {"fpn_layers": [3, 3]},
        {"short_side_px": 0},
    ],
)
def test_a_contradiction_is_refused(model, values):
    with pytest.raises(ValidationError):
        changed(model, **values)


def test_pretrained_weights_may_be_frozen_in_part(model):
    assert changed(model, weights="imagenet", norm="frozen_batch", trainable_layers=3).trainable_layers == 3


def test_an_unknown_backbone_is_told_the_known_ones():
    with pytest.raises(ConfigError, match=r"resnet19.*resnet18.*resnext101_32x8d"):
        parse_backbone("resnet19")
