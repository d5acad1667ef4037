"""Compare settings at equal processor time: small images first or the full size at once, dcgan or modern.

    python benchmarks/phases.py --images data/crops/images --out phases

Every sixth image is held out. Each setting trains on the others in one thread, for about `--seconds` of processor time:
the epochs follow from the time of one epoch in each phase, which is measured first. The score is the sliced Wasserstein
distance to the held-out images in three sizes of detail. The script ends with a Markdown table, and writes a grid of
images per setting.
"""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch
from study import read_study

from fashiongen.dcgan.networks.sampling import render_grid, sample
from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.loop import DcganStep, train
from fashiongen.evaluation.metrics.patches import PatchDistance
from fashiongen.images.pack import Frame, pack_images
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric

HELD_OUT_EVERY = 6
SAMPLES, SHOWN = 512, 64
BASELINE: dict[str, Any] = read_study() | {
    "height_px": 64,
    "width_px": 32,
    "ngf": 32,
    "ndf": 32,
    "batch_size": 16,
    "learning_rate_g": 0.0008,
    "learning_rate_d": 0.0008,
    "ema_halflife_images": 2000.0,
    "flip": True,
    "seed": 7,
    "checkpoint_every_epochs": 100_000,
    "runtime": {"accelerator": "cpu", "devices": 1, "nodes": 1, "precision": "32-true", "threads": None},
}


class Setting(NamedTuple):
    """The share of the time at each height, and what else differs from the baseline."""

    shares: dict[int, float]
    changes: dict[str, Any]


ONE, TWO, THREE = {64: 1.0}, {32: 0.4, 64: 0.6}, {16: 0.2, 32: 0.3, 64: 0.5}
PROFILES = {16: 0.1, 32: 0.2, 64: 0.7}  # the shares of the demo and of the street profile
SLOW: dict[str, Any] = {"learning_rate_g": 0.0004, "learning_rate_d": 0.0004, "ema_halflife_images": 10_000.0}


def penalise(gamma: float) -> dict[str, Any]:
    return {"penalty": {"gamma": gamma, "every_steps": 16, "at": "real"}}


MODERN: dict[str, Any] = {
    "family": "modern",
    "latent_dim": 64,
    "ngf": 16,
    "ndf": 16,
    "kernel_px": 3,
    "norm_d": "none",
    "loss": "relativistic",
    "penalty": {"gamma": 1.0, "every_steps": 1, "at": "both"},
    "learning_rate_g": 0.001,
    "learning_rate_d": 0.001,
    "beta1": 0.0,
    "beta2": 0.9,
    "schedule": {
        "burn_in_frac": 0.5,
        "learning_rate_end_frac": 0.5,
        "gamma_end_frac": 0.1,
        "beta2_end": 0.99,
        "augment_prob_end": 0.0,
    },
    "augment_prob": 0.0,
}
SETTINGS: dict[str, Setting] = {
    "one phase": Setting(ONE, {}),
    "32, 64 px": Setting(TWO, {}),
    "16, 32, 64 px": Setting(THREE, {}),
    "16, 32, 64 px, more time at 64": Setting({16: 0.1, 32: 0.2, 64: 0.7}, {}),
    "8, 16, 32, 64 px": Setting({8: 0.1, 16: 0.15, 32: 0.25, 64: 0.5}, {}),
    "one phase, batches of 32": Setting(ONE, {"batch_size": 32}),
    "16, 32, 64 px, batches of 32": Setting(THREE, {"batch_size": 32}),
    "16, 32, 64 px, beta1 0": Setting(THREE, {"beta1": 0.0}),
    "16, 32, 64 px, half the rates": Setting(THREE, {"learning_rate_g": 0.0004, "learning_rate_d": 0.0004}),
    "16, 32, 64 px, half the rate for D": Setting(THREE, {"learning_rate_d": 0.0004}),
    "16, 32, 64 px, half the rate for G": Setting(THREE, {"learning_rate_g": 0.0004}),
    "16, 32, 64 px, DiffAugment": Setting(THREE, {"augment": ["colour", "translation"]}),
    "16, 32, 64 px, translation": Setting(THREE, {"augment": ["translation"]}),
    "16, 32, 64 px, R1": Setting(THREE, {"penalty": {"gamma": 0.1, "every_steps": 16, "at": "real"}}),
    "16, 32, 64 px, spectral": Setting(THREE, {"norm_d": "spectral"}),
    "16, 32, 64 px, ngf 48": Setting(THREE, {"ngf": 48, "ndf": 48}),
    "16, 32, 64 px, ngf 24": Setting(THREE, {"ngf": 24, "ndf": 24}),
    "modern, one phase": Setting(ONE, MODERN),
    "modern, 16, 32, 64 px": Setting(THREE, MODERN),
    "modern, 16, 32, 64 px, bf16": Setting(
        THREE, MODERN | {"runtime": BASELINE["runtime"] | {"precision": "bf16-mixed"}}
    ),
    "modern, 16, 32, 64 px, a tenth of gamma": Setting(
        THREE, MODERN | {"penalty": {"gamma": 0.1, "every_steps": 1, "at": "both"}}
    ),
    "modern, 16, 32, 64 px, half the rates": Setting(
        THREE, MODERN | {"learning_rate_g": 0.0005, "learning_rate_d": 0.0005}
    ),
    "modern, 16, 32, 64 px, ngf 8": Setting(THREE, MODERN | {"ngf": 8, "ndf": 8}),
    "16, 32, 64 px, EMA 5000": Setting(THREE, {"ema_halflife_images": 5000.0}),
    "R1": Setting(PROFILES, penalise(0.1)),
    "R1, slow": Setting(PROFILES, penalise(0.1) | SLOW),
    "R1, gamma 1, EMA 5000": Setting(PROFILES, penalise(1.0) | {"ema_halflife_images": 5000.0}),
    "R1, gamma 1, slow": Setting(PROFILES, penalise(1.0) | SLOW),
}


def measure_epochs(images: torch.Tensor, setting: Setting) -> list[float]:
    """The processor seconds of an epoch in each phase: the second of two, after the first has warmed up."""
    seconds = []
    began = 0.0
    for step in start(images, setting, dict.fromkeys(setting.shares, 2)):
        if step.record.epoch % 2:
            began = time.process_time()
        else:
            seconds.append(time.process_time() - began)
    return seconds


def start(images: torch.Tensor, setting: Setting, epochs: dict[int, int]) -> Any:
    """A training with so many epochs at each height."""
    *small, _ = epochs
    phases = [{"height_px": height, "epochs": epochs[height]} for height in small]
    values = BASELINE | setting.changes | {"epochs": sum(epochs.values()), "phases": phases}
    params = TrainingParams.model_validate(values)
    with TemporaryDirectory() as folder:
        yield from train(images, params, build_fabric(params.runtime, seed=params.seed), Checkpoint(Path(folder)), None)


def train_for(images: torch.Tensor, setting: Setting, seconds: float) -> tuple[DcganStep, float]:
    """The last epoch of a training for about so many processor seconds, and how many it took."""
    costs = measure_epochs(images, setting)
    shares = zip(setting.shares.items(), costs, strict=True)
    epochs = {height: max(1, round(seconds * share / cost)) for (height, share), cost in shares}
    began = time.process_time()
    *_, last = start(images, setting, epochs)
    return last, time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="a folder of pictures of garments")
    parser.add_argument("--fit", choices=["cover", "contain", "stretch"], default="contain")
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--most", type=int, default=480, help="images to use")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    frame = Frame(BASELINE["height_px"], BASELINE["width_px"])
    packed = torch.from_numpy(
        pack_images(sorted(options.images.iterdir())[: options.most], frame=frame, fit=options.fit)
    )
    is_held_out = torch.arange(len(packed)) % HELD_OUT_EVERY == 0
    measure, training = PatchDistance(packed[is_held_out], seed=0), packed[~is_held_out]
    of_real = measure(training)
    print(f"setting | images shown | processor s | {' | '.join(f'{height} px' for height in of_real)}")
    print(f"--- |{' ---: |' * (len(of_real) + 1)} ---:")
    print_row("real training images", "", "", of_real)
    render_grid(training[:SHOWN]).save(options.out / "real.png")
    for name in options.settings:
        last, seconds = train_for(training, SETTINGS[name], options.seconds)
        generated = sample(last.state.trainer.ema_generator, SAMPLES, seed=1)
        print_row(name, f"{last.record.images_seen:,}", f"{seconds:.0f}", measure(generated))
        render_grid(generated[:SHOWN]).save(options.out / f"{name.replace(', ', '+').replace(' ', '_')}.png")


def print_row(name: str, shown: str, seconds: str, distances: dict[str, float]) -> None:
    print(f"{name} | {shown} | {seconds} | {' | '.join(f'{value:.0f}' for value in distances.values())}", flush=True)


if __name__ == "__main__":
    main()
