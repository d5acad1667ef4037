"""Faster R-CNN (Ren et al. 2015) with a feature pyramid (Lin et al. 2017), for batches of scaled images."""

from collections.abc import Mapping
from typing import Any, cast

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import RPNHead

from fashiongen.detector.networks.anchors import Anchors
from fashiongen.detector.networks.backbones import build_backbone
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.networks.heads import BoxHeads, ProposalNetwork
from fashiongen.detector.networks.pooling import RegionPool
from fashiongen.detector.networks.purpose import ForInference, ForTraining, Purpose
from fashiongen.detector.params import BackboneName, ModelParams

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
POOLED_SIDE = 7  # cells of a region's features, as in the paper
PROPOSAL_NMS_IOU = 0.7
UNUSED = 0  # torchvision wants a number even for what the purpose never uses


def normalise(
    images: UInt8[Tensor, "batch 3 height width"] | Float[Tensor, "batch 3 height width"],
) -> Float[Tensor, "batch 3 height width"]:
    """Normalise RGB of 0 to 255 by ImageNet's mean and standard deviation."""
    mean, std = (
        torch.tensor([255 * value for value in values], device=images.device)[:, None, None]
        for values in (IMAGENET_MEAN, IMAGENET_STD)
    )
    return (images.float() - mean) / std


class Float32RPNHead(RPNHead):
    """torchvision's head with outputs in float32: in 16 bits, boxes beyond 128 px are off by up to a pixel."""

    def forward(self, features: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        objectness, deltas = super().forward(features)
        return [level.float() for level in objectness], [level.float() for level in deltas]


class Float32Predictor(FastRCNNPredictor):
    """torchvision's predictor with outputs in float32, for the reason of `Float32RPNHead`."""

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        scores, deltas = super().forward(features)
        return scores.float(), deltas.float()


class NormalisedBoxHead(TwoMLPHead):
    """torchvision's two-layer box head with layer norm, which allows higher learning rates from random weights.

    He et al. 2019, "Rethinking ImageNet Pre-training", normalise the pyramid and the heads for the same reason. It is
    layer norm because the batch statistics of sampled proposals differ from those of proposals in inference.
    """

    def __init__(self, in_channels: int, dim: int) -> None:
        super().__init__(in_channels, dim)
        self.norm6 = nn.LayerNorm(dim)
        self.norm7 = nn.LayerNorm(dim)

    def forward(self, features: Tensor) -> Tensor:
        hidden = functional.relu(self.norm6(self.fc6(features.flatten(start_dim=1))))
        return functional.relu(self.norm7(self.fc7(hidden)))


class FasterRCNN(DetectorNetwork):
    """Faster R-CNN of torchvision's parts; images arrive scaled and padded."""

    def __init__(self, backbone: nn.Module, rpn: ProposalNetwork, roi_heads: BoxHeads) -> None:
        super().__init__()
        self.backbone = backbone
        self.rpn = rpn
        self.roi_heads = roi_heads

    def forward(
        self,
        images: UInt8[Tensor, "batch 3 height width"] | Float[Tensor, "batch 3 height width"],
        sizes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None = None,
        seeds: list[int] | None = None,
    ) -> dict[str, Tensor] | list[dict[str, Tensor]]:
        """As `DetectorNetwork.forward`."""
        self.rpn.fg_bg_sampler.seeds = self.roi_heads.fg_bg_sampler.seeds = seeds or []
        normalised = normalise(images)
        for image, (height, width) in zip(normalised, sizes, strict=True):
            image[:, height:] = image[:, :, width:] = 0
        features = {level: values.float() for level, values in self.backbone(normalised).items()}
        proposals, rpn_losses = self.rpn(ImageList(normalised, sizes), features, targets)
        detections, roi_losses = self.roi_heads(features, proposals, sizes, targets)
        return {**roi_losses, **rpn_losses} if self.training else detections

    @property
    def body(self) -> nn.Module:
        """The backbone without its pyramid; it returns the outputs of its stages by name."""
        return cast(nn.Module, self.backbone.body)

    def named_weights(self) -> dict[str, Tensor]:
        """The state dict: its names are torchvision's already."""
        return self.state_dict()

    def load_named_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Load weights under torchvision's names."""
        self.load_state_dict(weights)


def build_network(backbone: BackboneName, model: ModelParams, purpose: Purpose, *, categories: int) -> FasterRCNN:
    """A detector with random weights for so many categories, besides the background."""
    ratios, strides = model.anchor_ratios, model.strides_px
    box_head = NormalisedBoxHead if model.norm == "batch" else TwoMLPHead
    rpn = ProposalNetwork(
        anchor_generator=Anchors(
            model.anchor_sizes_px, ratios, strides_px=strides, offset_frac=model.anchor_offset_frac
        ),
        head=Float32RPNHead(model.fpn_channels, len(ratios)),
        fg_iou_thresh=0.7,
        bg_iou_thresh=0.3,
        positive_fraction=0.5,
        nms_thresh=PROPOSAL_NMS_IOU,
        **_proposal_options(purpose),
    )
    heads = BoxHeads(
        box_roi_pool=RegionPool(
            strides_px=strides[:-1],
            side=POOLED_SIDE,
            sampling_ratio=model.roi_sampling_ratio,
            canonical_px=model.roi_canonical_px,
        ),
        box_head=box_head(model.fpn_channels * POOLED_SIDE**2, model.box_head_dim),
        box_predictor=Float32Predictor(model.box_head_dim, categories + 1),  # class 0 is the background
        fg_iou_thresh=0.5,
        bg_iou_thresh=0.5,
        positive_fraction=0.25,
        bbox_reg_weights=(10.0, 10.0, 5.0, 5.0),
        **_head_options(purpose),
    )
    return FasterRCNN(build_backbone(backbone, model), rpn, heads).to(memory_format=model.memory_format)


def _proposal_options(purpose: Purpose) -> dict[str, Any]:
    """The options of torchvision's proposal network that depend on the purpose; the others stay unused."""
    options: dict[str, Any] = {"box_loss": "l1", "batch_size_per_image": UNUSED}
    before_nms = {"training": UNUSED, "testing": UNUSED}
    after_nms = before_nms.copy()
    match purpose:
        case ForTraining(params):
            options |= {"box_loss": params.box_loss, "batch_size_per_image": params.rpn_batch_per_image}
            before_nms["training"], after_nms["training"] = params.proposals_per_level, params.proposals
        case ForInference(params):
            before_nms["testing"] = after_nms["testing"] = params.proposals
    return options | {"pre_nms_top_n": before_nms, "post_nms_top_n": after_nms}


def _head_options(purpose: Purpose) -> dict[str, Any]:
    """The options of the box heads that depend on the purpose; the others stay unused."""
    training = {"box_loss": "l1", "batch_size_per_image": UNUSED, "ignore_unlabelled_above": None}
    inference = {"score_thresh": 0.0, "nms_thresh": 0.5, "detections_per_img": UNUSED}
    match purpose:
        case ForTraining(params):
            training = {
                "box_loss": params.box_loss,
                "batch_size_per_image": params.roi_batch_per_image,
                "ignore_unlabelled_above": params.ignore_unlabelled_above,
            }
        case ForInference(params):
            inference = {
                "score_thresh": params.min_score,
                "nms_thresh": params.nms_iou,
                "detections_per_img": params.detections_per_image,
            }
    return training | inference
