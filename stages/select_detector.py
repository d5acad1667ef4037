"""Copy the detector with the highest AP to models/best_detector, and set all of them side by side in metrics/."""

import shutil
from pathlib import Path

from fashiongen import config
from fashiongen.detector.selection import best_backbone
from fashiongen.files import read_json, write_json
from stages.entry import run

BEST = Path("models/best_detector")


def main() -> None:
    """Write models/best_detector and metrics/detector.json."""
    backbones = config.section(config.read_yaml(config.PARAMS_FILE), "detector.backbones")
    metrics = {name: read_json(Path("reports/detector") / name / "metrics.json") for name in backbones}
    best = best_backbone(metrics)
    shutil.rmtree(BEST, ignore_errors=True)
    shutil.copytree(Path("models/detector") / best, BEST, copy_function=shutil.copyfile)
    write_json(Path("metrics/detector.json"), {**metrics, "best": best})


if __name__ == "__main__":
    run(main)
