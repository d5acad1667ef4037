"""Train the detector with one backbone, and evaluate it on the validation images."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric
from torch import Tensor
from tqdm import tqdm

from fashiongen import config
from fashiongen.detector.data.targets import TrainingSet, hash_listing, read_targets
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.inference import detect, load
from fashiongen.detector.initial_weights.load import load_initial_weights
from fashiongen.detector.networks.model_folder import ModelCard, write_model
from fashiongen.detector.networks.purpose import ForInference, ForTraining
from fashiongen.detector.params import BackboneName, DetectorParams, parse_backbone
from fashiongen.detector.training.loop import DetectorStep, train
from fashiongen.detector.training.report import log_record, open_history, write_evaluation
from fashiongen.detector.training.validation import Validation
from fashiongen.files import sha256_file
from fashiongen.folders import fresh_folder
from fashiongen.runtime.checkpoints import Checkpoint, resumable
from fashiongen.runtime.code import hash_code
from fashiongen.runtime.devices import build_fabric, is_first_node, launch
from stages.entry import run

COCO = Path("data/coco")
WITHOUT_EFFECT = {"workers", "checkpoint_every_s", "checkpoint_every_iterations"}  # on the weights


def main(backbone: str) -> None:
    """Write models/detector/<backbone> and reports/detector/<backbone>."""
    name = parse_backbone(backbone)
    params = config.load(DetectorParams, "detector")
    root = Path(config.section(config.read_yaml(config.PARAMS_FILE), "deepfashion.root"))
    training, validation = (read_targets(COCO / f"{split}.json", root) for split in ("train", "val"))
    model, report = Path("models/detector") / name, Path("reports/detector") / name
    card = ModelCard(engine=params.engine, backbone=name, categories=training.categories, model=params.model_of(name))
    get_engine(params.engine)  # a missing engine must fail before the folders of the last run are emptied
    with resumable("train_detector", _fingerprinted(name, params, training, validation)) as checkpoint:
        if is_first_node():
            fresh_folder(model)
            fresh_folder(report)
        weights = launch(
            _train_and_report,
            params.runtime,
            params.train.seed,
            card,
            params,
            training=training,
            validation=validation,
            annotations=COCO / "val.json",
            checkpoint=checkpoint,
            report=report,
        )
        if not is_first_node():
            return
        write_model(model, card, weights)
        detector = load(model, infer=params.infer, fabric=build_fabric(params.runtime, seed=params.train.seed))
        found = list(tqdm(detect(detector, validation.images), f"{name} on val", len(validation.targets)))
        write_evaluation(report, COCO / "val.json", validation, found)


def _fingerprinted(
    backbone: BackboneName, params: DetectorParams, training: TrainingSet, validation: TrainingSet
) -> dict[str, Any]:
    """All that the weights depend on; the validation images only where the training evaluates on them."""
    splits = {"train": training} | ({"val": validation} if params.train.evaluation else {})
    return {
        "backbone": backbone,
        "params": params.model_dump(mode="json", include={"engine", "runtime"}),
        "train": params.train.model_dump(mode="json", exclude=WITHOUT_EFFECT),
        "model": params.model_of(backbone),
        "infer": params.infer.model_dump(mode="json", exclude={"workers"}) if "val" in splits else None,
        "annotations": [sha256_file(COCO / f"{split}.json") for split in splits],
        "images": [hash_listing(data) for data in splits.values()],
        "code": hash_code("train_detector"),
    }


def _train_and_report(
    fabric: Fabric,
    card: ModelCard,
    params: DetectorParams,
    *,
    training: TrainingSet,
    validation: TrainingSet,
    annotations: Path,
    checkpoint: Checkpoint,
    report: Path,
) -> dict[str, Tensor]:
    """Train in every process that is launched; the first one writes the report. Returns the weights that are kept."""
    build, categories = get_engine(params.engine).build, max(card.categories)
    network = build(card.backbone, card.model, ForTraining(params.train), categories=categories)
    load_initial_weights(network, card.backbone, card.model)
    validation_ap = None
    if params.train.evaluation is not None:
        validation_ap = Validation(
            annotations,
            validation,
            build(card.backbone, card.model, ForInference(params.infer), categories=categories),
            model=card.model,
            infer=params.infer,
            fabric=fabric,
            images=params.train.evaluation.images,
            seed=params.train.seed,
        )
    steps = train(
        network,
        training,
        model=card.model,
        train=params.train,
        fabric=fabric,
        checkpoint=checkpoint,
        measure_ap=None if validation_ap is None else validation_ap.measure_ap,
    )
    if fabric.is_global_zero:
        return _report_steps(steps, report, total=params.train.iterations, desc=card.backbone)
    return list(steps)[-1].state.best.weights


def _report_steps(steps: Iterator[DetectorStep], report: Path, *, total: int, desc: str) -> dict[str, Tensor]:
    """Show the steps of a training in a progress bar and a log; returns the weights that are kept."""
    with tqdm(total=total, desc=desc) as bar, open_history(report / "history") as live:
        for step in steps:
            log_record(live, step.record)
            if step.is_replayed:  # it took no time now, so the time left must not be estimated from it
                bar.initial = bar.n = step.record.iteration
            bar.update(step.record.iteration - bar.n)
            bar.set_postfix(loss=f"{step.record.loss:.3f}")
    return step.state.best.weights


if __name__ == "__main__":
    run(main)
