"""The highest AP wins."""

import pytest

from fashiongen.detector.selection import best_backbone
from fashiongen.errors import BadInput


def test_the_highest_ap_wins_whatever_else_is_high():
    metrics = {"a": {"AP": 0.5, "AP50": 0.9}, "b": {"AP": 0.6, "AP50": 0.7}, "c": {"AP": 0.1, "AP50": 0.99}}
    assert best_backbone(metrics) == "b"


def test_of_equals_the_first_wins():
    assert best_backbone({"b": {"AP": 0.5}, "a": {"AP": 0.5}}) == "b"


def test_a_detector_without_ap_is_named():
    with pytest.raises(BadInput, match="resnet34"):
        best_backbone({"resnet18": {"AP": 0.5}, "resnet34": {}})
