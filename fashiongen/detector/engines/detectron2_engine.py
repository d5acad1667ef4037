"""The engine of the study: detectron2's networks, losses and inference, built from a detectron2 configuration."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from fashiongen.detector.initial_weights.names import from_detectron2, to_detectron2
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.networks.faster_rcnn import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    POOLED_SIDE,
    PROPOSAL_NMS_IOU,
    NormalisedBoxHead,
)
from fashiongen.detector.networks.heads import IGNORED, ignore_unlabelled
from fashiongen.detector.networks.purpose import ForInference, ForTraining, Purpose
from fashiongen.detector.params import BackboneName, InferParams, ModelParams, TrainParams
from fashiongen.errors import MissingInput

try:
    import detectron2
    from detectron2.config import CfgNode, get_cfg
    from detectron2.modeling import build_model
    from detectron2.structures import Boxes, Instances
    from detectron2.utils.events import EventStorage
except ImportError as error:
    raise MissingInput(
        f"detector.engine: detectron2 is not installed ({error}): install it from its source as its documentation "
        "says, or set detector.engine to torchvision"
    ) from error

BASE = Path(detectron2.__file__).parent / "model_zoo/configs/Base-RCNN-FPN.yaml"
LOSSES = {
    "loss_cls": "loss_classifier",
    "loss_box_reg": "loss_box_reg",
    "loss_rpn_cls": "loss_objectness",
    "loss_rpn_loc": "loss_rpn_box_reg",
}
BACKBONES: dict[BackboneName, tuple[int, int, int]] = {  # depth, groups, width of a group
    "resnet18": (18, 1, 64),
    "resnet34": (34, 1, 64),
    "resnet50": (50, 1, 64),
    "resnet101": (101, 1, 64),
    "resnet152": (152, 1, 64),
    "resnext50_32x4d": (50, 32, 4),
    "resnext101_32x8d": (101, 32, 8),
}


def build(backbone: BackboneName, model: ModelParams, purpose: Purpose, *, categories: int) -> "Detectron2Network":
    """detectron2's GeneralizedRCNN with random weights."""
    config = build_config(backbone, model, purpose, categories=categories)
    network = build_rcnn(config, model).to(memory_format=model.memory_format)
    ignore_unlabelled_above = purpose.params.ignore_unlabelled_above if isinstance(purpose, ForTraining) else None
    return Detectron2Network(network, first_layer=model.fpn_layers[0], ignore_unlabelled_above=ignore_unlabelled_above)


def build_rcnn(config: CfgNode, model: ModelParams) -> nn.Module:
    """detectron2's own network as configured, with the two settings that its configuration has no key for."""
    network = build_model(config)
    network.roi_heads.box_pooler.canonical_box_size = model.roi_canonical_px
    if model.norm == "batch":
        network.roi_heads.box_head = NormalisedBoxHead(model.fpn_channels * POOLED_SIDE**2, model.box_head_dim)
    built: nn.Module = network
    return built


def build_config(backbone: BackboneName, model: ModelParams, *purposes: Purpose, categories: int) -> CfgNode:
    """The params as detectron2's configuration, over its base configuration of Faster R-CNN with a feature pyramid.

    The keys of its solver are set too: this package does not run detectron2's own trainer, but benchmarks do.
    """
    config = get_cfg()
    config.merge_from_file(str(BASE))
    config.MODEL.DEVICE = "cpu"  # the network is built on the CPU; Fabric moves it
    config.MODEL.WEIGHTS = ""
    config.MODEL.MASK_ON = False
    config.INPUT.FORMAT = "RGB"
    config.MODEL.PIXEL_MEAN = [255 * value for value in IMAGENET_MEAN]
    config.MODEL.PIXEL_STD = [255 * value for value in IMAGENET_STD]
    config.MODEL.ROI_HEADS.NUM_CLASSES = categories
    _set_backbone(config.MODEL, backbone, model)
    _set_pyramid(config.MODEL, model)
    for purpose in purposes:
        match purpose:
            case ForTraining(params):
                _set_training(config, params)
            case ForInference(params):
                _set_inference(config, params)
    return config


def _set_backbone(config: CfgNode, backbone: BackboneName, model: ModelParams) -> None:
    resnets = config.RESNETS
    resnets.DEPTH, resnets.NUM_GROUPS, resnets.WIDTH_PER_GROUP = BACKBONES[backbone]
    resnets.RES2_OUT_CHANNELS = 64 if resnets.DEPTH in (18, 34) else 256
    resnets.NORM = "BN" if model.norm == "batch" else "FrozenBN"
    resnets.STRIDE_IN_1X1 = model.stride_in_1x1
    resnets.OUT_FEATURES = config.FPN.IN_FEATURES = [f"res{layer + 1}" for layer in model.fpn_layers]
    config.BACKBONE.FREEZE_AT = 5 - model.trainable_layers


def _set_pyramid(config: CfgNode, model: ModelParams) -> None:
    levels = [f"p{layer + 1}" for layer in (*model.fpn_layers, model.fpn_layers[-1] + 1)]
    config.FPN.OUT_CHANNELS = model.fpn_channels
    config.FPN.NORM = "BN" if model.norm == "batch" else ""
    config.ANCHOR_GENERATOR.SIZES = [[size] for size in model.anchor_sizes_px]
    config.ANCHOR_GENERATOR.OFFSET = model.anchor_offset_frac
    config.ANCHOR_GENERATOR.ASPECT_RATIOS = [list(model.anchor_ratios)]
    config.RPN.IN_FEATURES = levels
    config.RPN.NMS_THRESH = PROPOSAL_NMS_IOU
    config.ROI_HEADS.IN_FEATURES = levels[:-1]
    config.ROI_BOX_HEAD.POOLER_TYPE = "ROIAlignV2"
    config.ROI_BOX_HEAD.POOLER_RESOLUTION = POOLED_SIDE
    config.ROI_BOX_HEAD.POOLER_SAMPLING_RATIO = model.roi_sampling_ratio
    config.ROI_BOX_HEAD.FC_DIM = model.box_head_dim


def _set_training(config: CfgNode, train: TrainParams) -> None:
    solver, rpn, heads = config.SOLVER, config.MODEL.RPN, config.MODEL.ROI_HEADS
    solver.IMS_PER_BATCH, solver.MAX_ITER, solver.BASE_LR = train.batch_size, train.iterations, train.base_lr
    solver.STEPS, solver.GAMMA, solver.MOMENTUM = tuple(train.steps_iterations), train.gamma, train.momentum
    solver.WEIGHT_DECAY, solver.WEIGHT_DECAY_NORM = train.weight_decay, train.weight_decay_norm
    solver.WARMUP_ITERS, solver.WARMUP_FACTOR = train.warmup_iterations, train.warmup_factor
    rpn.BATCH_SIZE_PER_IMAGE, heads.BATCH_SIZE_PER_IMAGE = train.rpn_batch_per_image, train.roi_batch_per_image
    rpn.PRE_NMS_TOPK_TRAIN, rpn.POST_NMS_TOPK_TRAIN = train.proposals_per_level, train.proposals
    for head in (rpn, config.MODEL.ROI_BOX_HEAD):
        head.BBOX_REG_LOSS_TYPE = "giou" if train.box_loss == "giou" else "smooth_l1"
        head.SMOOTH_L1_BETA = 1 / 9 if train.box_loss == "smooth_l1" else 0.0


def _set_inference(config: CfgNode, infer: InferParams) -> None:
    config.MODEL.RPN.PRE_NMS_TOPK_TEST = config.MODEL.RPN.POST_NMS_TOPK_TEST = infer.proposals
    config.MODEL.ROI_HEADS.SCORE_THRESH_TEST = infer.min_score
    config.MODEL.ROI_HEADS.NMS_THRESH_TEST = infer.nms_iou
    config.TEST.DETECTIONS_PER_IMAGE = infer.detections_per_image


class Detectron2Network(DetectorNetwork):
    """A GeneralizedRCNN with the interface of `DetectorNetwork`."""

    def __init__(self, network: nn.Module, *, first_layer: int, ignore_unlabelled_above: float | None) -> None:
        super().__init__()
        self.network = network
        self.first_layer = first_layer
        rpn, heads = cast(Any, network.proposal_generator), cast(Any, network.roi_heads)
        self._draws = (_SeededDraws(rpn._subsample_labels), _SeededDraws(heads._sample_proposals))
        rpn._subsample_labels, heads._sample_proposals = self._draws
        self._masked_losses = _MaskedLosses(heads.box_predictor.losses, ignore_unlabelled_above)
        heads.box_predictor.losses = self._masked_losses
        for part in (cast(Any, network.backbone), rpn.rpn_head, heads.box_predictor):
            part.register_forward_hook(_to_float32)

    def forward(
        self,
        images: Tensor,
        sizes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None = None,
        seeds: list[int] | None = None,
    ) -> dict[str, Tensor] | list[dict[str, Tensor]]:
        """As `DetectorNetwork.forward`."""
        inputs: list[dict[str, Any]] = [
            {"image": image[:, :height, :width]} for image, (height, width) in zip(images, sizes, strict=True)
        ]
        if not self.training:
            return [_to_detections(output["instances"]) for output in self.network(inputs)]
        for one, size, target in zip(inputs, sizes, targets or (), strict=True):
            one["instances"] = Instances(size, gt_boxes=Boxes(target["boxes"]), gt_classes=target["labels"] - 1)
        for draws in self._draws:
            draws.restart(seeds or [])
        self._masked_losses.targets = targets or []
        with EventStorage():
            try:
                losses = self.network(inputs)
            except FloatingPointError:  # raised for NaN proposals: return a NaN loss, as torchvision does
                lost = sum(parameter.sum() for parameter in self.parameters() if parameter.requires_grad) * torch.nan
                losses = dict.fromkeys(LOSSES, lost)
        return {ours: losses[theirs] for theirs, ours in LOSSES.items()}

    def named_weights(self) -> dict[str, Tensor]:
        """All weights under torchvision's names."""
        return from_detectron2(self.network.state_dict(), first_layer=self.first_layer)

    def load_named_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Take over weights under torchvision's names."""
        self.network.load_state_dict(to_detectron2(weights, first_layer=self.first_layer))


class _SeededDraws:
    """A method that draws boxes for one image, seeded with the next image's seed at every call.

    detectron2 draws from torch's global generator. With the seed, an image's samples depend on its seed alone, as in
    `heads.SeededSampler`.
    """

    def __init__(self, draw: Callable[..., Any]) -> None:
        self.draw = draw
        self.seeds: Iterator[int] = iter(())

    def restart(self, seeds: list[int]) -> None:
        """Start a batch, given the seeds of its images."""
        self.seeds = iter(seeds)

    def __call__(self, *args: Any) -> Any:
        torch.manual_seed(next(self.seeds))
        return self.draw(*args)


class _MaskedLosses:
    """The losses of the box predictor, without the regions that `ignore_unlabelled` excludes."""

    def __init__(self, losses: Callable[..., dict[str, Tensor]], above: float | None) -> None:
        self.losses = losses
        self.above = above
        self.targets: list[dict[str, Tensor]] = []  # of the batch; set before each forward pass

    def __call__(self, predictions: tuple[Tensor, Tensor], proposals: list[Any]) -> dict[str, Tensor]:
        logits = predictions[0].roll(1, dims=1)  # our background is the first class, detectron2's the last
        labels = [(of_image.gt_classes + 1) % logits.shape[1] for of_image in proposals]
        masked = ignore_unlabelled(labels, logits, self.targets, above=self.above)
        for of_image, of_regions in zip(proposals, torch.split(masked, [len(of) for of in labels]), strict=True):
            of_image.gt_classes = of_image.gt_classes.where(of_regions != IGNORED, IGNORED)
        return self.losses(predictions, proposals)


def _to_float32(module: nn.Module, inputs: Any, outputs: Any) -> Any:
    """The outputs in 32 bits: in 16 bits, regions and boxes are off by up to a pixel."""
    if isinstance(outputs, dict):
        return {name: _to_float32(module, inputs, value) for name, value in outputs.items()}
    if isinstance(outputs, (list, tuple)):
        return type(outputs)(_to_float32(module, inputs, value) for value in outputs)
    return outputs.float()


def _to_detections(instances: Any) -> dict[str, Tensor]:
    """detectron2's detections of an image in the format of `DetectorNetwork`."""
    return {
        "boxes": instances.pred_boxes.tensor,
        "labels": instances.pred_classes + 1,
        "scores": instances.scores,
    }
