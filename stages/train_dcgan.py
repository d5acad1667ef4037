"""Train one DCGAN variant on its query over the images and the crops, once from each of its seeds."""

import hashlib
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric
from torch import Tensor
from tqdm import tqdm

from fashiongen import config
from fashiongen.dcgan.networks.weights import save_networks
from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.training.card import describe_networks, render_card
from fashiongen.dcgan.training.history import MeasureKID
from fashiongen.dcgan.training.loop import Trained, train
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
    """Write models/dcgan/<variant> and reports/dcgan/<variant>; what further seeds give lies in seed_<n> below."""
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
    for seed in params.seeds:
        below = "" if seed == params.seeds[0] else f"seed_{seed}"
        with resumable("train_dcgan", parts | {"seed": seed}) as checkpoint:
            shown = TrainingReport(report / below, checkpoint.path.parent / "grids", params, seed)
            desc = f"{variant} {below}".strip()
            trained = launch(_follow, params.runtime, seed, images, kid, checkpoint, shown, desc=desc)
        card = describe_networks(variant, params, trained, seed=seed, training_images=len(images))
        save_networks(model / below, trained.best.weights, trained.discriminator, card)
        listed = sha256_file(report / "training_set.csv")
        write_text(model / below / "README.md", render_card(card, params, trained.history[-1], data_sha256=listed))


def _build_kid(images: Tensor, params: DcganParams) -> MeasureKID | None:
    """What measures the KID of generated images against the training images, in the detector's eyes."""
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
    """All that the weights depend on, but for the seed."""
    return {
        "params": params,
        "images": hashlib.sha256(images.numpy().tobytes()).hexdigest(),
        "detector": None if params.selection is None else sha256_file(DETECTOR / "model.safetensors"),
        "code": hash_code("train_dcgan"),
    }


def _follow(
    fabric: Fabric, images: Tensor, kid: MeasureKID | None, checkpoint: Checkpoint, report: TrainingReport, *, desc: str
) -> Trained:
    """Train from one seed, in every process that is launched, and show it from the first."""
    training, first = report.params.from_seed(report.seed), fabric.is_global_zero
    if first:
        report.restore()
    with tqdm(total=training.epochs, desc=desc, unit="epoch", disable=not first) as bar:
        for epoch in train(images, training, fabric, checkpoint, kid):
            if first:
                report.write(epoch)
            bar.update(len(epoch.history) - bar.n)
    return epoch.as_last()


if __name__ == "__main__":
    run(main)
