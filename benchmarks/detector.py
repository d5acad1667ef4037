"""Training and inference speed of the detector, compared with detectron2's trainer and torchvision's reference loop.

    python benchmarks/detector.py --repository . --iterations 40 --images 120
    python benchmarks/detector.py --repository . --whole

Run it in a repository whose profile has converted its labelled images. Every contender trains the same network on the
same images in batches of the same size, then detects on validation images. Each runs in its own process, and they take
turns. `--whole` trains all of the profile's iterations, so that their AP can be compared. detectron2 is left out if it
is not installed.
"""

import argparse
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import torch
from measure import Run, describe_machine, figure, measure, print_table, ratio

from fashiongen import config

CONTENDERS = Path(__file__).resolve().parent / "detector_contenders.py"
DETECTRON2, REFERENCE = "detectron2, its own trainer", "torchvision, its reference loop"
STUDY_ITERATIONS = 50_000


def list_contenders(options: argparse.Namespace) -> dict[str, tuple[str, dict[str, str]]]:
    """For each contender's name: what detector_contenders.py runs, and with which engine and precision."""
    with_detectron2 = find_spec("detectron2") is not None
    float32 = {"engine": "torchvision", "precision": "32-true"}
    contenders = {DETECTRON2: ("detectron2", {**float32, "engine": "detectron2"})} if with_detectron2 else {}
    contenders |= {REFERENCE: ("torchvision", float32), "ours, 32-true": ("ours", float32)}
    if with_detectron2:
        contenders["ours, 32-true, engine detectron2"] = ("ours", {**float32, "engine": "detectron2"})
    if options.half:
        contenders["ours, bf16-mixed"] = ("ours", {**float32, "precision": "bf16-mixed"})
    return contenders


def read_settings(options: argparse.Namespace, engine: str, precision: str) -> dict[str, Any]:
    """The params of a profile with the changes of the options."""
    values = config.read_yaml(options.repository / "params.yaml" if options.params is None else options.params)
    params = values["detector"]
    model, train = params["model"], params["train"]
    params |= {"engine": engine, "backbones": [options.backbone]}
    params["runtime"] |= {"accelerator": options.device, "precision": precision}
    model |= {"size_divisor_px": 32} | ({"weights": "none", "norm": "batch", "trainable_layers": 5})
    train["evaluation"] = None
    params["per_backbone"] = {}
    if options.side_px:
        model |= {"short_side_px": options.side_px, "long_side_px": 2 * options.side_px}
        train["augment"]["short_sides_px"] = [options.side_px]
    if options.batch_size:
        train["batch_size"] = options.batch_size
    if not options.whole:
        warmup = min(train["warmup_iterations"], options.iterations)
        train |= {"iterations": options.iterations, "warmup_iterations": warmup, "steps_iterations": []}
    return {"params": params, "root": values["deepfashion"]["root"], "images": options.images}


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse_options(arguments)
    print(f"{describe_machine(options.device)}\n")
    contenders, runs = list_contenders(options), dict[str, list[Run]]()
    for _ in range(options.rounds):
        for name, (contender, choice) in contenders.items():
            settings = json.dumps(read_settings(options, **choice))
            runs.setdefault(name, []).append(measure(CONTENDERS, contender, settings, cwd=options.repository))
    print(f"{options.backbone}; rounds: {options.rounds}; images detected on: {options.images or 'all'}\n")
    print_table(*tabulate(runs))


def tabulate(runs: dict[str, list[Run]]) -> tuple[list[str], list[list[str]]]:
    """Medians over the rounds, and ratios of figures of the same round."""
    header = ["", "training images/s", *PEERS, "inference images/s", *PEERS, "AP", "AP50", "peak MiB", "GPU MiB"]
    header.append("hours for 50,000 iterations")
    return header, [[name, *row(runs, name)] for name in runs]


PEERS = ["× detectron2", "× torchvision"]


def row(runs: dict[str, list[Run]], name: str) -> list[str]:
    cells = []
    for kind in ("training", "inference"):
        speeds = {of: [run.figures[f"{kind} images/s"] for run in runs[of]] for of in runs}
        cells += [f"{median(speeds[name]):.2f}", *(ratio(speeds[name], speeds.get(p)) for p in (DETECTRON2, REFERENCE))]
    seconds = median(run.figures["seconds an iteration"] for run in runs[name])
    scores = [f"{median(run.figures[score] for run in runs[name]):.3f}" for score in ("AP", "AP50")]
    memory = [figure(runs[name], of, missing="—") for of in ("peak MiB", "GPU MiB")]
    return [*cells, *scores, *memory, f"{seconds * STUDY_ITERATIONS / 3600:.1f}"]


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path, default=Path(), help="with data/coco and its images")
    parser.add_argument("--params", type=Path, help="a file of params; by default the repository's params.yaml")
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--iterations", type=int, default=40, help="the first fifth is a warm-up")
    parser.add_argument("--whole", action="store_true", help="all iterations of the profile")
    parser.add_argument("--images", type=int, help="images to detect on; by default all")
    parser.add_argument("--side-px", type=int, help="the short side; by default the profile's")
    parser.add_argument("--batch-size", type=int, help="by default the profile's")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--half", action="store_true", help="also run ours in bf16")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
