"""Does a killed training end where an uninterrupted one ends? SIGKILL at random moments, byte for byte.

    python benchmarks/dcgan_kills.py --kills 20

Run where a profile has cropped its images. One variant is trained with every setting on whose state a checkpoint must
hold: once in peace, and once killed again and again; each time the stage's outputs are deleted, as DVC does before it
runs a stage again. Whenever the killed training comes to its end, every file of it must be that of the peaceful one.
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
INPUTS = ("data/crops", "data/pinterest", "models/best_detector")
OUTPUTS = ("models/dcgan", "reports/dcgan")
EVERY_SETTING: dict[str, Any] = {
    "dropout_g": 0.1,
    "norm_d": "spectral",
    "loss": "hinge",
    "flip": True,
    "augment": ["colour", "translation", "cutout"],
    "r1": {"gamma": 0.01, "every_steps": 4},
    "ema_halflife_images": 500.0,
    "checkpoint_every_epochs": 1,
    "grid_every_epochs": 1,
    "seeds": [7],
}


def prepare(folder: Path, repository: Path, variant: str, changes: dict[str, Any]) -> Path:
    """A repository of its own for the stage, on the inputs of another."""
    for name in INPUTS:
        if (repository / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to((repository / name).resolve())
    settings = yaml.safe_load((repository / "params.yaml").read_text())["dcgan"]["variants"][variant]
    params = {"dcgan": {"variants": {variant: settings | changes}}}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    return folder


def start(folder: Path, variant: str) -> subprocess.Popen[bytes]:
    """The stage, in a process group that dies as one."""
    for name in OUTPUTS:
        shutil.rmtree(folder / name, ignore_errors=True)
    command = [sys.executable, "-m", "stages.train_dcgan", variant]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = os.environ | {"PYTHONPATH": str(ROOT), "FASHIONGEN_CHECKPOINTS": ".checkpoints"}
    return subprocess.Popen(command, cwd=folder, env=env, process_group=0, **quiet)


def kill(process: subprocess.Popen[bytes], *, after_s: float) -> bool:
    """Kill the process group after a while; False where it had come to its end, which must be a good one."""
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
    """How far the history goes; 0 where the kill came before the training had begun."""
    history = folder / "reports/dcgan" / variant / "history.csv"
    return len(read_csv(history, EpochRecord)) if history.exists() else 0


def compare(folder: Path, whole: dict[str, bytes]) -> None:
    """Stop unless the outputs are the same."""
    found = outputs(folder)
    differing = sorted(name for name in found.keys() | whole.keys() if found.get(name) != whole.get(name))
    if differing:
        raise SystemExit(f"not the same after kills: {', '.join(differing)}")


def torment(folder: Path, variant: str, whole: dict[str, bytes], *, kills: int, longest_s: float, seed: int) -> int:
    """Kill a training so often, at moments drawn at random, and let it end; how often it came to its end."""
    rng, ends, killed = random.Random(seed), 0, 0
    while killed < kills:
        after_s = rng.uniform(0, longest_s)
        if kill(start(folder, variant), after_s=after_s):
            killed += 1
            print(f"kill {killed} | {after_s:.2f} s | {epochs_done(folder, variant)} epochs", flush=True)
        else:
            ends += 1
            compare(folder, whole)
    kill(start(folder, variant), after_s=3600)
    compare(folder, whole)
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
        peaceful, tormented = (Path(temporary) / name for name in ("peaceful", "tormented"))
        for folder in (peaceful, tormented):
            prepare(folder, arguments.repository, arguments.variant, changes)
        began = time.monotonic()
        kill(start(peaceful, arguments.variant), after_s=3600)
        whole_s = time.monotonic() - began
        whole = outputs(peaceful)
        print(f"uninterrupted | {whole_s:.1f} s | {len(whole)} files", flush=True)
        ends = torment(
            tormented, arguments.variant, whole, kills=arguments.kills, longest_s=whole_s / 2, seed=arguments.seed
        )
    print(f"{arguments.kills} kills, {ends} ends, {len(whole)} files each: the same to the byte")


if __name__ == "__main__":
    main()
