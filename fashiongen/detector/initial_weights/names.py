"""The names that torchvision and detectron2 give to the same weights of a Faster R-CNN with a feature pyramid.

The order of channels, anchors and classes is the same but for the background: torchvision's is the first class and has
unused box deltas, detectron2's is the last and has none. Published files of detectron2 also expect other pixel values,
which a change of the first convolution compensates (`expect_imagenet_rgb`).
"""

import re
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

BOX_SIDES = 4
SCORES, DELTAS = "roi_heads.box_predictor.cls_score", "roi_heads.box_predictor.bbox_pred"
OWN_HEAD = "roi_heads.box_head"
BODY = "backbone.body."
STEM = "backbone.body.conv1.weight"

# (torchvision's, detectron2's), as patterns in which {} stands for a number; the first that matches is used.
PAIRS = (
    ("backbone.body.conv1", "backbone.bottom_up.stem.conv1"),
    ("backbone.body.bn1", "backbone.bottom_up.stem.conv1.norm"),
    ("backbone.body.layer{}.{}.bn{}", "backbone.bottom_up.res{}.{}.conv{}.norm"),
    ("backbone.body.layer{}.{}.downsample.0", "backbone.bottom_up.res{}.{}.shortcut"),
    ("backbone.body.layer{}.{}.downsample.1", "backbone.bottom_up.res{}.{}.shortcut.norm"),
    ("backbone.body.layer{}.{}.conv{}", "backbone.bottom_up.res{}.{}.conv{}"),
    ("backbone.fpn.inner_blocks.{}.0", "backbone.fpn_lateral{}"),
    ("backbone.fpn.inner_blocks.{}.1", "backbone.fpn_lateral{}.norm"),
    ("backbone.fpn.layer_blocks.{}.0", "backbone.fpn_output{}"),
    ("backbone.fpn.layer_blocks.{}.1", "backbone.fpn_output{}.norm"),
    ("rpn.head.conv.0.0", "proposal_generator.rpn_head.conv"),
    ("rpn.head.cls_logits", "proposal_generator.rpn_head.objectness_logits"),
    ("rpn.head.bbox_pred", "proposal_generator.rpn_head.anchor_deltas"),
    ("roi_heads.box_head.fc6", "roi_heads.box_head.fc1"),
    ("roi_heads.box_head.fc7", "roi_heads.box_head.fc2"),
)


def detectron2_name(name: str, *, first_layer: int) -> str:
    """What detectron2 calls a weight of torchvision's; `first_layer` is the backbone stage of the finest level."""
    return _rename(name, PAIRS, layer_offset=1, level_offset=first_layer + 1)


def torchvision_name(name: str, *, first_layer: int) -> str:
    """What torchvision calls a weight of detectron2's."""
    return _rename(name, [pair[::-1] for pair in PAIRS], layer_offset=-1, level_offset=-first_layer - 1)


def _rename(name: str, pairs: Sequence[tuple[str, ...]], *, layer_offset: int, level_offset: int) -> str:
    module, _, parameter = name.rpartition(".")
    for source, target in pairs:
        found = re.fullmatch(re.escape(source).replace(r"\{\}", r"(\d+)"), module)
        if found:
            numbers = [int(number) for number in found.groups()]
            if numbers:
                numbers[0] += level_offset if "fpn" in source else layer_offset
            return f"{target.format(*numbers)}.{parameter}"
    return name


def to_detectron2(weights: Mapping[str, Tensor], *, first_layer: int) -> dict[str, Tensor]:
    """Weights under detectron2's names, with the background as the last class.

    A box head with batch norm is ours in both networks and keeps its names.
    """
    own = OWN_HEAD if f"{OWN_HEAD}.norm6.weight" in weights else None
    renamed = {
        name if own and name.startswith(own) else detectron2_name(name, first_layer=first_layer): tensor
        for name, tensor in weights.items()
    }
    for end in ("weight", "bias"):
        scores, deltas = renamed[f"{SCORES}.{end}"], renamed[f"{DELTAS}.{end}"]
        renamed[f"{SCORES}.{end}"] = torch.cat([scores[1:], scores[:1]])
        renamed[f"{DELTAS}.{end}"] = deltas[BOX_SIDES:]
    return renamed


def torchvision_names(weights: Mapping[str, Tensor], *, first_layer: int) -> dict[str, Tensor]:
    """Weights of detectron2, of a detector or of a backbone alone, unchanged under torchvision's names."""
    prefix = "" if any(name.startswith("backbone.") for name in weights) else "backbone.bottom_up."
    return {torchvision_name(prefix + name, first_layer=first_layer): tensor for name, tensor in weights.items()}


def from_detectron2(weights: Mapping[str, Tensor], *, first_layer: int) -> dict[str, Tensor]:
    """Weights under torchvision's names, with the background as the first class; its box deltas are 0."""
    renamed = torchvision_names(weights, first_layer=first_layer)
    for end in ("weight", "bias"):
        scores, deltas = renamed[f"{SCORES}.{end}"], renamed[f"{DELTAS}.{end}"]
        renamed[f"{SCORES}.{end}"] = torch.cat([scores[-1:], scores[:-1]])
        renamed[f"{DELTAS}.{end}"] = torch.cat([torch.zeros_like(deltas[:BOX_SIDES]), deltas])
    return renamed


def expect_imagenet_rgb(
    stem: Float[Tensor, "filters 3 side side"], *, std_bgr: Sequence[float], imagenet_std_rgb: Sequence[float]
) -> Float[Tensor, "filters 3 side side"]:
    """The first convolution, changed from inputs (BGR - mean) / std_bgr to (RGB - mean) / imagenet_std_rgb."""
    ratio = stem.new_tensor(imagenet_std_rgb) / stem.new_tensor(list(reversed(std_bgr)))
    return stem.flip(1) * ratio.view(1, 3, 1, 1)
