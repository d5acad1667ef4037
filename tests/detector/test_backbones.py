"""Bodies are torchvision's, pyramids have the width asked for, and first weights arrive or are missed by name."""

from urllib.error import URLError

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import ResNet18_Weights, resnet, resnet18
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.backbone_utils import _resnet_fpn_extractor
from torchvision.ops import FrozenBatchNorm2d

from fashiongen.detector.backbones import build_backbone, load_backbone_weights
from fashiongen.detector.network import build_network
from fashiongen.detector.params import ModelParams
from fashiongen.errors import CheckpointError, MissingInput


@pytest.fixture(scope="module")
def study():
    """The network of the study, at its width."""
    return ModelParams(
        weights="imagenet",
        norm="frozen_batch",
        trainable_layers=3,
        fpn_layers=[1, 2, 3, 4],
        fpn_channels=256,
        box_head_dim=1024,
        roi_sampling_ratio=2,
        anchor_sizes_px=[32, 64, 128, 256, 512],
        anchor_ratios=[0.5, 1.0, 2.0],
        short_side_px=800,
        long_side_px=1333,
    )


def test_the_studys_network_is_torchvisions_own(study):
    """Same names, same shapes, same frozen part: torchvision's published detectors would load."""
    ours = build_network("resnet50", study, categories=90, options={})
    body = _resnet_fpn_extractor(resnet.resnet50(norm_layer=FrozenBatchNorm2d), trainable_layers=3)
    theirs = FasterRCNN(body, num_classes=91)
    shapes = [{name: value.shape for name, value in network.state_dict().items()} for network in (ours, theirs)]
    learning = [
        {name for name, parameter in network.named_parameters() if parameter.requires_grad}
        for network in (ours, theirs)
    ]
    assert shapes[0] == shapes[1]
    assert learning[0] == learning[1]


@pytest.mark.parametrize(
    ("name", "layers", "channels"),
    [("resnet18", [1, 2, 3, 4], 16), ("resnet34", [3, 4], 24), ("resnet50", [2, 3, 4], 8)],
)
def test_levels_halve_in_size_and_share_a_width(model, name, layers, channels):
    params = model.model_copy(update={"fpn_layers": layers, "fpn_channels": channels})
    levels = build_backbone(name, params)(torch.zeros(1, 3, 128, 128))
    sides = [128 // 2 ** (layer + 1) for layer in layers]
    shapes = [tuple(level.shape) for level in levels.values()]
    assert shapes == [(1, channels, side, side) for side in [*sides, sides[-1] // 2]]


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_of_torchvisions_weights_is_taken_over(tmp_path, model, suffix):
    classifier = resnet18(weights=None)
    path = tmp_path / f"weights{suffix}"
    save = save_file if suffix == ".safetensors" else torch.save
    save(classifier.state_dict(), path)
    backbone = build_backbone("resnet18", model)
    load_backbone_weights(backbone, "resnet18", str(path))
    for name, value in backbone.body.state_dict().items():
        assert torch.equal(value, classifier.state_dict()[name])


def test_weights_none_leaves_the_random_ones(model):
    backbone = build_backbone("resnet18", model)
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    load_backbone_weights(backbone, "resnet18", "none")
    assert all(torch.equal(value, before[name]) for name, value in backbone.state_dict().items())


def test_a_missing_file_is_named(model, tmp_path):
    with pytest.raises(MissingInput, match=r"absent\.pth"):
        load_backbone_weights(build_backbone("resnet18", model), "resnet18", str(tmp_path / "absent.pth"))


@pytest.mark.parametrize("name", ["resnet34", "resnet50"])
def test_another_networks_weights_are_refused(model, tmp_path, name):
    torch.save(resnet18(weights=None).state_dict(), tmp_path / "weights.pth")
    with pytest.raises(CheckpointError, match=rf"weights\.pth is no {name}"):
        load_backbone_weights(build_backbone(name, model), name, str(tmp_path / "weights.pth"))


def test_a_deeper_networks_weights_are_refused(model, tmp_path):
    torch.save(resnet.resnet34(weights=None).state_dict(), tmp_path / "weights.pth")
    with pytest.raises(CheckpointError, match=r"weights\.pth is no resnet18"):
        load_backbone_weights(build_backbone("resnet18", model), "resnet18", str(tmp_path / "weights.pth"))


def test_a_file_that_holds_no_weights_is_refused(model, tmp_path):
    (tmp_path / "weights.pth").write_text("not weights")
    with pytest.raises(CheckpointError, match=r"weights\.pth: holds no weights"):
        load_backbone_weights(build_backbone("resnet18", model), "resnet18", str(tmp_path / "weights.pth"))


def test_without_a_network_the_remedy_is_the_file_and_its_folder(model, monkeypatch, tmp_path):
    def unreachable(*_args, **_options):
        raise URLError("no route")

    monkeypatch.setattr(ResNet18_Weights.IMAGENET1K_V1.__class__, "get_state_dict", unreachable)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(MissingInput) as caught:
        load_backbone_weights(build_backbone("resnet18", model), "resnet18", "imagenet")
    assert ResNet18_Weights.IMAGENET1K_V1.url in str(caught.value)
    assert str(tmp_path / "hub" / "checkpoints") in str(caught.value)
    assert "\n" not in str(caught.value)
