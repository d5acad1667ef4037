"""The `detector` section of params.yaml: what is built, how it is trained, how it is used."""

from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from fashiongen.config import Params
from fashiongen.errors import ConfigError
from fashiongen.runtime import RuntimeParams

BackboneName = Literal[
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d"
]
Engine = Literal["torchvision"]
Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(gt=0)]


class ModelParams(Params):
    """The network: Faster R-CNN with a feature pyramid over a ResNet."""

    weights: str  # of the backbone: none (random), imagenet (fetched by torchvision), or a file's path
    norm: Literal["batch", "frozen_batch"]  # of pretrained weights, or (batch) learned, in pyramid and box head too
    trainable_layers: Annotated[int, Field(ge=0, le=5)]  # stages of the backbone that learn, counted from the last
    fpn_layers: Annotated[list[Literal[1, 2, 3, 4]], Field(min_length=1)]  # backbone stages that enter the pyramid
    fpn_channels: Positive
    box_head_dim: Positive
    roi_sampling_ratio: Annotated[int, Field(ge=0)]  # samples a side in each of a region's 7x7 cells; 0: one a pixel
    anchor_sizes_px: list[Positive]  # one per pyramid level, the pooled last one too; in the scaled image's pixels
    anchor_ratios: Annotated[list[float], Field(min_length=1)]  # height / width
    short_side_px: Positive  # images are scaled to this short side ...
    long_side_px: Positive  # ... unless the long side would pass this one

    @model_validator(mode="after")
    def _levels_fit(self) -> "ModelParams":
        if self.fpn_layers != sorted(set(self.fpn_layers)):
            raise ValueError(f"fpn_layers must ascend, got {self.fpn_layers}")
        levels = len(self.fpn_layers) + 1
        if len(self.anchor_sizes_px) != levels:
            raise ValueError(f"anchor_sizes_px needs {levels} sizes: one per fpn_layer and one for the pooled level")
        return self

    @model_validator(mode="after")
    def _random_weights_learn_everywhere(self) -> "ModelParams":
        if self.weights == "none" and (self.norm == "frozen_batch" or self.trainable_layers < 5):
            raise ValueError("weights: none needs norm: batch and trainable_layers: 5, or it diverges")
        return self


class TrainParams(Params):
    """Stochastic gradient descent with momentum, a linear warm-up and a learning rate that falls in steps."""

    iterations: Positive
    batch_size: Positive
    base_lr: Annotated[float, Field(gt=0)]
    momentum: Fraction
    weight_decay: Annotated[float, Field(ge=0)]
    warmup_iterations: Annotated[int, Field(ge=0)]
    warmup_factor: Fraction  # the first learning rate is this share of base_lr
    steps_iterations: list[Positive]  # from each of these iterations on, the learning rate is `gamma` times lower
    gamma: Fraction
    ema_halflife_images: Annotated[float, Field(gt=0)] | None  # of the averaged weights that detect; None: the last
    hflip_prob: Fraction
    rpn_batch_per_image: Positive  # anchors that enter the proposal network's loss
    roi_batch_per_image: Positive  # proposals that enter the box head's loss
    proposals: Positive  # kept per level before, and per image after, non-maximum suppression
    cache_images: bool  # decode once and keep all scaled images in memory, or decode in `workers` as needed
    workers: Annotated[int, Field(ge=0)]
    log_every_iterations: Positive  # one row of history.csv: the mean over as many iterations
    checkpoint_every_s: Annotated[float, Field(ge=0)]
    seed: int


class InferParams(Params):
    """How a trained detector is used: in batches, at one scale, without test-time augmentation."""

    batch_size: Positive
    workers: Annotated[int, Field(ge=0)]
    proposals: Positive
    score_floor: Fraction  # weaker boxes are not reported
    nms_iou: Fraction  # of two boxes of one category that overlap more, the weaker one goes
    detections_per_image: Positive


class DetectorParams(Params):
    """The whole `detector` section."""

    backbones: Annotated[list[BackboneName], Field(min_length=1)]
    engine: Engine
    runtime: RuntimeParams
    model: ModelParams
    train: TrainParams
    infer: InferParams

    @field_validator("runtime")
    @classmethod
    def _one_device(cls, runtime: RuntimeParams) -> RuntimeParams:
        if runtime.devices != 1:
            raise ValueError(f"a detector trains on one device, not {runtime.devices}: set devices to 1")
        return runtime


def parse_backbone(name: str) -> BackboneName:
    """`name` as the name of a backbone.

    Raises:
        ConfigError: there is no such backbone; the message lists those there are.
    """
    for known in get_args(BackboneName):
        if name == known:
            return known
    raise ConfigError(f"backbone {name!r} is unknown; choose from {', '.join(get_args(BackboneName))}")
