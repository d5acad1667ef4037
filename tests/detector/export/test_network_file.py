"""The exported detector finds what the network finds, in images of any size, and tells nothing about this machine."""

import json
import warnings
from pathlib import Path

import onnx
import onnxruntime
import pytest
import torch
from torch.nn import functional

import fashiongen
from fashiongen.detector.export.network_file import INPUT, NOTES_FILE, OUTPUTS, write_network
from fashiongen.detector.export.portable import PortableDetector
from fashiongen.detector.params import ModelParams
from fashiongen.errors import BadArgument

BOX_PX, SCORE = 1e-3, 1e-5
SIZES = [(160, 224), (64, 96), (101, 77), (300, 130), (20, 31), (1, 1)]  # (height, width); the first one was traced
NOTES = {
    "categories": '{"1": "upper", "2": "lower", "3": "full"}',
    "short_side_px": "64",
    "long_side_px": "96",
}

STUDY = {
    "weights": "imagenet",
    "norm": "frozen_batch",
    "trainable_layers": 3,
    "roi_sampling_ratio": 0,
    "anchor_offset_frac": 0,
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session", params=[{}, STUDY], ids=["demo", "study"])
def model(request, model):
    """The demo's, and with what the study has instead."""
    return ModelParams.model_validate(model.model_dump() | request.param)


def make_image(height, width):
    rng = torch.Generator().manual_seed(1000 * height + width)
    coarse = 255 * torch.rand(1, 3, 6, 5, generator=rng)
    return functional.interpolate(coarse, size=(height, width), mode="bicubic").clamp(0, 255)


def find(network, image):
    """What the network itself finds, in a batch of one image."""
    height, width = image.shape[2:]
    with torch.inference_mode():
        [found] = network(functional.pad(image, [0, -width % 32, 0, -height % 32]), [(height, width)])
    return [found[name] for name in OUTPUTS]


@pytest.fixture(scope="module")
def written(write_detector, infer, tmp_path_factory) -> Path:
    """A folder with the detector in both formats."""
    folder = tmp_path_factory.mktemp("written")
    write_detector(folder / "model")
    for suffix in ("onnx", "pt"):
        write_network(folder / f"detector.{suffix}", folder / "model", infer)
    return folder


@pytest.fixture(scope="module")
def session(written) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(written / "detector.onnx")


@pytest.fixture(scope="module")
def script(written) -> torch.jit.ScriptModule:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # TorchScript's end has been announced
        return torch.jit.load(written / "detector.pt")


@pytest.mark.parametrize("size", SIZES)
def test_onnxruntime_finds_what_the_network_finds(network, session, size):
    expected = find(network, make_image(*size))
    found = [torch.from_numpy(values) for values in session.run(OUTPUTS, {INPUT: make_image(*size).numpy()})]
    assert len(expected[0]) > (3 if min(size) > 1 else 0)
    for values, of_network, atol in zip(found, expected, (BOX_PX, 0, SCORE), strict=True):
        torch.testing.assert_close(values, of_network, rtol=0, atol=atol)


@pytest.mark.parametrize("size", SIZES)
def test_torchscript_finds_the_same_to_the_last_bit(network, script, size):
    with torch.inference_mode():
        found = script(make_image(*size))
    assert all(torch.equal(*pair) for pair in zip(found, find(network, make_image(*size)), strict=True))


def test_scores_differ_and_regions_lie_on_both_levels(network, monkeypatch):
    """Else a mistake in their order, or in the choice of a level, would pass."""
    chosen, pool = [], network.roi_heads.box_roi_pool
    choose = pool.choose_levels
    monkeypatch.setattr(pool, "choose_levels", lambda boxes: chosen.append(choose(boxes)) or chosen[-1])
    _, labels, scores = find(network, make_image(160, 224))
    assert len(scores.unique()) == len(scores) == 45
    assert len(labels.unique()) > 1
    assert chosen[0].bincount().min() > 2


def test_nothing_is_found_where_nothing_is_sure_enough(network, model):
    portable = PortableDetector(network, size_divisor_px=model.size_divisor_px)
    floor, network.roi_heads.score_thresh = network.roi_heads.score_thresh, 1.0
    boxes, labels, scores = portable(make_image(64, 96))
    network.roi_heads.score_thresh = floor
    assert (boxes.shape, labels.shape, scores.shape) == ((0, 4), (0,), (0,))


def test_the_onnx_file_is_valid_and_open_in_height_and_width(written):
    model = onnx.load(written / "detector.onnx")
    onnx.checker.check_model(model, full_check=True)
    [image] = model.graph.input
    sides = [dim.dim_param or dim.dim_value for dim in image.type.tensor_type.shape.dim]
    assert sides[:2] == [1, 3]
    assert all(isinstance(side, str) for side in sides[2:])
    assert [value.name for value in model.graph.output] == list(OUTPUTS)


def test_the_files_say_what_they_find_and_how_large_they_want_it(written, session):
    assert NOTES.items() <= session.get_modelmeta().custom_metadata_map.items()
    notes = {NOTES_FILE: ""}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        torch.jit.load(written / "detector.pt", _extra_files=notes)
    assert json.loads(notes[NOTES_FILE]) == NOTES


@pytest.mark.parametrize("name", ["detector.onnx", "detector.pt"])
def test_the_files_do_not_say_where_they_were_made(written, name):
    content = (written / name).read_bytes()
    assert str(Path(fashiongen.__path__[0])).encode() not in content
    assert str(Path(torch.__file__).parent).encode() not in content


def test_another_format_is_refused_before_anything_is_read(infer, tmp_path):
    with pytest.raises(BadArgument, match=r"^--to \S+/a\.tflite: name a file that ends in \.onnx or \.pt$"):
        write_network(tmp_path / "a.tflite", tmp_path / "nowhere", infer)
