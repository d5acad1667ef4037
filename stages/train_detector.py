"""Train the detector over one backbone, and judge it on the validation images."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fashiongen import config
from fashiongen.coco.detection import Detection
from fashiongen.coco.evaluation import CurvePoint, evaluate_detections
from fashiongen.detector.engine import HistoryRecord, TrainingStep, get_engine
from fashiongen.detector.overlays import best_and_worst, render_overlays
from fashiongen.detector.params import BackboneName, DetectorParams, parse_backbone
from fashiongen.detector.targets import TrainingSet, hash_listing, read_targets
from fashiongen.files import atomic_path, fresh_folder, sha256_file, write_csv, write_json
from fashiongen.runtime import build_fabric, hash_code, resumable
from stages.entry import run

COCO = Path("data/coco")
CODE = ("fashiongen.averaging", "fashiongen.detector", "fashiongen.images.decode", "fashiongen.runtime")


def main(backbone: str) -> None:
    """Write models/detector/<backbone> and reports/detector/<backbone>."""
    name = parse_backbone(backbone)
    params = config.load(DetectorParams, "detector")
    root = Path(config.section(config.read_yaml(config.PARAMS_FILE), "deepfashion.root"))
    training, validation = (read_targets(COCO / f"{split}.json", root) for split in ("train", "val"))
    model = fresh_folder(Path("models/detector") / name)
    report = fresh_folder(Path("reports/detector") / name)
    engine, fabric = get_engine(params.engine), build_fabric(params.runtime, seed=params.train.seed)
    with resumable("train_detector", _fingerprinted(name, params, training)) as checkpoint:
        steps = engine.train(
            training, backbone=name, model=params.model, train=params.train, fabric=fabric, checkpoint=checkpoint
        )
        _follow(steps, model, report, total=params.train.iterations)
        detector = engine.load(model, infer=params.infer, fabric=fabric)
        found = list(tqdm(engine.detect(detector, validation.images), f"{name} on val", len(validation.targets)))
        _write_scores(report, found)
        _write_overlays(report, validation, found)


def _fingerprinted(backbone: BackboneName, params: DetectorParams, training: TrainingSet) -> dict[str, Any]:
    """All that the weights depend on."""
    weights = Path(params.model.weights)
    return {
        "backbone": backbone,
        "params": params.model_dump(mode="json", include={"engine", "runtime", "model", "train"}),
        "weights": sha256_file(weights) if weights.is_file() else None,
        "annotations": sha256_file(COCO / "train.json"),
        "images": hash_listing(training),
        "code": hash_code(*CODE),
    }


def _follow(steps: Iterable[TrainingStep], model: Path, report: Path, *, total: int) -> None:
    """Show the training's progress, then keep its history and the trained detector."""
    history: list[HistoryRecord] = []
    with tqdm(total=total, desc=model.name) as bar:
        for step in steps:
            history.append(step.record)
            bar.update(step.record.iteration - bar.n)
            bar.set_postfix(loss=f"{step.record.loss:.3f}")
    step.save(model)
    write_csv(report / "history.csv", HistoryRecord, history)


def _write_scores(report: Path, found: list[tuple[Detection, ...]]) -> None:
    scores = evaluate_detections(COCO / "val.json", [detection for image in found for detection in image])
    write_json(report / "metrics.json", scores.metrics)
    write_json(report / "per_class.json", scores.per_class)
    write_csv(report / "pr_curve.csv", CurvePoint, scores.pr_curve)


def _write_overlays(report: Path, validation: TrainingSet, found: list[tuple[Detection, ...]]) -> None:
    """Two rows of the worst images, two of the best."""
    shown = best_and_worst(validation.targets, found, each=8)
    sheet = render_overlays(
        [validation.targets[index] for index in shown],
        [found[index] for index in shown],
        validation.categories,
        columns=4,
        cell_px=240,
    )
    with atomic_path(report / "overlays.jpg") as temporary:
        sheet.save(temporary, "JPEG", quality=90)


if __name__ == "__main__":
    run(main)
