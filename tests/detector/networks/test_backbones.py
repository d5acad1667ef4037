"""Bodies are torchvision's, pyramids have the width asked for, and a bottleneck strides where it is told to."""

from typing import get_args

import pytest
import torch
from torchvision.models import resnet
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.backbone_utils import _resnet_fpn_extractor
from torchvision.ops import FrozenBatchNorm2d

from fashiongen.detector.networks.backbones import build_backbone
from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.purpose import ForWeights
from fashiongen.detector.params import BackboneName


@pytest.mark.slow
@pytest.mark.parametrize("trainable_layers", [0, 3, 5])
def test_the_studys_network_is_torchvisions_own(model, trainable_layers):
    """Same names, same shapes, same frozen part: torchvision's published detectors would load."""
    study = model.model_copy(
        update={
            "norm": "frozen_batch",
            "backbone_width_divisor": 1,
            "trainable_layers": trainable_layers,
            "fpn_layers": [1, 2, 3, 4],
            "fpn_channels": 256,
            "box_head_dim": 1024,
            "anchor_sizes_px": [32, 64, 128, 256, 512],
            "anchor_ratios": [0.5, 1.0, 2.0],
        }
    )
    ours = build_network("resnet50", study, ForWeights(), categories=90)
    body = _resnet_fpn_extractor(resnet.resnet50(norm_layer=FrozenBatchNorm2d), trainable_layers=trainable_layers)
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
    sides = [128 // stride for stride in params.strides_px]
    assert sides == [*(128 // 2 ** (layer + 1) for layer in layers), 128 // 2 ** (layers[-1] + 2)]
    shapes = [tuple(level.shape) for level in levels.values()]
    assert shapes == [(1, channels, side, side) for side in sides]


@pytest.mark.slow
@pytest.mark.parametrize("name", get_args(BackboneName))
@pytest.mark.parametrize("divisor", [2, 4])
def test_a_narrow_body_is_the_whole_one_with_fewer_channels(model, name, divisor):
    """The stages' outputs are divided, the stem is not: so the first stage may have another shortcut."""
    with torch.device("meta"):  # shapes alone
        bodies = [
            build_backbone(name, model.model_copy(update={"backbone_width_divisor": value})).body
            for value in (1, divisor)
        ]
    whole, narrow = (dict(body.named_parameters()) for body in bodies)
    names = [[name for name in body if not name.startswith("layer1.0.downsample")] for body in (whole, narrow)]
    assert names[0] == names[1]
    assert narrow["conv1.weight"].shape == whole["conv1.weight"].shape
    with torch.no_grad():
        maps = [body.eval()(torch.empty(1, 3, 64, 64, device="meta")) for body in bodies]
    for level, features in maps[0].items():
        assert maps[1][level].shape[1] == features.shape[1] / divisor
        assert maps[1][level].shape[2:] == features.shape[2:]


@pytest.mark.parametrize("stride_in_1x1", [False, True])
def test_each_bottleneck_that_halves_does_so_once_and_where_it_is_told(model, stride_in_1x1):
    """The first block of the stages 2 to 4 halves, in its 1x1 as in He et al. 2015 or in its 3x3; others keep."""
    body = build_backbone("resnet50", model.model_copy(update={"stride_in_1x1": stride_in_1x1})).body
    strides = {
        name: (block.conv1.stride[0], block.conv2.stride[0])
        for name, block in body.named_modules()
        if isinstance(block, resnet.Bottleneck)
    }
    halving = (2, 1) if stride_in_1x1 else (1, 2)
    assert len(strides) == 3 + 4 + 6 + 3
    for name, found in strides.items():
        assert found == (halving if name in ("layer2.0", "layer3.0", "layer4.0") else (1, 1))


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
@pytest.mark.parametrize("divisor", [1, 4])
def test_each_block_begins_as_the_identity(model, name, divisor):
    """Of its input, which no activation changes where it is positive."""
    body = build_backbone(name, model.model_copy(update={"backbone_width_divisor": divisor})).body.eval()
    maps = torch.rand(1, body.layer1[-1].conv1.in_channels, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(body.layer1[-1](maps), maps)


@pytest.mark.slow
def test_a_body_with_its_stride_in_the_1x1_reads_every_other_pixel(model):
    """Its first convolution of stage 2 skips the odd rows and columns: changing those of its input changes nothing."""
    maps = torch.rand(1, 256 // model.backbone_width_divisor, 8, 8, generator=torch.Generator().manual_seed(0))
    changed = maps.clone()
    changed[:, :, 1::2] += 1
    for stride_in_1x1 in (False, True):
        params = model.model_copy(update={"stride_in_1x1": stride_in_1x1})
        block = build_backbone("resnet50", params).body.layer2[0].eval()
        with torch.no_grad():
            block.bn3.weight.fill_(1)  # 0 at the start of a training
            assert torch.equal(block(maps), block(changed)) is stride_in_1x1
