"""Train one DCGAN variant on its query over the images and the crops, once from each of its seeds."""

import hashlib
import shutil
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from fashiongen import config
from fashiongen.dcgan.card import describe_networks, render_card
from fashiongen.dcgan.history import EpochRecord, MeasureKID
from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.sampling import render_grid, render_latents, sample_latents
from fashiongen.dcgan.training import Epoch, train
from fashiongen.dcgan.training_set import pack_training_set
from fashiongen.dcgan.weights import save_networks
from fashiongen.detector.features import build_feature_extractor
from fashiongen.files import atomic_path, fresh_folder, read_csv, sha256_file, write_csv, write_text
from fashiongen.images.manifest import CropRecord, ImageRecord
from fashiongen.quality.extractor import Extractor
from fashiongen.quality.params import QualityParams
from fashiongen.quality.score import measure_kid
from fashiongen.runtime import build_fabric, hash_code, resumable
from stages.entry import run

MODELS, REPORTS = Path("models/dcgan"), Path("reports/dcgan")
PINTEREST, CROPS = Path("data/pinterest"), Path("data/crops")
SOURCES = {"images": PINTEREST / "images", "crops": CROPS / "images"}
DETECTOR = Path("models/best_detector")
CODE = (
    "fashiongen.averaging",
    "fashiongen.dcgan",
    "fashiongen.quality",
    "fashiongen.detector.features",
    "fashiongen.runtime",
)


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
    write_grid(report / "real.png", draw_real(images, params))
    kid = build_kid(images, params)
    for seed in params.seeds:
        below = "" if seed == params.seeds[0] else f"seed_{seed}"
        epoch = train_from(seed, images, params, kid, report / below, desc=f"{variant} {below}")
        card = describe_networks(variant, params, epoch, seed=seed, training_images=len(images))
        save_networks(model / below, epoch.best.weights, epoch.discriminator.state_dict(), card)
        listed = sha256_file(report / "training_set.csv")
        write_text(model / below / "README.md", render_card(card, params, epoch.history[-1], data_sha256=listed))


def build_kid(images: Tensor, params: DcganParams) -> MeasureKID | None:
    """What measures the KID of generated images against the training images, in the detector's eyes."""
    if params.selection is None:
        return None
    chosen = params.selection
    backbone = build_feature_extractor(DETECTOR, side_px=chosen.features_side_px)
    extractor = Extractor(backbone, name=backbone.name)
    real = extractor.extract(images)
    quality = QualityParams(
        generated_images=chosen.generated_images,
        kid_subsets=chosen.kid_subsets,
        kid_subset_size=min(chosen.kid_subset_size, len(images)),
        seed=params.seeds[0],
    )
    return lambda generated: measure_kid(real=real, generated=extractor.extract(generated), params=quality).mean


def train_from(
    seed: int, images: Tensor, params: DcganParams, kid: MeasureKID | None, report: Path, *, desc: str
) -> Epoch:
    """Train from one seed, writing history and grids; the last epoch."""
    parts = {
        "params": params,
        "seed": seed,
        "images": hashlib.sha256(images.numpy().tobytes()).hexdigest(),
        "detector": None if params.selection is None else sha256_file(DETECTOR / "model.safetensors"),
        "code": hash_code(*CODE),
    }
    training, fabric = params.from_seed(seed), build_fabric(params.runtime, seed=seed)
    with resumable("train_dcgan", parts) as checkpoint, tqdm(total=params.epochs, desc=desc, unit="epoch") as bar:
        kept = checkpoint.path.parent / "grids"  # dvc empties reports/ before it resumes a stage
        if kept.is_dir():
            shutil.copytree(kept, report / "grids")
        for epoch in train(images, training, fabric, checkpoint, kid):
            write_epoch(report, kept, epoch, params, seed=seed)
            bar.update(len(epoch.history) - bar.n)
        return epoch


def draw_real(images: Tensor, params: DcganParams) -> Tensor:
    """As many training images as a grid has samples, drawn at random."""
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(params.seeds[0]))
    return images[order[: params.grid_images]]


def write_epoch(report: Path, kept: Path, epoch: Epoch, params: DcganParams, *, seed: int) -> None:
    """The history so far, and the grid of the fixed latents where one is due: also where a resumed run finds it."""
    write_csv(report / "history.csv", EpochRecord, epoch.history)
    number = epoch.history[-1].epoch
    if number % params.grid_every_epochs == 0 or number == params.epochs:
        latents = sample_latents(params.grid_images, latent_dim=params.latent_dim, seed=seed)
        for folder in (report / "grids", kept):
            write_grid(folder / f"epoch_{number:04d}.png", render_latents(epoch.generator, latents))


def write_grid(path: Path, images: Tensor) -> None:
    with atomic_path(path) as temporary:
        render_grid(images).save(temporary)


if __name__ == "__main__":
    run(main)
