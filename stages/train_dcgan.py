"""Train one DCGAN variant on its query over the images and the crops."""

import hashlib
import shutil
from pathlib import Path

import torch
from pydantic import BaseModel
from torch import Tensor
from tqdm import tqdm

from fashiongen import config
from fashiongen.dcgan.card import render_card
from fashiongen.dcgan.networks import count_parameters
from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.sampling import render_grid, render_latents, sample_latents
from fashiongen.dcgan.training import Epoch, EpochRecord, train
from fashiongen.dcgan.weights import ModelCard, save_networks
from fashiongen.files import atomic_path, fresh_folder, read_csv, sha256_file, write_csv, write_json, write_text
from fashiongen.images.manifest import CropRecord, ImageRecord
from fashiongen.images.pack import pack_images
from fashiongen.images.select import select
from fashiongen.runtime import build_fabric, hash_code, resumable
from stages.entry import run

SOURCES = {"images": Path("data/pinterest"), "crops": Path("data/crops")}


class TrainingImage(BaseModel):
    """One row of training_set.csv."""

    file: str  # below the source's folder of images
    sha256: str


def main(variant: str) -> None:
    params = config.load(DcganParams, f"dcgan.variants.{variant}")
    report = fresh_folder(Path("reports/dcgan") / variant)
    images = read_training_set(params, report)
    write_grid(report / "real.png", draw_real(images, params))
    parts = {
        "params": params,
        "images": hashlib.sha256(images.numpy().tobytes()).hexdigest(),
        "code": hash_code("fashiongen.dcgan", "fashiongen.runtime"),
    }
    fabric = build_fabric(params.runtime, seed=params.seed)
    with resumable("train_dcgan", parts) as checkpoint, tqdm(total=params.epochs, desc=variant, unit="epoch") as bar:
        kept = checkpoint.path.parent / "grids"  # dvc empties reports/ before it resumes a stage
        if kept.is_dir():
            shutil.copytree(kept, report / "grids")
        for epoch in train(images, params, fabric, checkpoint):
            write_epoch(report, kept, epoch, params)
            bar.update(len(epoch.history) - bar.n)
        folder = fresh_folder(Path("models/dcgan") / variant)
        card = describe(variant, params, epoch, training_images=len(images))
        save_networks(folder, epoch.generator, epoch.discriminator, card)
        data_sha256 = sha256_file(report / "training_set.csv")
        write_text(folder / "README.md", render_card(card, params, epoch.history[-1], data_sha256=data_sha256))


def read_training_set(params: DcganParams, report: Path) -> Tensor:
    """The images of the variant's query as one uint8 array; which they are is written to the report."""
    images = read_csv(SOURCES["images"] / "manifest.csv", ImageRecord)
    crops = read_csv(SOURCES["crops"] / "crops.csv", CropRecord)
    rows = select(params.query, images=images, crops=crops)
    write_csv(
        report / "training_set.csv", TrainingImage, (TrainingImage(file=row.file, sha256=row.sha256) for row in rows)
    )
    write_json(
        report / "counts.json",
        {
            "source": params.query.source,
            "training_images": len(rows),
            "images_per_epoch": len(rows) // params.batch_size * params.batch_size,
            "steps": len(rows) // params.batch_size * params.epochs,
        },
    )
    paths = [SOURCES[params.query.source] / "images" / row.file for row in rows]
    return torch.from_numpy(pack_images(paths, side_px=params.side_px, fit=params.fit))


def draw_real(images: Tensor, params: DcganParams) -> Tensor:
    """As many training images as a grid has samples, drawn at random."""
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(params.seed))
    return images[order[: params.grid_images]]


def write_epoch(report: Path, kept: Path, epoch: Epoch, params: DcganParams) -> None:
    """The history so far, and the grid of the fixed latents where one is due: also where a resumed run finds it."""
    write_csv(report / "history.csv", EpochRecord, epoch.history)
    number = epoch.history[-1].epoch
    if number % params.grid_every_epochs == 0 or number == params.epochs:
        latents = sample_latents(params.grid_images, latent_dim=params.latent_dim, seed=params.seed)
        for folder in (report / "grids", kept):
            write_grid(folder / f"epoch_{number:04d}.png", render_latents(epoch.generator, latents))


def write_grid(path: Path, images: Tensor) -> None:
    with atomic_path(path) as temporary:
        render_grid(images).save(temporary)


def describe(variant: str, params: DcganParams, epoch: Epoch, *, training_images: int) -> ModelCard:
    return ModelCard(
        variant=variant,
        side_px=params.side_px,
        latent_dim=params.latent_dim,
        ngf=params.ngf,
        ndf=params.ndf,
        epochs=params.epochs,
        images_seen=epoch.history[-1].images_seen,
        training_images=training_images,
        fit=params.fit,
        generator_parameters=count_parameters(epoch.generator),
        discriminator_parameters=count_parameters(epoch.discriminator),
    )


if __name__ == "__main__":
    run(main)
