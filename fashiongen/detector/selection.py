"""Which of the trained detectors cuts the crops, and how metrics/detector.json says so."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fashiongen.errors import BadInput, MissingInput
from fashiongen.files import copy_file


def best_backbone(metrics: Mapping[str, Mapping[str, float]]) -> str:
    """The backbone with the highest AP; of equals the first.

    Raises:
        BadInput: a backbone has no AP.
    """
    for backbone, statistics in metrics.items():
        if "AP" not in statistics:
            raise BadInput(f"reports/detector/{backbone}/metrics.json: holds no AP; train {backbone} again")
    return max(metrics, key=lambda backbone: metrics[backbone]["AP"])


def copy_model(source: Path, target: Path) -> None:
    """Copy the files of a model folder into an empty folder.

    Raises:
        MissingInput: there is no such model folder.
    """
    if not source.is_dir():
        raise MissingInput(f"{source}: no such folder; run `dvc repro train_detector@{source.name}`")
    for file in sorted(source.iterdir()):
        copy_file(file, target / file.name)


def join_selection(best: str, metrics: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """The content of metrics/detector.json: the statistics by backbone, and the selected backbone's name."""
    return {**metrics, "best": best}


def split_selection(content: Mapping[str, Any]) -> tuple[str, dict[str, dict[str, float]]]:
    """The content of metrics/detector.json as the selected backbone's name and the statistics by backbone."""
    return content["best"], {name: values for name, values in content.items() if name != "best"}
