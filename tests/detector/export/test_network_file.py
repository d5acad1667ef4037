"""The exported ONNX file finds what the network finds, in images of any size, and tells nothing about this machine."""

from pathlib import Path

import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

import fashiongen
from fashiongen.detector.export.network_file import INPUT, OUTPUTS
from fashiongen.detector.export.portable import PortableDetector
from fashiongen.detector.networks.faster_rcnn import FasterRCNN, normalise
from fashiongen.detector.params import ModelParams
from fashiongen.onnx_program import write_program

BOX_PX, SCORE = 1e-3, 1e-5

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def onnx_file(export) -> Path:
    """Made once: it takes half a minute."""
    return export("detector.onnx")


@pytest.fixture(scope="module")
def session(onnx_file) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(onnx_file)


def test_onnxruntime_finds_what_the_network_finds(network, find, session, image):
    expected = find(network, image)
    found = [torch.from_numpy(values) for values in session.run(OUTPUTS, {INPUT: image.numpy()})]
    assert len(expected[0]) > (3 if min(image.shape[2:]) > 1 else 0)
    for values, of_network, atol in zip(found, expected, (BOX_PX, 0, SCORE), strict=True):
        torch.testing.assert_close(values, of_network, rtol=0, atol=atol)


class Parts(nn.Module):
    """What of a detector depends on its norms, its pooling and its anchors, in images of one size."""

    BOXES_XYXY = ((3.0, 5.5, 15.0, 16.0), (30.0, 8.0, 38.5, 23.0), (4.0, 4.0, 90.0, 50.0), (20.0, 0.0, 60.0, 64.0))

    def __init__(self, network: FasterRCNN) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("boxes", torch.tensor(self.BOXES_XYXY))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits and deltas of the boxes, and all anchors."""
        levels, heads = self.network.backbone(normalise(image)), self.network.roi_heads
        logits, deltas = heads.box_predictor(heads.box_head(heads.box_roi_pool(levels, [self.boxes], [])))
        return logits, deltas, torch.cat(self.network.rpn.anchor_generator.of_levels(list(levels.values())))


def test_onnxruntime_computes_the_parts_that_the_studys_settings_change(
    build_detector, model, study, make_image, tmp_path
):
    network = build_detector(ModelParams.model_validate(model.model_dump() | study))
    parts, image = Parts(PortableDetector(network, size_divisor_px=32).network), make_image(64, 96)
    assert set(network.roi_heads.box_roi_pool.choose_levels(parts.boxes).tolist()) == {0, 1}
    write_program(tmp_path / "parts.onnx", parts, image, inputs={INPUT: {}}, outputs=["logits", "deltas", "anchors"])
    found = onnxruntime.InferenceSession(tmp_path / "parts.onnx").run(None, {INPUT: image.numpy()})
    with torch.inference_mode():
        for values, expected in zip(found, parts(image), strict=True):
            torch.testing.assert_close(torch.from_numpy(values), expected, rtol=1e-4, atol=1e-4)


def test_the_onnx_file_is_valid_and_open_in_height_and_width(onnx_file, notes):
    model = onnx.load(onnx_file)
    onnx.checker.check_model(model, full_check=True)
    [image] = model.graph.input
    sides = [dim.dim_param or dim.dim_value for dim in image.type.tensor_type.shape.dim]
    assert sides[:2] == [1, 3]
    assert all(isinstance(side, str) for side in sides[2:])
    assert [value.name for value in model.graph.output] == list(OUTPUTS)
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert notes.items() <= said.items()


def test_the_file_does_not_say_where_it_was_made(onnx_file):
    content = onnx_file.read_bytes()
    assert str(Path(fashiongen.__path__[0])).encode() not in content
    assert str(Path(torch.__file__).parent).encode() not in content
