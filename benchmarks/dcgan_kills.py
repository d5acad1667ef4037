"""Check that a training killed at random moments ends with the same bytes as an uninterrupted one.

    python benchmarks/dcgan_kills.py --kills 20

Run it in a repository whose profile has cropped its images. One variant is trained with every setting whose state a
checkpoint must hold: once without interruption, and once with repeated SIGKILLs. Before each start the stage's outputs
are deleted, as DVC does. Whenever the killed training finishes, its files must equal those of the uninterrupted one.
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
from typing import Any

import yaml

from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.files import read_csv

ROOT = Path(__file__).resolve().parent.parent
INPUTS = ("data/crops", "data/pinterest", "models/detector")
OUTPUTS = ("models/dcgan", "reports/dcgan")
EVERY_SETTING: dict[str, Any] = {
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


def prepare(folder: Path, repository: Path, variant: str, changes: dict[str, Any]) -> Path:
    """Make a folder in which the stage can run: links to another repository's inputs, and its own params.yaml."""
    for name in INPUTS:
        if (repository / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to((repository / name).resolve())
    params = yaml.safe_load((repository / "params.yaml").read_text())
    params["dcgan"]["variants"] = {variant: params["dcgan"]["variants"][variant] | changes}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    return folder


def start(folder: Path, variant: str) -> subprocess.Popen[bytes]:
    """Start the stage in its own process group, without earlier outputs."""
    for name in OUTPUTS:
        shutil.rmtree(folder / name, ignore_errors=True)
    command = [sys.executable, "-m", "stages.train_dcgan", variant]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = os.environ | {"PYTHONPATH": str(ROOT), "FASHIONGEN_CHECKPOINTS": ".checkpoints"}
    return subprocess.Popen(command, cwd=folder, env=env, process_group=0, **quiet)


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


def outputs(folder: Path) -> dict[str, bytes]:
    """Every file that the stage wrote."""
    files = (path for name in OUTPUTS for path in (folder / name).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def epochs_done(folder: Path, variant: str) -> int:
    """The epochs in the history; 0 if the kill came before the training began."""
    history = folder / "reports/dcgan" / variant / "history.csv"
    return len(read_csv(history, EpochRecord)) if history.exists() else 0


def compare(folder: Path, expected: dict[str, bytes]) -> None:
    """End the benchmark if the outputs differ."""
    found = outputs(folder)
    differing = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
    if differing:
        raise SystemExit(f"not the same after kills: {', '.join(differing)}")


def train_with_kills(
    folder: Path, variant: str, expected: dict[str, bytes], *, kills: int, longest_s: float, seed: int
) -> int:
    """Kill a training `kills` times at random moments, then let it finish; return how often it finished."""
    rng, ends, killed = random.Random(seed), 0, 0
    while killed < kills:
        after_s = rng.uniform(0, longest_s)
        if kill(start(folder, variant), after_s=after_s):
            killed += 1
            print(f"kill {killed} | {after_s:.2f} s | {epochs_done(folder, variant)} epochs", flush=True)
        else:
            ends += 1
            compare(folder, expected)
    kill(start(folder, variant), after_s=3600)
    compare(folder, expected)
    return ends + 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--variant", default="cropped")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    changes = EVERY_SETTING | {"epochs": arguments.epochs}
    with tempfile.TemporaryDirectory() as temporary:
        uninterrupted, killed = (Path(temporary) / name for name in ("uninterrupted", "killed"))
        for folder in (uninterrupted, killed):
            prepare(folder, arguments.repository, arguments.variant, changes)
        began = time.monotonic()
        kill(start(uninterrupted, arguments.variant), after_s=3600)
        whole_s = time.monotonic() - began
        expected = outputs(uninterrupted)
        print(f"uninterrupted | {whole_s:.1f} s | {len(expected)} files", flush=True)
        ends = train_with_kills(
            killed, arguments.variant, expected, kills=arguments.kills, longest_s=whole_s / 2, seed=arguments.seed
        )
    print(f"{arguments.kills} kills, {ends} ends, {len(expected)} files each: the same bytes")


if __name__ == "__main__":
    main()
