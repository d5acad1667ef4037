"""Train one DCGAN variant on its query over the images and the crops, once from each of its seeds."""

import hashlib
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
from fashiongen.dcgan.training.epoch_evaluator import MeasureKID
from fashiongen.dcgan.training.loop import TrainingResult, get_result, train
from fashiongen.dcgan.training.report import TrainingReport, write_real_grid
from fashiongen.dcgan.training.training_set import pack_training_set
from fashiongen.evaluation.metrics.backbone import load_backbone
from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.score import KIDScorer
from fashiongen.files import read_csv, sha256_file, write_text
from fashiongen.folders import fresh_folder
from fashiongen.images.manifest import CropRecord, ImageRecord
from fashiongen.runtime.checkpoints import Checkpoint, resumable
from fashiongen.runtime.code import hash_code
from fashiongen.runtime.devices import launch
from stages.entry import run

MODELS, REPORTS = Path("models/dcgan"), Path("reports/dcgan")
DETECTOR = Path("models/best_detector")
PINTEREST, CROPS = Path("data/pinterest"), Path("data/crops")
SOURCES = {"images": PINTEREST / "images", "crops": CROPS / "images"}


def main(variant: str) -> None:
    """Write models/dcgan/<variant> and reports/dcgan/<variant>; those of further seeds go to the subfolder seed_<n>."""
    config.require_slug(variant, "dcgan.variants")
    params = config.load(DcganParams, f"dcgan.variants.{variant}")
    model, report = (fresh_folder(root / variant) for root in (MODELS, REPORTS))
    images = pack_training_set(
        params,
        images=read_csv(PINTEREST / "manifest.csv", ImageRecord),
        crops=read_csv(CROPS / "crops.csv", CropRecord),
        sources=SOURCES,
        report=report,
    )
    write_real_grid(report / "real.png", images, params)
    kid, parts = _build_kid(images, params), _fingerprinted(images, params)
    with ExitStack() as checkpoints:  # kept until every seed is trained, so that no finished training is repeated
        for seed in params.seeds:
            subfolder = "" if seed == params.seeds[0] else f"seed_{seed}"
            checkpoint = checkpoints.enter_context(resumable("train_dcgan", parts | {"seed": seed}))
            training_report = TrainingReport(report / subfolder, checkpoint.path.parent / "grids", params, seed)
            desc = f"{variant} {subfolder}".strip()
            result = launch(
                _train_and_report, params.runtime, seed, images, kid, checkpoint, training_report, desc=desc
            )
            card = describe_networks(variant, params, result, seed=seed, training_images=len(images))
            save_networks(model / subfolder, result.best.weights, result.discriminator, card)
            data_sha256 = sha256_file(report / "training_set.csv")
            readme = render_card(card, params, result.history[-1], data_sha256=data_sha256)
            write_text(model / subfolder / "README.md", readme)


def _build_kid(images: Tensor, params: DcganParams) -> MeasureKID | None:
    """Measures the KID of generated images against the training images, by features of the selected detector."""
    if params.selection is None:
        return None
    chosen = params.selection
    quality = QualityParams(
        generated_images=chosen.generated_images,
        kid_subsets=chosen.kid_subsets,
        kid_subset_size=min(chosen.kid_subset_size, len(images)),
        seed=params.seeds[0],
    )
    return KIDScorer(images, load_backbone(DETECTOR, side_px=chosen.features_side_px), quality)


def _fingerprinted(images: Tensor, params: DcganParams) -> dict[str, Any]:
    """All that the weights depend on, except the seed."""
    return {
        "params": params,
        "images": hashlib.sha256(images.numpy().tobytes()).hexdigest(),
        "detector": None if params.selection is None else sha256_file(DETECTOR / "model.safetensors"),
        "code": hash_code("train_dcgan"),
    }


def _train_and_report(
    fabric: Fabric, images: Tensor, kid: MeasureKID | None, checkpoint: Checkpoint, report: TrainingReport, *, desc: str
) -> TrainingResult:
    """Train from one seed, in every process that is launched; the first one writes the report."""
    training, is_first = report.params.from_seed(report.seed), fabric.is_global_zero
    if is_first:
        report.restore()
    with tqdm(total=training.epochs, desc=desc, unit="epoch", disable=not is_first) as bar:
        for step in train(images, training, fabric, checkpoint, kid):
            if is_first:
                report.write(step)
            if step.is_replayed:  # it took no time now, so the time left must not be estimated from it
                bar.initial = bar.n = step.record.epoch
            bar.update(step.record.epoch - bar.n)
    return get_result(step.state)


if __name__ == "__main__":
    run(main)
