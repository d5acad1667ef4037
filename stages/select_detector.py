"""Copy the detector with the highest AP to models/best_detector, and write the statistics of all detectors."""

from pathlib import Path

from fashiongen import config
from fashiongen.detector.selection import best_backbone, copy_model, join_selection
from fashiongen.files import read_json, write_json
from fashiongen.folders import fresh_folder
from stages.entry import run


def main() -> None:
    """Write models/best_detector and metrics/detector.json."""
    backbones = config.section(config.read_yaml(config.PARAMS_FILE), "detector.backbones")
    metrics = {name: read_json(Path("reports/detector") / name / "metrics.json") for name in backbones}
    best = best_backbone(metrics)
    copy_model(Path("models/detector") / best, fresh_folder(Path("models/best_detector")))
    write_json(Path("metrics/detector.json"), join_selection(best, metrics))


if __name__ == "__main__":
    run(main)
