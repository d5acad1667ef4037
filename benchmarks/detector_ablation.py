"""Compare settings of a detector that trains from random weights, with equal processor time for every setting.

    OMP_NUM_THREADS=1 python benchmarks/detector_ablation.py --repository . --out ablation --seeds 7 8

Run it in a repository whose profile has converted its labelled images. Every setting trains for as many iterations as
fit into its budget, estimated from its first iterations. The learning rate drops after nine tenths of them. A row of
scores.csv is a training; a training that has a row is not repeated. `--settings` selects some of the settings.
"""

import argparse
import copy
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

from measure import describe_machine, print_table
from pydantic import BaseModel
from torch import nn
from tqdm import tqdm

from fashiongen import config
from fashiongen.coco.evaluation import evaluate_detections
from fashiongen.detector.data.targets import TrainingSet, read_targets
from fashiongen.detector.data.unlabelled import list_photographs
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.inference import Detector, detect
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.networks.model_folder import ModelCard, write_model
from fashiongen.detector.networks.purpose import ForInference, ForTraining, Purpose
from fashiongen.detector.params import DetectorParams
from fashiongen.detector.training.loop import train
from fashiongen.detector.training.start import build_teacher
from fashiongen.files import read_csv, write_csv
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric

CALIBRATION_ITERATIONS = 24  # the first third is a warm-up
PHOTOGRAPHS = Path("data/pinterest")  # that self-training labels
DROP_FRAC = 0.9  # of a training; the learning rate is a tenth after it


def at_side(long_side_px: int, *, first_layer: int = 1) -> dict[str, Any]:
    """All params in pixels of the scaled image, for portrait images of 2:3 with that long side.

    With `first_layer` 2 the pyramid starts at the backbone's second layer, so its finest level has stride 8.
    """
    short_side_px = round(long_side_px * 2 / 3)
    anchors = [round(frac * long_side_px) for frac in (0.3125, 0.4375, 0.5625, 0.75, 0.875)[first_layer - 1 :]]
    return {
        "model.short_side_px": short_side_px,
        "model.long_side_px": round(1.25 * long_side_px),
        "model.fpn_layers": list(range(first_layer, 5)),
        "model.anchor_sizes_px": anchors,
        "train.augment.short_sides_px": [short_side_px],
    }


def at_scales(long_side_px: int) -> dict[str, Any]:
    """Short sides in training, from three quarters to five quarters of the short side in inference."""
    eighths = long_side_px * 2 / 3 / 8
    return {"train.augment.short_sides_px": [round(eighths * share) for share in (6, 7, 8, 9, 10)]}


def augmented(long_side_px: int, *, crop_min_frac: float = 0.6, colour: float = 0.4) -> dict[str, Any]:
    """Training images at several scales, with random crops and colours."""
    return at_scales(long_side_px) | {"train.augment.crop_min_frac": crop_min_frac, "train.augment.colour": colour}


def pseudo_labels(
    first_frac: float = 0.4, every_frac: float = 0.2, until_frac: float | None = None, min_score: float = 0.7
) -> dict[str, Any]:
    """Self-training; its iterations are shares of all, which are known after the calibration."""
    own = {"first": first_frac, "every": every_frac, "until": until_frac, "min_score": min_score}
    return {"train.self_training": own}


STRIDE_8 = at_side(96, first_layer=2) | augmented(96)
SETTINGS: dict[str, dict[str, Any]] = {
    "64 px, flips only": at_side(64) | {"train.augment.crop_min_frac": 1.0, "train.augment.colour": 0.0},
    "64 px, scales": at_side(64) | augmented(64, crop_min_frac=1.0, colour=0.0),
    "64 px, scales and crops": at_side(64) | augmented(64, colour=0.0),
    "64 px": at_side(64) | augmented(64),
    "64 px, pseudo-labels": at_side(64) | augmented(64) | pseudo_labels(),
    "64 px, pseudo-labels until 0.7": at_side(64) | augmented(64) | pseudo_labels(until_frac=0.7),
    "64 px, pseudo-labels above 0.6 until 0.8": at_side(64)
    | augmented(64)
    | pseudo_labels(until_frac=0.8, min_score=0.6),
    "64 px, group norm": at_side(64) | augmented(64),
    "64 px, smaller crops, stronger colours": at_side(64) | augmented(64, crop_min_frac=0.5, colour=0.6),
    "64 px, unlabelled garments left out": at_side(64) | augmented(64) | {"train.ignore_unlabelled_above": 0.5},
    "64 px, L1": at_side(64) | augmented(64) | {"train.box_loss": "l1"},
    "64 px, GIoU": at_side(64) | augmented(64) | {"train.box_loss": "giou"},
    "96 px": at_side(96) | augmented(96),
    "96 px, stride 8": STRIDE_8,
    "96 px, stride 8, stronger decay": STRIDE_8 | {"train.weight_decay": 0.0005},
    "96 px, stride 8, stronger decay, longer average": STRIDE_8
    | {"train.weight_decay": 0.0005, "train.ema_halflife_images": 2000},
}
GROUP_NORM = {"64 px, group norm"}  # settings whose networks have it in place of batch norm
CHANNELS_PER_GROUP = 16  # Wu and He 2018, "Group Normalization", table 3


class Score(BaseModel):
    """One training."""

    setting: str
    seed: int
    iterations: int
    cpu_s: float
    AP: float
    AP50: float
    AP75: float


def change(section: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A section with other values at dotted keys."""
    changed = copy.deepcopy(section)
    for place, value in changes.items():
        *path, last = place.split(".")
        node = changed
        for part in path:
            node = node[part]
        if last not in node:
            raise SystemExit(f"{place}: no such param")
        node[last] = value
    return changed


def build_params(section: dict[str, Any], changes: dict[str, Any], *, seed: int, iterations: int) -> DetectorParams:
    train_changes = {
        "train.seed": seed,
        "train.iterations": iterations,
        "train.warmup_iterations": min(section["train"]["warmup_iterations"], iterations),
        "train.steps_iterations": [max(1, round(DROP_FRAC * iterations))],
        "train.evaluation": None,
        "train.log_every_iterations": 1,
        "train.checkpoint_every_s": 86_400,
    }
    own = changes.get("train.self_training")
    if own is not None:
        spelled = {
            f"{name}_iteration": own[name] and max(1, round(own[name] * iterations)) for name in ("first", "until")
        }
        spelled |= {"every_iterations": max(1, round(own["every"] * iterations)), "min_score": own["min_score"]}
        changes = changes | {"train.self_training": spelled}
    return DetectorParams.model_validate(change(section, train_changes | changes))


def build(params: DetectorParams, backbone: str, purpose: Purpose, *, group_norm: bool) -> DetectorNetwork:
    """The network, with group norm in its backbone and pyramid where that is asked for."""
    network = get_engine(params.engine).build(backbone, params.model, purpose, categories=3)
    if group_norm:
        for module in list(network.modules()):
            for name, norm in module.named_children():
                if isinstance(norm, nn.BatchNorm2d):
                    channels = norm.num_features
                    replacing = nn.GroupNorm(channels // CHANNELS_PER_GROUP, channels)
                    replacing.load_state_dict({"weight": norm.weight, "bias": norm.bias})
                    setattr(module, name, replacing)
    return network


def train_network(
    params: DetectorParams, backbone: str, data: TrainingSet, *, group_norm: bool
) -> tuple[dict[str, Any], list[float]]:
    """The weights at the end of a training, and the processor time after each iteration."""
    fabric = build_fabric(params.runtime, seed=params.train.seed)
    network = build(params, backbone, ForTraining(params.train), group_norm=group_norm)
    card = ModelCard(engine=params.engine, backbone=backbone, categories=data.categories, model=params.model)
    photographs = [] if params.train.self_training is None else list_photographs(PHOTOGRAPHS)
    teacher = build_teacher(params, card, photographs, fabric)
    clock = []
    with TemporaryDirectory() as folder:
        steps = train(
            network,
            data,
            model=params.model,
            train=params.train,
            fabric=fabric,
            checkpoint=Checkpoint(Path(folder)),
            teacher=teacher,
        )
        for step in tqdm(steps, total=params.train.iterations):
            clock.append(time.process_time())
            state = step.state
    return state.best.weights, clock


def run(section: dict[str, Any], setting: str, seed: int, options: argparse.Namespace, root: Path) -> Score:
    """Calibrate the number of iterations, train, and evaluate."""
    training, validation = (read_targets(Path(f"data/coco/{split}.json"), root) for split in ("train", "val"))
    training = training._replace(targets=training.targets[: options.labels])
    changes = SETTINGS[setting]
    without = {place: value for place, value in changes.items() if place != "train.self_training"}
    group_norm = setting in GROUP_NORM
    calibration = build_params(section, without, seed=seed, iterations=CALIBRATION_ITERATIONS)
    _, clock = train_network(calibration, options.backbone, training, group_norm=group_norm)
    skipped = CALIBRATION_ITERATIONS // 3
    step_s = (clock[-1] - clock[skipped - 1]) / (CALIBRATION_ITERATIONS - skipped)
    params = build_params(section, changes, seed=seed, iterations=round(options.budget_cpu_s / step_s))
    began = time.process_time()
    weights, _ = train_network(params, options.backbone, training, group_norm=group_norm)
    cpu_s = time.process_time() - began
    network = build(params, options.backbone, ForInference(params.infer), group_norm=group_norm)
    network.load_named_weights(weights)
    if options.keep:
        card = ModelCard(
            engine=params.engine, backbone=options.backbone, categories=training.categories, model=params.model
        )
        slug = "".join(letter if letter.isalnum() else "_" for letter in f"{setting} {seed} {options.labels or 'all'}")
        write_model(options.out / slug, card, weights)
    detector = Detector(network.eval(), params.model, params.infer, build_fabric(params.runtime, seed=seed))
    found = [detection for of_image in detect(detector, validation.images) for detection in of_image]
    metrics = evaluate_detections(Path("data/coco/val.json"), found).metrics
    scores = {name: round(metrics[name], 4) for name in ("AP", "AP50", "AP75")}
    return Score(setting=setting, seed=seed, iterations=params.train.iterations, cpu_s=round(cpu_s, 1), **scores)


def tabulate(scores: Sequence[Score]) -> list[list[str]]:
    """Means over the seeds, the best first."""
    by_setting: dict[str, list[Score]] = {}
    for score in scores:
        by_setting.setdefault(score.setting, []).append(score)
    ordered = sorted(by_setting.items(), key=lambda pair: -mean(score.AP for score in pair[1]))
    return [
        [
            setting,
            f"{mean(score.iterations for score in of):,.0f}",
            f"{mean(score.AP for score in of):.3f}",
            ", ".join(f"{score.AP:.3f}" for score in of),
            f"{mean(score.AP50 for score in of):.3f}",
            f"{mean(score.AP75 for score in of):.3f}",
        ]
        for setting, of in ordered
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--out", type=Path, default=Path("ablation"))
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--settings", nargs="+", choices=list(SETTINGS), default=list(SETTINGS))
    parser.add_argument("--labels", type=int, help="labelled images to train on, the first ones; default all")
    parser.add_argument("--keep", action="store_true", help="keep each detector in a model folder of --out")
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8])
    parser.add_argument("--budget-cpu-s", type=float, default=600, help="seconds of processor time, all cores together")
    options = parser.parse_args()
    options.out = options.out.resolve()
    table = options.out / "scores.csv"
    os.chdir(options.repository)
    values = config.read_yaml(config.PARAMS_FILE)
    scores = read_csv(table, Score) if table.exists() else []
    for seed in options.seeds:
        for setting in options.settings:
            if not any((score.setting, score.seed) == (setting, seed) for score in scores):
                root = Path(values["deepfashion"]["root"])
                scores.append(run(values["detector"], setting, seed, options, root))
                write_csv(table, Score, scores)
                print(json.dumps(scores[-1].model_dump()), flush=True)
    print(f"{describe_machine('cpu')}; {options.budget_cpu_s:.0f} s of processor time each\n")
    print_table(["", "iterations", "AP", "seed by seed", "AP50", "AP75"], tabulate(scores))


if __name__ == "__main__":
    main()
