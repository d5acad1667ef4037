"""Train one DCGAN variant on its query over the images and the crops, once from each of its seeds."""

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric
from torch import Tensor
from tqdm import tqdm

from fashiongen import config
from fashiongen.dcgan.networks.weights import save_networks
from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.training.card import describe_networks, render_card
from fashiongen.dcgan.training.epoch_evaluator import MeasureDistances
from fashiongen.dcgan.training.loop import TrainingResult, get_result, train
from fashiongen.dcgan.training.report import TrainingReport
from fashiongen.dcgan.training.training_set import pack_training_set, write_training_set
from fashiongen.evaluation.metrics.epoch_selection import build_distance_meter
from fashiongen.executor.engine import open_executor
from fashiongen.executor.params import ExecutorParams
from fashiongen.files import read_csv, sha256_file, write_text
from fashiongen.folders import fresh_folder
from fashiongen.images.manifest import CropRecord, ImageRecord
from fashiongen.runtime.checkpoints import Checkpoint, resumable
from fashiongen.runtime.code import hash_code
from fashiongen.runtime.devices import is_first_process, launch, require_devices
from stages.entry import run
from stages.image_sources import SOURCES
from stages.progress import advance

MODELS, REPORTS = Path("models/dcgan"), Path("reports/dcgan")
DETECTORS = Path("models/detector")
PINTEREST, CROPS = Path("data/pinterest"), Path("data/crops")


def main(variant: str) -> None:
    """Write models/dcgan/<variant> and reports/dcgan/<variant>; those of further seeds go to the subfolder seed_<n>."""
    config.require_slug(variant, "dcgan.variants")
    params = config.load(DcganParams, f"dcgan.variants.{variant}")
    images, crops = read_csv(PINTEREST / "manifest.csv", ImageRecord), read_csv(CROPS / "crops.csv", CropRecord)
    with open_executor(config.load(ExecutorParams, "executor")) as map_items:
        packed = pack_training_set(params, images=images, crops=crops, sources=SOURCES, map_items=map_items)
    backbones = config.section(config.read_yaml(config.PARAMS_FILE), "detector.backbones")
    detectors = {name: DETECTORS / name for name in backbones}
    meter = build_distance_meter(packed.images, params, detectors=detectors)
    parts = _fingerprinted(packed.images, params, detectors)
    require_devices(params.runtime)  # before the folders of the last run are emptied
    with ExitStack() as stack:  # kept until every seed is trained, so that no finished training is repeated
        checkpoints = [stack.enter_context(resumable("train_dcgan", parts | {"seed": seed})) for seed in params.seeds]
        if is_first_process():
            fresh_folder(MODELS / variant)
            write_training_set(fresh_folder(REPORTS / variant), packed, params)
        for seed, checkpoint in zip(params.seeds, checkpoints, strict=True):
            subfolder = "" if seed == params.seeds[0] else f"seed_{seed}"
            folder, grids = REPORTS / variant / subfolder, checkpoint.path.parent / "grids"
            report, desc = TrainingReport(folder, grids, params, seed), f"{variant} {subfolder}".strip()
            result = launch(
                _train_and_report, params.runtime, seed, packed.images, meter, checkpoint, report, desc=desc
            )
            if is_first_process():
                _save(MODELS / variant / subfolder, variant, result, report, training_images=len(packed.images))


def _fingerprinted(images: Tensor, params: DcganParams, detectors: Mapping[str, Path]) -> dict[str, Any]:
    """All that the weights depend on, except the seed."""
    return {
        "params": params,
        "images": hashlib.sha256(images.numpy().data).hexdigest(),
        "detectors": params.selection and [sha256_file(folder / "model.safetensors") for folder in detectors.values()],
        "code": hash_code("train_dcgan"),
    }


def _train_and_report(
    fabric: Fabric,
    images: Tensor,
    meter: MeasureDistances | None,
    checkpoint: Checkpoint,
    report: TrainingReport,
    *,
    desc: str,
) -> TrainingResult:
    """Train from one seed, in every process that is launched; the first one writes the report."""
    training, is_first = report.params.from_seed(report.seed), fabric.is_global_zero
    if is_first:
        report.restore()
    with tqdm(total=training.epochs, desc=desc, unit="epoch", disable=not is_first) as bar:
        for step in train(images, training, fabric, checkpoint, meter):
            if is_first:
                report.write(step)
            advance(bar, step)
    return get_result(step.state)


def _save(folder: Path, variant: str, result: TrainingResult, report: TrainingReport, *, training_images: int) -> None:
    """Write the networks and their model card."""
    card = describe_networks(variant, report.params, result, seed=report.seed, training_images=training_images)
    save_networks(folder, result.best.weights, result.discriminator, card)
    data_sha256 = sha256_file(REPORTS / variant / "training_set.csv")
    write_text(folder / "README.md", render_card(card, report.params, result.history[-1], data_sha256=data_sha256))


if __name__ == "__main__":
    run(main)
