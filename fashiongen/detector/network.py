"""Faster R-CNN (Ren et al. 2015) with a feature pyramid (Lin et al. 2017) on batches made elsewhere."""

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import RPNHead
from torchvision.ops import MultiScaleRoIAlign

from fashiongen.detector.backbones import build_backbone
from fashiongen.detector.params import BackboneName, InferParams, ModelParams, TrainParams

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
POOLED_SIDE = 7  # cells of a region's features, as in the paper


def normalise(
    images: UInt8[Tensor, "batch 3 height width"] | Float[Tensor, "batch 3 height width"],
) -> Float[Tensor, "batch 3 height width"]:
    """RGB from 0 to 255 to ImageNet's zero mean and unit variance, in the layout that convolutions are fastest in.

    Floats may be overwritten.
    """
    mean, std = (
        255 * torch.tensor(values, device=images.device)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_STD)
    )
    return images.contiguous(memory_format=torch.channels_last).float().sub_(mean).div_(std)


class Float32RPNHead(RPNHead):
    """torchvision's head with outputs in 32 bits: in 16, a box beyond 128 px is off by up to a pixel."""

    def forward(self, features: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        objectness, deltas = super().forward(features)
        return [level.float() for level in objectness], [level.float() for level in deltas]


class Float32Predictor(FastRCNNPredictor):
    """torchvision's predictor with outputs in 32 bits, as `Float32RPNHead`."""

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        scores, deltas = super().forward(features)
        return scores.float(), deltas.float()


class NormalisedBoxHead(TwoMLPHead):
    """torchvision's two-layer box head with layer norm: from random weights it learns at rates where that one diverges.

    He et al. 2019, "Rethinking ImageNet Pre-training", normalise the pyramid and the heads for the same reason. Layer
    norm, since batch statistics of sampled proposals are not those of the proposals that a trained detector sees.
    """

    def __init__(self, in_channels: int, dim: int) -> None:
        super().__init__(in_channels, dim)
        self.norm6 = nn.LayerNorm(dim)
        self.norm7 = nn.LayerNorm(dim)

    def forward(self, features: Tensor) -> Tensor:
        hidden = functional.relu(self.norm6(self.fc6(features.flatten(start_dim=1))))
        return functional.relu(self.norm7(self.fc7(hidden)))


class BatchedFasterRCNN(FasterRCNN):
    """torchvision's Faster R-CNN without its own scaling: the images of a batch were scaled when they were decoded."""

    def forward(
        self,
        images: UInt8[Tensor, "batch 3 height width"],
        sizes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None = None,
    ) -> dict[str, Tensor] | list[dict[str, Tensor]]:
        """The four losses while training, else boxes (scaled pixels), labels and scores of each image, best first."""
        normalised = normalise(images)
        features = {level: values.float() for level, values in self.backbone(normalised).items()}
        proposals, rpn_losses = self.rpn(ImageList(normalised, sizes), features, targets)
        detections, roi_losses = self.roi_heads(features, proposals, sizes, targets)
        return {**roi_losses, **rpn_losses} if self.training else detections


def build_network(
    backbone: BackboneName, model: ModelParams, *, categories: int, options: Mapping[str, Any]
) -> BatchedFasterRCNN:
    """A detector with random weights; `options` are those of `training_options` or `inference_options`."""
    body = build_backbone(backbone, model)
    levels = [str(level) for level in range(len(model.fpn_layers))]
    ratios = tuple(model.anchor_ratios)
    box_head = NormalisedBoxHead if model.norm == "batch" else TwoMLPHead
    return BatchedFasterRCNN(
        body,
        rpn_anchor_generator=AnchorGenerator(
            tuple((size,) for size in model.anchor_sizes_px), (ratios,) * len(model.anchor_sizes_px)
        ),
        rpn_head=Float32RPNHead(model.fpn_channels, len(ratios)),
        box_roi_pool=MultiScaleRoIAlign(
            featmap_names=levels, output_size=POOLED_SIDE, sampling_ratio=model.roi_sampling_ratio
        ),
        box_head=box_head(model.fpn_channels * POOLED_SIDE**2, model.box_head_dim),
        box_predictor=Float32Predictor(model.box_head_dim, categories + 1),  # 0 is the background
        **options,
    ).to(memory_format=torch.channels_last)


def training_options(params: TrainParams) -> dict[str, Any]:
    """What torchvision's Faster R-CNN calls the numbers that only training uses."""
    return {
        "rpn_pre_nms_top_n_train": params.proposals,
        "rpn_post_nms_top_n_train": params.proposals,
        "rpn_batch_size_per_image": params.rpn_batch_per_image,
        "box_batch_size_per_image": params.roi_batch_per_image,
    }


def inference_options(params: InferParams) -> dict[str, Any]:
    """What torchvision's Faster R-CNN calls the numbers that only inference uses."""
    return {
        "rpn_pre_nms_top_n_test": params.proposals,
        "rpn_post_nms_top_n_test": params.proposals,
        "box_score_thresh": params.score_floor,
        "box_nms_thresh": params.nms_iou,
        "box_detections_per_img": params.detections_per_image,
    }
