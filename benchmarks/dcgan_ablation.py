"""Compare settings of the DCGAN: each trains on the same crops, for the same number of steps, from several seeds.

    python benchmarks/dcgan_ablation.py --data data --detector models/best_detector --out ablation

Run it in a repository whose profile has cropped its images. Each training gives two rows of ablation/scores.csv: the
last epoch's generator, and the one that came nearest to the training crops. Both are measured on held-out crops, which
no generator was trained on. A setting and seed that has rows is not trained again. The script ends with a
Markdown table, and writes a grid of images per setting beside the scores.
"""

import argparse
import csv
import multiprocessing
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch
from study import read_study
from tqdm import tqdm

from fashiongen.dcgan.networks.dcgan import Generator
from fashiongen.dcgan.networks.sampling import render_grid, sample
from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.loop import train
from fashiongen.evaluation.metrics.backbone import load_backbone
from fashiongen.evaluation.metrics.epoch_selection import DistanceMeter
from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.patches import PatchDistance
from fashiongen.evaluation.metrics.score import KIDScorer, RealFeatures
from fashiongen.files import read_csv
from fashiongen.images.manifest import CropRecord
from fashiongen.images.pack import Frame, pack_images
from fashiongen.runtime.checkpoints import resumable
from fashiongen.runtime.devices import build_fabric

BASELINE: dict[str, Any] = read_study() | {
    "height_px": 32,
    "width_px": 32,
    "ngf": 32,
    "ndf": 32,
    "batch_size": 16,
    "flip": True,
    "checkpoint_every_epochs": 1000,
    "runtime": {"accelerator": "cpu", "devices": 1, "nodes": 1, "precision": "32-true", "threads": None},
}
DROPOUT = {"dropout_g": 0.2}
FOUR_TIMES = {"learning_rate_g": 0.0008, "learning_rate_d": 0.0008}
EMA = {"ema_halflife_images": 2000.0}
ALL_AUGMENTATIONS = {"augment": ["colour", "translation", "cutout"]}
SETTINGS: dict[str, dict[str, Any]] = {
    "baseline": {},
    "hinge": {"loss": "hinge"},
    "dropout": DROPOUT,
    "half the rate for D": {"learning_rate_d": 0.0001},
    "twice the rates": {"learning_rate_g": 0.0004, "learning_rate_d": 0.0004},
    "R1": {"penalty": {"gamma": 0.0128, "every_steps": 16, "at": "real"}},
    "spectral": {"norm_d": "spectral"},
    "DiffAugment": ALL_AUGMENTATIONS,
    "EMA": EMA,
    "EMA, DiffAugment": EMA | ALL_AUGMENTATIONS,
    "EMA, dropout": EMA | DROPOUT,
    "EMA, twice the rates": EMA | {"learning_rate_g": 0.0004, "learning_rate_d": 0.0004},
    "EMA, four times the rates": EMA | FOUR_TIMES,
    "EMA, dropout, four times the rates": EMA | DROPOUT | FOUR_TIMES,
}
COLUMNS = ("setting", "seed", "kept", "epoch", "KID", "precision", "recall", "density", "coverage")


def read_crops(data: Path, split: str) -> torch.Tensor:
    rows = [row for row in read_csv(data / "crops/crops.csv", CropRecord) if (row.split, row.label) == (split, "full")]
    paths = sorted(data / "crops/images" / row.file for row in rows)
    return torch.from_numpy(pack_images(paths, frame=Frame(BASELINE["height_px"], BASELINE["width_px"]), fit="cover"))


def run(job: tuple[str, int, argparse.Namespace]) -> list[dict[str, Any]]:
    """Train one setting from one seed; return the scores of its last and its best generator."""
    setting, seed, arguments = job
    torch.set_num_threads(1)
    selection = {"every_epochs": arguments.every, "features_side_px": 64}
    measured = {"generated_images": 512, "kid_subset_size": 100, "kid_subsets": 50}
    params = TrainingParams.model_validate(
        BASELINE | SETTINGS[setting] | {"seed": seed, "epochs": arguments.epochs, "selection": selection | measured}
    )
    extractor = load_backbone(arguments.detector, side_px=64)
    quality = QualityParams(**measured, seed=seed)
    training = read_crops(arguments.data, "train")
    meter = DistanceMeter(PatchDistance(training, seed=seed), {"detector": KIDScorer(training, extractor, quality)})
    held_out = RealFeatures(read_crops(arguments.data, "held_out"), extractor, quality)
    fabric = build_fabric(params.runtime, seed=seed)
    with resumable("ablation", {"params": params}) as checkpoint:
        *_, step = train(training, params, fabric, checkpoint, meter)
    best = Generator(params)
    kept_best, last = step.state.best, step.state.trainer.ema_generator
    best.load_state_dict(kept_best.weights)
    rows = []
    for kept, number, generator in (("last", params.epochs, last), ("best", kept_best.step, best)):
        score = held_out.score(sample(generator, 512, seed=seed + 1000))
        values = {key: round(getattr(score, key), 6) for key in COLUMNS[4:]}
        rows.append({"setting": setting, "seed": seed, "kept": kept, "epoch": number, **values})
    if seed == arguments.seeds[0]:
        render_grid(sample(last, 64, seed=seed)).save(arguments.out / f"{setting.replace(', ', '+')}.png")
    return rows


def print_tables(rows: list[dict[str, Any]]) -> None:
    """Markdown tables of means over the seeds, the deviation of KID between them, and ratios to the baseline."""
    columns = ("KID", "precision", "recall", "density", "coverage")
    for kept in ("last", "best"):
        print(f"\n{kept} | {' | '.join(columns)} | KID / baseline's\n--- |{' ---: |' * (len(columns) + 1)}")
        of = {name: [row for row in rows if (row["setting"], row["kept"]) == (name, kept)] for name in SETTINGS}
        baseline = mean(float(row["KID"]) for row in of["baseline"]) if of["baseline"] else float("nan")
        for name, found in of.items():
            if found:
                means = {key: mean(float(row[key]) for row in found) for key in columns}
                spread = stdev([float(row["KID"]) for row in found]) if len(found) > 1 else 0.0
                rest = " | ".join(f"{means[key]:.2f}" for key in columns[1:])
                print(f"{name} | {means['KID']:.4f} ± {spread:.4f} | {rest} | {means['KID'] / baseline:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--detector", type=Path, default=Path("models/best_detector"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--epochs", type=int, default=80)
    parser.add_argument("--every", type=int, default=8, help="epochs between two measurements of KID")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    table = arguments.out / "scores.csv"
    rows = list(csv.DictReader(table.open())) if table.exists() else []
    done = {(row["setting"], int(row["seed"])) for row in rows}
    jobs = [
        (name, seed, arguments) for seed in arguments.seeds for name in arguments.settings if (name, seed) not in done
    ]
    with multiprocessing.get_context("spawn").Pool(arguments.jobs) as pool:
        for found in tqdm(pool.imap_unordered(run, jobs), total=len(jobs), desc="trainings"):
            rows += found
            with table.open("w", newline="") as file:
                writer = csv.DictWriter(file, fieldnames=COLUMNS)
                writer.writeheader()
                writer.writerows(rows)
    print_tables(rows)


if __name__ == "__main__":
    main()
