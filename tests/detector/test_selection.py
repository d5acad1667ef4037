"""The highest AP wins."""

import pytest

from fashiongen.detector.selection import best_backbone, copy_model
from fashiongen.errors import BadInput, MissingInput


def test_the_highest_ap_wins_whatever_else_is_high():
    metrics = {"a": {"AP": 0.5, "AP50": 0.9}, "b": {"AP": 0.6, "AP50": 0.7}, "c": {"AP": 0.1, "AP50": 0.99}}
    assert best_backbone(metrics) == "b"


def test_of_equals_the_first_wins():
    assert best_backbone({"b": {"AP": 0.5}, "a": {"AP": 0.5}}) == "b"


def test_a_detector_without_ap_is_named():
    with pytest.raises(BadInput, match="resnet34"):
        best_backbone({"resnet18": {"AP": 0.5}, "resnet34": {}})


def test_a_model_is_copied_file_by_file(tmp_path):
    (tmp_path / "model").mkdir()
    for name in ("model.json", "model.safetensors"):
        (tmp_path / "model" / name).write_text(name)
    copy_model(tmp_path / "model", tmp_path / "best")
    assert {path.name: path.read_text() for path in (tmp_path / "best").iterdir()} == {
        "model.json": "model.json",
        "model.safetensors": "model.safetensors",
    }


def test_a_model_that_is_not_there_names_the_stage_that_trains_it(tmp_path):
    with pytest.raises(MissingInput, match=r"resnet34: no such folder; run `dvc repro train_detector@resnet34`"):
        copy_model(tmp_path / "resnet34", tmp_path / "best")
