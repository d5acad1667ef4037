"""Params that cannot work are refused before anything runs."""

import pytest
from pydantic import ValidationError

from fashiongen.detector.params import AugmentParams, DetectorParams, EvaluationParams, parse_backbone
from fashiongen.errors import ConfigError

OWN = {"first_iteration": 2, "every_iterations": 2, "until_iteration": None, "min_score": 0.5}


def changed(params, **values):
    return type(params).model_validate({**params.model_dump(), **values})


@pytest.fixture
def detector(build_params):
    return build_params()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"norm": "frozen_batch"}, "weights: none needs norm: batch"),
        ({"trainable_layers": 3}, "norm: batch needs trainable_layers: 5"),
        ({"anchor_sizes_px": [32, 64]}, "anchor_sizes_px needs 3 sizes"),
        ({"fpn_layers": [4, 3]}, "ascend without a gap"),
        ({"fpn_layers": [3, 3]}, "ascend without a gap"),
        ({"fpn_layers": [2, 4]}, "ascend without a gap"),
        ({"fpn_layers": []}, "at least 1 item"),
        ({"short_side_px": 0}, "greater than or equal to 16"),
        ({"roi_canonical_px": 0}, "greater than or equal to 1"),
        ({"anchor_offset_frac": 1.0}, "less than 1"),
        ({"size_divisor_px": 24}, "16 or 32"),
        ({"weights": "r50.pth"}, "r50.pth: a file needs weights_sha256"),
        ({"weights_sha256": "ab"}, "others null"),
        ({"weights": "imagenet", "weights_sha256": "ab"}, "others null"),
    ],
)
def test_a_network_that_contradicts_itself_is_refused(model, values, message):
    with pytest.raises(ValidationError, match=message):
        changed(model, **values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"steps_iterations": [5, 4]}, "ascend"),
        ({"steps_iterations": [4, 4]}, "ascend"),
        ({"steps_iterations": [0, 4]}, "greater than 0"),
        ({"accumulate": 0}, "greater than 0"),
        ({"box_loss": "diou"}, "giou"),
        ({"evaluation": {"every_iterations": 3, "images": 5, "patience": None}}, "multiple of log_every_iterations"),
        ({"evaluation": {"every_iterations": 4, "images": 5, "patience": 0}}, "greater than 0"),
        ({"self_training": OWN | {"first_iteration": 3}}, "self_training's iterations must be multiples"),
        ({"self_training": OWN | {"every_iterations": 1}}, "self_training's iterations must be multiples"),
        ({"self_training": OWN | {"until_iteration": 5}}, "self_training's iterations must be multiples"),
        ({"self_training": OWN | {"until_iteration": 2}}, "until_iteration 2 is not after first_iteration"),
        ({"self_training": OWN | {"first_iteration": 8}}, "self_training.first_iteration, 8, is beyond iterations 6"),
        ({"self_training": OWN | {"min_score": 0}}, "greater than 0"),
        ({"checkpoint_every_iterations": 5}, "checkpoint_every_iterations must be a multiple of log_every_iterations"),
    ],
)
def test_a_training_that_contradicts_itself_is_refused(training, values, message):
    with pytest.raises(ValidationError, match=message):
        changed(training, **values)


@pytest.mark.parametrize(
    "values",
    [{"hflip_prob": 1.5}, {"short_sides_px": []}, {"crop_min_frac": 0}, {"crop_min_frac": 1.1}, {"colour": -1}],
)
def test_an_augmentation_that_cannot_be_is_refused(training, values):
    with pytest.raises(ValidationError, match=next(iter(values))):
        changed(training.augment, **values)


def test_looks_at_records_are_accepted(training):
    evaluation = EvaluationParams(every_iterations=4, images=5, patience=1)
    assert changed(training, evaluation=evaluation.model_dump()).evaluation == evaluation


def test_pretrained_weights_may_be_frozen_in_part(model):
    assert changed(model, weights="imagenet", norm="frozen_batch", trainable_layers=3).trainable_layers == 3


def test_a_file_goes_with_its_hash(model):
    assert changed(model, weights="r50.pth", weights_sha256="ab").weights_sha256 == "ab"


@pytest.mark.parametrize(
    ("devices", "accumulate", "divides"), [(2, 1, True), (2, 2, True), (3, 1, False), (2, 4, False)]
)
def test_a_batch_is_divided_among_devices_and_parts(detector, devices, accumulate, divides):
    """Four images."""
    values = {
        "runtime": detector.runtime.model_dump() | {"devices": devices},
        "train": detector.train.model_dump() | {"accumulate": accumulate},
    }
    if divides:
        assert changed(detector, **values).train.accumulate == accumulate
    else:
        with pytest.raises(ValidationError, match=f"batch_size 4 is no multiple.*{devices * accumulate}"):
            changed(detector, **values)


@pytest.mark.parametrize("engine", ["torchvision", "detectron2"])
@pytest.mark.parametrize(("key", "value", "needed"), [("size_divisor_px", 16, 32), ("backbone_width_divisor", 4, 1)])
def test_what_torchvision_alone_can_is_refused_for_detectron2(detector, engine, key, value, needed):
    model = detector.model.model_dump() | {"size_divisor_px": 32, "backbone_width_divisor": 1}
    values = {"engine": engine, "model": model | {key: value}}
    if engine == "torchvision":
        assert getattr(changed(detector, **values).model, key) == value
    else:
        with pytest.raises(ValidationError, match=f"{key}: {needed}"):
            changed(detector, **values)


@pytest.mark.parametrize(
    ("layers", "strides"), [([1, 2, 3, 4], [4, 8, 16, 32, 64]), ([3, 4], [16, 32, 64]), ([2], [8, 16])]
)
def test_a_stage_doubles_the_stride_and_the_pooled_level_too(model, layers, strides):
    assert model.model_copy(update={"fpn_layers": layers}).strides_px == strides


@pytest.mark.parametrize(
    ("values", "is_flip_only"),
    [({}, True), ({"short_sides_px": [64, 80]}, False), ({"crop_min_frac": 0.9}, False), ({"colour": 0.1}, False)],
)
def test_whether_images_keep_their_frame_is_told(values, is_flip_only):
    plain = {"hflip_prob": 0.5, "short_sides_px": [64], "crop_min_frac": 1.0, "colour": 0.0}
    assert AugmentParams(**(plain | values)).is_flip_only is is_flip_only


def test_an_unknown_backbone_is_told_the_known_ones():
    with pytest.raises(ConfigError, match=r"resnet19.*resnet18.*resnext101_32x8d"):
        parse_backbone("resnet19")


def test_one_backbone_may_begin_with_a_file_of_its_own(build_params):
    """As the study's do: ResNets that halve in the first convolution, and a ResNeXt that does not."""
    own = {"weights": "R-50.pkl", "weights_sha256": "0" * 64, "norm": "frozen_batch", "stride_in_1x1": True}
    params = DetectorParams.model_validate(build_params().model_dump() | {"per_backbone": {"resnet50": own}})
    assert params.model_of("resnet50").model_dump() == params.model.model_dump() | own
    assert params.model_of("resnet101") == params.model


def test_what_is_otherwise_for_a_backbone_is_checked_too(build_params):
    with pytest.raises(ValidationError, match="weights_sha256"):
        DetectorParams.model_validate(
            build_params().model_dump() | {"per_backbone": {"resnet50": {"weights": "R-50.pkl"}}}
        )
