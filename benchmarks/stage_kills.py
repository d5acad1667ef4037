"""Check that a stage killed at random moments ends with the same bytes as an uninterrupted one.

    python benchmarks/stage_kills.py --work self_training --kills 20

Run it in a repository whose profile has run. The work of a stage is done with every setting whose state a checkpoint
must hold: once without interruption, and once with repeated SIGKILLs. Before each start the stage's outputs are
deleted, as DVC does. Whenever the killed stage finishes, its files must equal those of the uninterrupted one.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from detector_ablation import change

ROOT = Path(__file__).resolve().parent.parent


class Work(NamedTuple):
    """What is killed: a stage, the files and folders that it reads and writes, and its params here, at dotted keys."""

    command: tuple[str, ...]  # the module, and the backbone or the variant
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    changes: dict[str, Any]


SHORT_DETECTOR: dict[str, Any] = {
    "detector.train.iterations": 160,
    "detector.train.warmup_iterations": 20,
    "detector.train.steps_iterations": [120],
    "detector.train.accumulate": 2,
    "detector.train.log_every_iterations": 10,
    "detector.train.checkpoint_every_s": 0.0,
    "detector.train.evaluation": {"every_iterations": 40, "images": 60, "patience": None},
}
PSEUDO_LABELS: dict[str, Any] = {
    "detector.unlabelled": "data/pinterest",
    "detector.train.self_training": {
        "first_iteration": 40,
        "every_iterations": 40,
        "until_iteration": None,
        "min_score": 0.3,
    },
}
GENERATOR: dict[str, Any] = {
    "epochs": 40,
    "dropout_g": 0.1,
    "norm_d": "spectral",
    "loss": "hinge",
    "flip": True,
    "augment": ["colour", "translation", "cutout"],
    "penalty": {"gamma": 0.01, "every_steps": 4, "at": "real"},
    "ema_halflife_images": 500.0,
    "checkpoint_every_epochs": 1,
    "grid_every_epochs": 1,
    "seeds": [7],
}
OF_DETECTOR = {
    "command": ("stages.train_detector", "resnet18"),
    "inputs": ("data/coco", "data/demo", "data/street", "data/pinterest"),
    "outputs": ("models/detector", "reports/detector"),
}
WORKS = {
    "train_dcgan": Work(
        command=("stages.train_dcgan", "cropped"),
        inputs=("data/crops", "data/pinterest", "models/detector"),
        outputs=("models/dcgan", "reports/dcgan"),
        changes={f"dcgan.variants.cropped.{name}": value for name, value in GENERATOR.items()},
    ),
    "train_detector": Work(**OF_DETECTOR, changes=SHORT_DETECTOR),
    "self_training": Work(**OF_DETECTOR, changes=SHORT_DETECTOR | PSEUDO_LABELS),
    "crop_pinterest": Work(
        command=("stages.crop_pinterest",),
        inputs=("data/pinterest", "models/best_detector"),
        outputs=("data/crops", "reports/crops"),
        changes={"crop.checkpoint_every_s": 0.0},
    ),
}


def prepare(folder: Path, repository: Path, work: Work) -> Path:
    """Make a folder in which the stage can run: links to another repository's inputs, and its own params.yaml."""
    for name in work.inputs:
        if (repository / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to((repository / name).resolve())
    params = yaml.safe_load((repository / "params.yaml").read_text())
    (folder / "params.yaml").write_text(yaml.safe_dump(change(params, work.changes)))
    return folder


def start(folder: Path, work: Work) -> subprocess.Popen[bytes]:
    """Start the stage in its own process group, without earlier outputs."""
    for name in work.outputs:
        shutil.rmtree(folder / name, ignore_errors=True)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = os.environ | {"PYTHONPATH": str(ROOT), "FASHIONGEN_CHECKPOINTS": ".checkpoints"}
    return subprocess.Popen([sys.executable, "-m", *work.command], cwd=folder, env=env, process_group=0, **quiet)


def kill(process: subprocess.Popen[bytes], *, after_s: float) -> bool:
    """Kill the process group after `after_s`; False if it had finished before, which must be without an error."""
    try:
        status = process.wait(after_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    if status:
        raise SystemExit(f"the stage ended with status {status}: run it by hand to see why")
    return False


def outputs(folder: Path, work: Work) -> dict[str, bytes]:
    """Every file that the stage wrote."""
    files = (path for name in work.outputs for path in (folder / name).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def compare(folder: Path, work: Work, expected: dict[str, bytes]) -> None:
    """End the benchmark if the outputs differ."""
    found = outputs(folder, work)
    differing = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
    if differing:
        raise SystemExit(f"not the same after kills: {', '.join(differing)}")


def finish_with_kills(
    folder: Path, work: Work, expected: dict[str, bytes], *, kills: int, longest_s: float, seed: int
) -> int:
    """Kill a stage `kills` times at random moments, then let it finish; return how often it finished."""
    rng, ends, killed = random.Random(seed), 0, 0
    while killed < kills:
        after_s = rng.uniform(0, longest_s)
        if kill(start(folder, work), after_s=after_s):
            killed += 1
            print(f"kill {killed} | {after_s:.2f} s | {len(outputs(folder, work))} files", flush=True)
        else:
            ends += 1
            compare(folder, work, expected)
    kill(start(folder, work), after_s=3600)
    compare(folder, work, expected)
    return ends + 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--work", choices=WORKS, required=True)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    work = WORKS[arguments.work]
    with tempfile.TemporaryDirectory() as temporary:
        uninterrupted, killed = (
            prepare(Path(temporary) / name, arguments.repository, work) for name in ("uninterrupted", "killed")
        )
        began = time.monotonic()
        kill(start(uninterrupted, work), after_s=3600)
        whole_s = time.monotonic() - began
        expected = outputs(uninterrupted, work)
        print(f"uninterrupted | {whole_s:.1f} s | {len(expected)} files", flush=True)
        ends = finish_with_kills(
            killed, work, expected, kills=arguments.kills, longest_s=whole_s / 2, seed=arguments.seed
        )
    print(f"{arguments.kills} kills, {ends} ends, {len(expected)} files each: the same bytes")


if __name__ == "__main__":
    main()
