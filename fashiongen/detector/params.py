"""The section `detector` of params.yaml: the network, its training, and its use."""

from typing import Annotated, Any, Literal, get_args

import torch
from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from fashiongen.config import Params, Seconds, Seed, UnitInterval, Workers, describe_faults, require_distinct
from fashiongen.errors import ConfigError
from fashiongen.runtime.params import RuntimeParams

BackboneName = Literal[
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d"
]
Engine = Literal["torchvision", "detectron2"]
BoxLoss = Literal["l1", "smooth_l1", "giou"]
Positive = Annotated[int, Field(gt=0)]
Ratio = Annotated[float, Field(ge=0.01, le=100)]
Scale = Annotated[float, Field(gt=0.2, lt=5)]
Channels = Annotated[int, Field(ge=1, le=8192)]
Length = Annotated[int, Field(ge=1, le=16_384)]  # in pixels
Side = Annotated[int, Field(ge=16, le=16_384)]  # in pixels; a smaller one leaves no cell in the pyramid


class ModelParams(Params):
    """The network: Faster R-CNN with a feature pyramid over a ResNet."""

    weights: str  # initial weights: none (random), imagenet (downloaded by torchvision), or a file's path
    weights_sha256: str | None  # required of that file; null for none and imagenet
    norm: Literal["batch", "frozen_batch"]  # of pretrained weights, or (batch) learned, in pyramid and box head too
    trainable_layers: Annotated[int, Field(ge=0, le=5)]  # stages of the backbone that are trained, from the last
    stride_in_1x1: bool  # a bottleneck's stride is in its first 1x1 convolution (MSRA's weights), or in its 3x3
    backbone_width_divisor: Literal[1, 2, 4]  # divides the channels of the ResNet's four stages; detectron2 needs 1
    fpn_layers: Annotated[list[Literal[1, 2, 3, 4]], Field(min_length=1)]  # backbone stages that enter the pyramid
    fpn_channels: Channels
    box_head_dim: Channels
    roi_sampling_ratio: Annotated[int, Field(ge=0, le=64)]  # RoIAlign's samples per side of a cell; 0: one per pixel
    roi_canonical_px: Length  # the side of a region that is read from the level of stride 16; half of it from stride 8
    anchor_sizes_px: list[Length]  # one per pyramid level, the pooled last one too; in the scaled image's pixels
    anchor_ratios: Annotated[list[Ratio], Field(min_length=1), AfterValidator(require_distinct)]  # height / width
    anchor_offset_frac: Annotated[float, Field(ge=0, lt=1)]  # of a cell: 0 is its corner, as Detectron; 0.5 its middle
    short_side_px: Side  # images are scaled to this short side ...
    long_side_px: Side  # ... unless the long side would pass this one
    channels_last: bool  # memory layout of weights and features; faster on GPUs and for large images
    size_divisor_px: Literal[16, 32]  # both sides of a batch are padded to a multiple of it; detectron2 needs 32

    @property
    def memory_format(self) -> torch.memory_format:
        """The memory layout that `channels_last` selects."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

    @property
    def strides_px(self) -> list[int]:
        """Pixels between two cells of each level of the pyramid, the pooled last one too."""
        return [2 ** (layer + 1) for layer in (*self.fpn_layers, self.fpn_layers[-1] + 1)]

    @model_validator(mode="after")
    def _levels_fit(self) -> "ModelParams":
        if self.fpn_layers != list(range(self.fpn_layers[0], self.fpn_layers[-1] + 1)):
            raise ValueError(f"fpn_layers must ascend without a gap, got {self.fpn_layers}")
        levels = len(self.fpn_layers) + 1
        if len(self.anchor_sizes_px) != levels:
            raise ValueError(f"anchor_sizes_px needs {levels} sizes: one per fpn_layer and one for the pooled level")
        return self

    @model_validator(mode="after")
    def _sides_ascend(self) -> "ModelParams":
        if self.long_side_px < self.short_side_px:
            raise ValueError(f"long_side_px {self.long_side_px} is below short_side_px {self.short_side_px}: raise it")
        return self

    @model_validator(mode="after")
    def _batch_norm_is_trained_everywhere(self) -> "ModelParams":
        if self.weights == "none" and self.norm == "frozen_batch":
            raise ValueError("weights: none needs norm: batch, or it diverges")
        if self.norm == "batch" and self.trainable_layers < 5:
            raise ValueError("norm: batch needs trainable_layers: 5; to freeze stages take norm: frozen_batch")
        return self

    @model_validator(mode="after")
    def _file_has_a_hash(self) -> "ModelParams":
        if (self.weights_sha256 is None) != (self.weights in ("none", "imagenet")):
            raise ValueError(f"weights: {self.weights}: a file needs weights_sha256 (`sha256sum FILE`), others null")
        return self


class AugmentParams(Params):
    """Random augmentation of a training image."""

    hflip_prob: UnitInterval
    short_sides_px: Annotated[list[Side], Field(min_length=1)]  # one of them is drawn for each image
    crop_min_frac: Annotated[float, Field(gt=0, le=1)]  # of each side that a random crop keeps at least; 1: no crop
    colour: UnitInterval  # brightness, contrast and saturation each vary by up to this share

    @property
    def is_flip_only(self) -> bool:
        """Whether scale, frame and colours of every image stay the same."""
        return len(self.short_sides_px) == 1 and self.crop_min_frac == 1 and self.colour == 0


class EvaluationParams(Params):
    """Evaluation on validation images during training; the detector of the highest AP is kept."""

    every_iterations: Positive
    images: Positive  # number of validation images, drawn once at random
    patience: Positive | None  # training ends after so many evaluations in a row without a higher AP; null: never


class SelfTrainingParams(Params):
    """Photographs without labels that the averaged weights label, so that they join the training images."""

    first_iteration: Positive  # the photographs are labelled before this iteration for the first time ...
    every_iterations: Positive  # ... and again after so many iterations
    until_iteration: Positive | None  # from this one on, the labelled images teach alone; null: never
    min_score: Annotated[float, Field(gt=0, le=1)]  # photographs whose best box scores lower are left out

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> "SelfTrainingParams":
        if self.until_iteration is not None and self.until_iteration <= self.first_iteration:
            raise ValueError(f"until_iteration {self.until_iteration} is not after first_iteration: raise it")
        return self


class TrainParams(Params):
    """Stochastic gradient descent with momentum, a linear warm-up and a multi-step learning rate."""

    iterations: Positive
    batch_size: Positive  # images of one step, on all devices together
    accumulate: Positive  # gradients are accumulated over so many parts of a batch
    base_lr: Annotated[float, Field(gt=0)]
    momentum: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: Annotated[float, Field(ge=0)]
    weight_decay_norm: Annotated[float, Field(ge=0)]  # of the weights of normalisations
    warmup_iterations: Annotated[int, Field(ge=0)]
    warmup_factor: UnitInterval  # the first learning rate is this share of base_lr
    steps_iterations: list[Positive]  # from each of these iterations on, the learning rate is multiplied by `gamma`
    gamma: Annotated[float, Field(gt=0, le=1)]
    ema_halflife_images: Annotated[float, Field(gt=0)] | None  # of the averaged weights; None: no average
    augment: AugmentParams
    box_loss: BoxLoss
    ignore_unlabelled_above: UnitInterval | None  # see `heads.ignore_unlabelled`; null: all unlabelled is background
    rpn_batch_per_image: Positive  # anchors that enter the proposal network's loss
    roi_batch_per_image: Positive  # proposals that enter the box head's loss
    proposals_per_level: Positive  # kept before non-maximum suppression
    proposals: Positive  # kept per image after it
    evaluation: EvaluationParams | None
    self_training: SelfTrainingParams | None  # on the photographs in `detector.unlabelled`; null: labelled images alone
    cache_images: bool  # decode once and keep all scaled images in memory, or decode in `workers` as needed
    workers: Workers
    log_every_iterations: Positive  # one row of the history: the mean over as many iterations
    checkpoint_every_s: Seconds  # checked whenever a row of the history is written
    checkpoint_every_iterations: Positive | None  # whichever comes first; null: by time alone
    seed: Seed

    @model_validator(mode="after")
    def _evaluations_fall_on_records(self) -> "TrainParams":
        if self.evaluation is not None and self.evaluation.every_iterations % self.log_every_iterations:
            raise ValueError("evaluation.every_iterations must be a multiple of log_every_iterations")
        own = self.self_training
        places = (own.first_iteration, own.every_iterations, own.until_iteration or 0) if own is not None else ()
        if any(place % self.log_every_iterations for place in places):
            raise ValueError("self_training's iterations must be multiples of log_every_iterations")
        if (self.checkpoint_every_iterations or 0) % self.log_every_iterations:
            raise ValueError("checkpoint_every_iterations must be a multiple of log_every_iterations")
        return self

    @model_validator(mode="after")
    def _ends_after_its_parts(self) -> "TrainParams":
        last = {
            "warmup_iterations": self.warmup_iterations,
            "the last of steps_iterations": max(self.steps_iterations, default=0),
            "evaluation.every_iterations": self.evaluation.every_iterations if self.evaluation else 0,
            "self_training.first_iteration": self.self_training.first_iteration if self.self_training else 0,
        }
        for name, iteration in last.items():
            if iteration > self.iterations:
                raise ValueError(f"{name}, {iteration}, is beyond iterations {self.iterations}: lower it")
        return self

    @field_validator("steps_iterations")
    @classmethod
    def _steps_ascend(cls, steps: list[int]) -> list[int]:
        if steps != sorted(set(steps)):
            raise ValueError(f"steps_iterations must ascend, got {steps}; Detectron 1's first entry, 0, is left out")
        return steps


class InferParams(Params):
    """How a trained detector is used: in batches, on one view of each image or on several, whose boxes are fused."""

    batch_size: Positive
    workers: Workers
    scales: Annotated[tuple[Scale, ...], Field(min_length=1), AfterValidator(require_distinct)]
    mirrored: bool  # look at the mirror image too, at each of the `scales` of model.short_side_px and long_side_px
    proposals: Positive  # kept per level before, and per image after, non-maximum suppression
    min_score: UnitInterval  # boxes that score lower are not reported
    nms_iou: UnitInterval  # non-maximum suppression removes the weaker of two boxes of one category that overlap more
    detections_per_image: Positive


class DetectorParams(Params):
    """The whole `detector` section."""

    backbones: Annotated[list[BackboneName], Field(min_length=1), AfterValidator(require_distinct)]
    engine: Engine
    unlabelled: str  # a folder of photographs for `train.self_training`, or one with a manifest, such as data/pinterest
    runtime: RuntimeParams
    model: ModelParams
    per_backbone: dict[BackboneName, dict[str, Any]]  # overrides of `model`, such as a backbone's own weights
    train: TrainParams
    infer: InferParams

    def model_of(self, backbone: BackboneName) -> ModelParams:
        """`model` with the overrides of a backbone."""
        return ModelParams.model_validate(self.model.model_dump() | self.per_backbone.get(backbone, {}))

    @model_validator(mode="after")
    def _overrides_are_valid(self) -> "DetectorParams":
        for backbone in self.per_backbone:
            try:
                self.model_of(backbone)
            except ValidationError as error:
                raise ValueError(describe_faults(error, f"per_backbone.{backbone}", ModelParams)) from error
        return self

    @model_validator(mode="after")
    def _batch_divides(self) -> "DetectorParams":
        parts = self.runtime.processes * self.train.accumulate
        if self.train.batch_size % parts:
            raise ValueError(
                f"train.batch_size {self.train.batch_size} is no multiple of devices x accumulate: {parts}"
            )
        return self

    @model_validator(mode="after")
    def _engine_supports_model(self) -> "DetectorParams":
        if self.engine == "detectron2":
            for key, needed in {"size_divisor_px": 32, "backbone_width_divisor": 1}.items():
                if any(getattr(self.model_of(backbone), key) != needed for backbone in self.backbones):
                    raise ValueError(f"engine detectron2 needs model.{key}: {needed}")
        return self


def parse_backbone(name: str) -> BackboneName:
    """Check that `name` is the name of a backbone, and return it.

    Raises:
        ConfigError: there is no such backbone; the message lists those there are.
    """
    names: tuple[BackboneName, ...] = get_args(BackboneName)
    for known in names:
        if name == known:
            return known
    raise ConfigError(f"backbone {name!r} is unknown; choose from {', '.join(names)}")
