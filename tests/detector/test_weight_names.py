"""Weights have two names and lose nothing on the way from one to the other."""

import pytest
import torch
from torch.nn import functional

from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.initial_weights.names import (
    detectron2_name,
    expect_imagenet_rgb,
    from_detectron2,
    to_detectron2,
    torchvision_name,
    torchvision_names,
)
from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.purpose import ForWeights

LAYERS = [[1, 2, 3, 4], [2, 3, 4], [3, 4], [3]]
PREDICTOR = "roi_heads.box_predictor"


@pytest.fixture(params=LAYERS, ids=str)
def layers(request):
    return request.param


def shaped(model, layers, norm):
    sizes = [32] * (len(layers) + 1)
    return model.model_copy(update={"fpn_layers": layers, "anchor_sizes_px": sizes, "norm": norm})


@pytest.fixture(params=["batch", "frozen_batch"])
def network(model, layers, request):
    """With the background's box deltas at 0, which detectron2 does not have."""
    built = build_network("resnet18", shaped(model, layers, request.param), ForWeights(), categories=3)
    with torch.no_grad():
        for parameter in built.roi_heads.box_predictor.bbox_pred.parameters():
            parameter[:4] = 0
    return built


def test_names_and_tensors_come_back_as_they_went(network, layers):
    sent = network.named_weights()
    returned = from_detectron2(to_detectron2(sent, first_layer=layers[0]), first_layer=layers[0])
    assert returned.keys() == sent.keys()
    assert all(torch.equal(value, sent[name]) for name, value in returned.items())


def test_no_two_weights_share_a_name(network, layers):
    sent = network.named_weights()
    assert len(to_detectron2(sent, first_layer=layers[0])) == len(sent)


@pytest.mark.usefixtures("import_detectron2")
@pytest.mark.parametrize("norm", ["batch", "frozen_batch"])
@pytest.mark.parametrize("backbone", ["resnet18", "resnet50"])
def test_names_and_shapes_are_those_of_a_network_that_detectron2_built(model, layers, norm, backbone):
    params = shaped(model, layers, norm)
    ours = to_detectron2(
        build_network(backbone, params, ForWeights(), categories=3).named_weights(), first_layer=layers[0]
    )
    theirs = get_engine("detectron2").build(backbone, params, ForWeights(), categories=3).network.state_dict()
    assert {name: value.shape for name, value in ours.items()} == {name: value.shape for name, value in theirs.items()}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("backbone.body.conv1.weight", "backbone.bottom_up.stem.conv1.weight"),
        ("backbone.body.layer2.0.bn3.running_var", "backbone.bottom_up.res3.0.conv3.norm.running_var"),
        ("backbone.body.layer1.0.downsample.1.bias", "backbone.bottom_up.res2.0.shortcut.norm.bias"),
        ("backbone.fpn.inner_blocks.0.0.weight", "backbone.fpn_lateral3.weight"),
        ("backbone.fpn.layer_blocks.2.1.bias", "backbone.fpn_output5.norm.bias"),
        ("rpn.head.conv.0.0.bias", "proposal_generator.rpn_head.conv.bias"),
        ("roi_heads.box_head.fc7.weight", "roi_heads.box_head.fc2.weight"),
        ("roi_heads.box_predictor.cls_score.bias", "roi_heads.box_predictor.cls_score.bias"),
    ],
)
def test_a_weight_is_called_what_the_published_files_call_it(ours, theirs):
    """With the finest level on the second stage: detectron2's p3."""
    assert detectron2_name(ours, first_layer=2) == theirs
    assert torchvision_name(theirs, first_layer=2) == ours


def test_the_background_is_our_first_class_and_their_last(network, layers):
    weights = network.named_weights()
    ours, theirs = weights, to_detectron2(weights, first_layer=layers[0])
    for row, wanted in enumerate([1, 2, 3, 0]):
        assert torch.equal(theirs[f"{PREDICTOR}.cls_score.weight"][row], ours[f"{PREDICTOR}.cls_score.weight"][wanted])
    deltas = theirs[f"{PREDICTOR}.bbox_pred.bias"]
    assert torch.equal(deltas, ours[f"{PREDICTOR}.bbox_pred.bias"].view(4, 4)[1:].flatten())


def test_a_backbone_alone_is_named_as_the_same_in_a_detector():
    bare = {"stem.conv1.weight": torch.zeros(1), "res4.5.conv2.norm.bias": torch.ones(1)}
    named = torchvision_names(bare, first_layer=1)
    assert named.keys() == {"backbone.body.conv1.weight", "backbone.body.layer3.5.bn2.bias"}
    assert named == torchvision_names({f"backbone.bottom_up.{name}": bare[name] for name in bare}, first_layer=1)


def test_a_stem_for_bgr_gives_the_same_for_normalised_rgb():
    """(BGR - mean) / std under the given weights is (RGB - mean) / ImageNet's std under the returned ones."""
    rng = torch.Generator().manual_seed(0)
    stem = torch.randn(5, 3, 7, 7, generator=rng)
    rgb = torch.randint(0, 256, (2, 3, 24, 24), generator=rng).float()
    mean_rgb, imagenet_std_rgb, std_bgr = [123.7, 116.3, 103.5], [58.4, 57.1, 57.4], [1.0, 2.0, 3.0]

    def normalised(images, mean, std):
        return (images - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)

    taken = expect_imagenet_rgb(stem, std_bgr=std_bgr, imagenet_std_rgb=imagenet_std_rgb)
    found = functional.conv2d(normalised(rgb, mean_rgb, imagenet_std_rgb), taken, padding=3)
    expected = functional.conv2d(normalised(rgb.flip(1), mean_rgb[::-1], std_bgr), stem, padding=3)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-2)
    assert expected.std() > 100
