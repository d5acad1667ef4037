"""The exported TorchScript file finds what the network finds, and tells nothing about this machine."""

import json
import warnings
from pathlib import Path

import pytest
import torch

import fashiongen
from fashiongen.detector.export.network_file import NOTES_FILE, write_network
from fashiongen.detector.export.portable import PortableDetector
from fashiongen.detector.params import ModelParams
from fashiongen.errors import BadArgument

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session", params=["demo", "study"])
def model(request, model, study):
    """The demo's, and with what the study has instead."""
    return model if request.param == "demo" else ModelParams.model_validate(model.model_dump() | study)


@pytest.fixture(scope="module")
def script_file(export) -> Path:
    return export("detector.pt")


@pytest.fixture(scope="module")
def loaded(script_file) -> tuple[torch.jit.ScriptModule, dict[str, str]]:
    """The network in the file, and the file's notes."""
    notes = {NOTES_FILE: ""}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # TorchScript's end has been announced
        script = torch.jit.load(script_file, _extra_files=notes)
    return script, json.loads(notes[NOTES_FILE])


def test_torchscript_finds_the_same_to_the_last_bit(network, find, loaded, image):
    script, _ = loaded
    with torch.inference_mode():
        found = script(image)
    assert all(torch.equal(*pair) for pair in zip(found, find(network, image), strict=True))


def test_scores_differ_and_regions_lie_on_both_levels(network, make_image, find, monkeypatch):
    """Else a mistake in their order, or in the choice of a level, would pass."""
    chosen, pool = [], network.roi_heads.box_roi_pool
    choose = pool.choose_levels
    monkeypatch.setattr(pool, "choose_levels", lambda boxes: chosen.append(choose(boxes)) or chosen[-1])
    _, labels, scores = find(network, make_image(160, 224))
    assert len(scores.unique()) == len(scores) == 45
    assert len(labels.unique()) > 1
    assert chosen[0].bincount().min() > 2


def test_nothing_is_found_where_nothing_is_sure_enough(network, model, make_image):
    portable = PortableDetector(network, size_divisor_px=model.size_divisor_px)
    floor, network.roi_heads.score_thresh = network.roi_heads.score_thresh, 1.0
    boxes, labels, scores = portable(make_image(64, 96))
    network.roi_heads.score_thresh = floor
    assert (boxes.shape, labels.shape, scores.shape) == ((0, 4), (0,), (0,))


def test_the_file_says_what_it_finds_and_how_large_it_wants_it(loaded, notes):
    assert loaded[1] == notes


def test_the_file_does_not_say_where_it_was_made(script_file):
    content = script_file.read_bytes()
    assert str(Path(fashiongen.__path__[0])).encode() not in content
    assert str(Path(torch.__file__).parent).encode() not in content


def test_another_format_is_refused_before_anything_is_read(infer, tmp_path):
    with pytest.raises(BadArgument, match=r"^--to \S+/a\.tflite: name a file that ends in \.onnx or \.pt$"):
        write_network(tmp_path / "a.tflite", tmp_path / "nowhere", infer)
