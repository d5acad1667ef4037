"""`fashiongen doctor` refuses each value of params.yaml that a stage would fail on, in one line with key and value."""

import json
from pathlib import Path

import pytest
import torch

from fashiongen import config
from fashiongen.cli.profiles import read_profile

pytestmark = pytest.mark.slow

PROFILES = Path(__file__).parents[2] / "profiles"
NAN, INF = float("nan"), float("inf")
VARIANT = "dcgan.variants.cropped"
SEEDS = [
    f"{name}.seed"
    for name in ("dedup", "deepfashion", "detector.train", f"{VARIANT}.query", "evaluate", "trends", "propose")
]
# A name that reaches a shell or a path, and is no slug.
NAMES = [
    "",
    ".",
    "..",
    "a.b",
    "a/b",
    "a b",
    "a'b",
    'a"b',
    "a;touch b",
    "a@b",
    "a\nb",
    "-a",
    "_a",
    "A",
    "é",
    "$(a)",
    "a" * 65,
]
COUNTS = [
    *(f"scrape.{key}" for key in ("max_steps", "patience_steps", "max_downloads", "attempts", "max_bytes")),
    *(f"scrape.{key}" for key in ("window_width_px", "window_height_px", "max_megapixels")),
    *(f"detector.model.{key}" for key in ("fpn_channels", "box_head_dim", "roi_canonical_px")),
    "detector.model.backbone_width_divisor",
    *(f"detector.model.{key}" for key in ("short_side_px", "long_side_px", "size_divisor_px")),
    *(f"detector.train.{key}" for key in ("iterations", "batch_size", "accumulate", "log_every_iterations")),
    *(f"detector.train.{key}" for key in ("rpn_batch_per_image", "roi_batch_per_image", "proposals")),
    *(
        "detector.train.proposals_per_level",
        "detector.train.evaluation.images",
        "detector.runtime.devices",
        "detector.runtime.threads",
    ),
    *("detector.train.evaluation.every_iterations", "detector.runtime.nodes"),
    *(f"detector.infer.{key}" for key in ("batch_size", "proposals", "detections_per_image")),
    *("executor.workers", "crop.cutout.working_side_px", "crop.cutout.iterations"),
    *(f"{VARIANT}.{key}" for key in ("height_px", "width_px", "latent_dim", "ngf", "ndf", "kernel_px")),
    *(f"{VARIANT}.{key}" for key in ("layers_per_side", "epochs", "penalty.every_steps")),
    *(f"{VARIANT}.{key}" for key in ("batch_size", "checkpoint_every_epochs", "grid_images", "grid_every_epochs")),
    *(f"{VARIANT}.selection.{key}" for key in ("every_epochs", "generated_images", "kid_subset_size", "kid_subsets")),
    *(
        f"{VARIANT}.selection.features_side_px",
        f"{VARIANT}.runtime.devices",
        f"{VARIANT}.runtime.threads",
        f"{VARIANT}.ema_halflife_images",
    ),
    *(
        f"trends.{key}"
        for key in ("palette_colours", "season_colours", "pixels_per_garment", "min_garments", "examples", "resamples")
    ),
    *("trends.forecast.min_seasons", "trends.forecast.first_seasons", "propose.garments", "propose.candidates"),
    *(f"evaluate.{key}" for key in ("generated_images", "kid_subset_size", "kid_subsets", "features_side_px")),
]
FRACTIONS = [
    *(
        "dedup.held_out_frac",
        "dedup.differing_frac",
        "deepfashion.train_frac",
        "crop.min_score",
        "detector.infer.min_score",
    ),
    *("detector.infer.nms_iou", "detector.train.momentum", "detector.train.gamma", "detector.train.warmup_factor"),
    *(f"detector.train.augment.{key}" for key in ("hflip_prob", "crop_min_frac", "colour")),
    *("detector.model.anchor_offset_frac", "detector.train.ignore_unlabelled_above", "evaluate.copy_quantile"),
    *(f"crop.cutout.{key}_frac" for key in ("min_part", "max_hole", "min_area", "max_area", "min_largest")),
    *("crop.cutout.sure_probability", "crop.cutout.min_certainty", "trends.merge_distance", "trends.confidence"),
    *("trends.changes.false_alarms_frac", "trends.forecast.min_known_frac", "trends.forecast.min_share"),
    "trends.forecast.coverage",
    *(f"{VARIANT}.{key}" for key in ("dropout_g", "beta1", "beta2", "augment_prob", "collapse_floor")),
    f"{VARIANT}.query.min_score",
]
RATES = [
    *(f"scrape.{key}" for key in ("step_viewports", "settle_timeout_s", "requests_per_s", "backoff_s")),
    *("detector.train.base_lr", "detector.train.weight_decay", "crop.padding_frac", "dedup.max_difference"),
    *(f"{VARIANT}.learning_rate_g", f"{VARIANT}.learning_rate_d", f"{VARIANT}.penalty.gamma"),
    *("crop.cutout.padding_frac", "crop.cutout.aspect"),
]
PATHS = ["scrape.boards", "deepfashion.root", "detector.model.weights", "evaluate.inception_weights"]
BAD = [
    *((key, value, str(value)) for key in SEEDS for value in (-1, 2**32)),
    (f"{VARIANT}.seeds", [7, -1], "greater than or equal to 0"),
    (f"{VARIANT}.seeds", [2**32], "less than or equal to 4294967295"),
    (f"{VARIANT}.seeds", [], "at least 1 item"),
    (f"{VARIANT}.seeds", [7, 8, 7], "names 7 twice"),
    *((key, value, f"got {value}") for key in COUNTS for value in (0, -3)),
    *((key, 10**30, key) for key in COUNTS),
    *((key, 1e300, key) for key in RATES),
    *((key, "data/a\0b", f"{key}: holds a NUL character") for key in PATHS),
    *((f"detector.model.{key}", 100_000, "got 100000") for key in ("fpn_channels", "box_head_dim")),
    *((f"detector.model.{key}", 100_000, "got 100000") for key in ("roi_canonical_px", "roi_sampling_ratio")),
    ("detector.model.anchor_sizes_px", [20, 28, 36, 48, 100_000], "got 100000"),
    *((key, value, f"got {value}") for key in FRACTIONS for value in (-0.1, 1.5, NAN)),
    *((key, value, "") for key in RATES for value in (-1, NAN, INF)),
    *(("profile", name, "profile") for name in NAMES),
    ("profile", "milano", "no such profile; choose from atelier, demo, street, street-pretrained, thesis"),
    ("sources.street", ["ccp", "ccp"], "at most 1 item"),
    ("sources.thesis", ["ccp"], "deepfashion"),
    ("about.free_disk_gb", -1, "got -1"),
    ("dedup.max_hamming_distance", 16, "got 16"),
    ("deepfashion.split", "rando", "'random', 'official' or 'item'"),
    ("detector.backbones", [], "at least 3 items"),
    ("detector.backbones", ["resnet18", "resnet34"], "at least 3 items"),
    ("detector.backbones", ["resnet18", "resnet34", "resnet50", "resnet101"], "at most 3 items"),
    ("detector.backbones", ["resnet18", "resnet34", "resnet18"], "names resnet18 twice"),
    *(("detector.backbones", ["resnet18", "resnet34", name], "detector.backbones.2") for name in NAMES),
    ("detector.engine", "tensorflow", "'torchvision' or 'detectron2'"),
    ("detector.runtime.accelerator", "tpu", "'auto', 'cpu', 'cuda' or 'mps'"),
    ("detector.runtime.precision", "8-bit", "bf16-mixed"),
    ("detector.model.fpn_layers", [], "at least 1 item"),
    ("detector.model.fpn_layers", [1, 3], "must ascend without a gap"),
    ("detector.model.anchor_sizes_px", [], "needs 5 sizes"),
    ("detector.model.anchor_sizes_px", [32, 64], "needs 5 sizes"),
    ("detector.model.anchor_sizes_px", [20, 28, 36, 48, 0], "got 0"),
    ("detector.model.anchor_ratios", [], "at least 1 item"),
    ("detector.model.anchor_ratios", [0], "got 0"),
    ("detector.model.anchor_ratios", [1.0, -2.0], "got -2.0"),
    ("detector.model.anchor_ratios", [INF], "finite"),
    ("detector.model.anchor_ratios", [1.0, 1.0], "names 1.0 twice"),
    ("detector.model.short_side_px", 65, "long_side_px 64 is below short_side_px 65"),
    ("detector.model.trainable_layers", 6, "got 6"),
    ("detector.model.trainable_layers", 4, "norm: batch needs trainable_layers: 5"),
    ("detector.model.weights", "data/mine.pth", "a file needs weights_sha256"),
    ("detector.per_backbone", {"resnet18": {"fpn_chanels": 8}}, "per_backbone.resnet18.fpn_chanels: unknown key"),
    ("detector.per_backbone", {"resnet18": {"fpn_channels": 0}}, "per_backbone.resnet18.fpn_channels"),
    ("detector.per_backbone", {"resnet1": {}}, "resnet1"),
    ("detector.train.warmup_iterations", 801, "warmup_iterations, 801, is beyond iterations 800"),
    ("trends.changes.lags_seasons", [], "at least 1 item"),
    ("trends.changes.lags_seasons", [1, 0], "got 0"),
    ("trends.forecast.first_seasons", 8, "first_seasons 8 leaves none of min_seasons 8 to compare"),
    ("detector.train.steps_iterations", [720, 900], "steps_iterations, 900, is beyond iterations 800"),
    ("detector.train.steps_iterations", [650, 100], "must ascend"),
    ("detector.train.evaluation.every_iterations", 820, "every_iterations, 820, is beyond iterations 800"),
    ("detector.train.evaluation.every_iterations", 30, "multiple of log_every_iterations"),
    ("detector.train.augment.short_sides_px", [], "at least 1 item"),
    ("detector.train.augment.short_sides_px", [64, 0], "got 0"),
    ("detector.train.accumulate", 3, "batch_size 8 is no multiple of devices x accumulate: 3"),
    ("detector.train.workers", -1, "got -1"),
    ("detector.infer.workers", 100_000, "got 100000"),
    ("crop.label", "hat", "'upper', 'lower' or 'full'"),
    ("crop.aspect", 0, "got 0"),
    ("crop.cutout", None, "crop.cutout is null, and dcgan.variants.cutout trains on cut-outs: set crop.cutout"),
    ("dcgan.variants", {}, "dcgan.variants"),
    ("dcgan.variants.subset", None, "dcgan.variants.subset"),
    (f"{VARIANT}.height_px", 48, "16, 32, 64, 128 or 256"),
    (f"{VARIANT}.width_px", 256, "one is more than twice the other"),
    (f"{VARIANT}.kernel_px", 9, "got 9"),
    (f"{VARIANT}.phases", [{"height_px": 8, "epochs": 1}], "phases, then height_px: 8, 64 are no doublings"),
    (f"{VARIANT}.phases", [{"height_px": 32, "epochs": 54}], "phases take 54 epochs, and epochs is 54"),
    (f"{VARIANT}.ngf", 513, "got 513"),
    (f"{VARIANT}.batch_size", 1, "got 1"),
    (f"{VARIANT}.augment", ["colour", "colour"], "names colour twice"),
    (f"{VARIANT}.penalty", {"gamma": 0, "every_steps": 16, "at": "real"}, "got 0"),
    (f"{VARIANT}.selection.every_epochs", 55, "selection.every_epochs 55 is beyond the 54 epochs"),
    (f"{VARIANT}.selection.kid_subset_size", 257, "kid_subset_size 257 exceeds generated_images 256"),
    (f"{VARIANT}.fit", "stretch", "variants differ in fit"),
    (f"{VARIANT}.query.label", "hat", "'upper', 'lower' or 'full'"),
    (f"{VARIANT}.query.brand", "", "at least 1 character"),
    (f"{VARIANT}.query.season", "", "at least 1 character"),
    (f"{VARIANT}.query.draw", {"count": 0}, "got 0"),
    (f"{VARIANT}.query.draw", {"frac": 1.5}, "got 1.5"),
    (f"{VARIANT}.query.draw", {"number": 5}, "a draw is {count: N}"),
    ("dcgan.variants.original.query.label", "full", "images have no label and no score"),
    ("evaluate.kid_subset_size", 513, "kid_subset_size 513 exceeds generated_images 512"),
    ("evaluate.copy_hash_distance", 65, "got 65"),
]


def set_value(values, key, value):
    *sections, name = key.split(".")
    for section in sections:
        values = values[section]
    assert name in values, key
    values[name] = value


@pytest.fixture(scope="module")
def demo():
    """The values of the demo profile, as JSON: a copy shares nothing."""
    return json.dumps(read_profile("demo", PROFILES))


@pytest.fixture
def change(call, demo, monkeypatch):
    """Says what `fashiongen doctor` finds in the demo's params after a change; reading a file each time is slow."""

    def change(edit):
        values = json.loads(demo)
        edit(values)
        monkeypatch.setattr(config, "read_yaml", lambda path: values)
        return call("doctor")

    return change


def assert_is_one_line(status, output, error, *words):
    assert (status, output) == (1, "")
    assert len(error.splitlines()) == 1
    assert error.startswith("error: params.yaml: ")
    assert all(word in error for word in words), error


@pytest.mark.parametrize(("key", "value", "words"), BAD)
def test_a_bad_value_is_refused_with_its_key(change, key, value, words):
    assert_is_one_line(*change(lambda values: set_value(values, key, value)), key.split(".")[0], words)


@pytest.mark.parametrize("name", NAMES)
def test_a_variant_whose_name_is_no_slug_is_refused(change, name):
    def add(values):
        values["dcgan"]["variants"][name] = values["dcgan"]["variants"]["cropped"]

    assert_is_one_line(*change(add), "dcgan.variants", "lower-case letters")


@pytest.mark.parametrize("name", ["cropped", "original", "subset", "cutout"])
def test_a_variant_that_dvc_yaml_names_is_missed(change, name):
    assert_is_one_line(
        *change(lambda values: values["dcgan"]["variants"].pop(name)), f"variants: {name} missing: dvc.yaml"
    )


@pytest.mark.parametrize(
    ("runtime", "devices", "message"),
    [
        ({"accelerator": "cuda"}, 0, "accelerator: cuda is not available on this machine; use auto or cpu"),
        ({"accelerator": "mps"}, 0, "accelerator: mps is not available on this machine; use auto or cpu"),
        ({"precision": "16-mixed"}, 0, "precision: 16-mixed needs a GPU"),
        ({"accelerator": "cuda", "devices": 4}, 2, "devices: 4 on a machine with 2: lower it to 2"),
        ({"accelerator": "auto", "devices": 4}, 2, "devices: 4 on a machine with 2: lower it to 2"),
    ],
)
@pytest.mark.parametrize("key", ["detector.runtime", f"{VARIANT}.runtime"])
def test_a_device_that_is_not_there_is_missing(change, monkeypatch, key, *, runtime, devices, message):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: devices > 0)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: devices > 0)
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: devices)

    def edit(values):
        for name, value in runtime.items():
            set_value(values, f"{key}.{name}", value)
        values["detector"]["train"]["batch_size"] = 8

    status, output, error = change(edit)
    assert status == 1
    assert f"{key}.{message}" in output
    assert "missing: devices" in error


def test_every_number_of_params_has_a_bad_value_in_the_table(demo):
    """A new param needs a row above, or a range that lets every number through."""
    free = {
        *(
            "scrape.min_side_px",
            "scrape.known_pins",
            "dedup.max_aspect_change_frac",
            "dedup.min_contrast",
        ),
        *("scrape.page_timeout_s", "scrape.request_timeout_s", "scrape.max_backoff_s", "scrape.feed_interval_s"),
        "scrape.decode_timeout_s",
        "crop.checkpoint_every_s",
        *("detector.model.roi_sampling_ratio", "detector.train.weight_decay_norm", "detector.train.checkpoint_every_s"),
        *("detector.train.ema_halflife_images", f"{VARIANT}.query.min_side_px", f"{VARIANT}.runtime.nodes"),
    }

    def numbers(section, key=""):
        for name, value in section.items():
            path = f"{key}.{name}".lstrip(".")
            if isinstance(value, dict) and path not in {"dcgan.settings", "dcgan.query"}:
                yield from numbers(value, path)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                yield path

    named = {key for key, _, _ in BAD}
    other = tuple(f"dcgan.variants.{name}." for name in ("original", "subset", "cutout"))
    wanted = {key for key in numbers(json.loads(demo)) if not key.startswith(other)}
    assert wanted - named - free == set()
