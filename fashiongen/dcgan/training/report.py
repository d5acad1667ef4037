"""What a training writes while it runs: its history as a table, and grids of samples from the same latents."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import UInt8
from torch import Tensor

from fashiongen.dcgan.networks.growth import repeat_pixels
from fashiongen.dcgan.networks.sampling import render_grid, render_latents, sample_latents
from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.training.loop import DcganStep
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.files import TEMPORARY, atomic_path, write_csv


@dataclass(frozen=True)
class TrainingReport:
    """The report of a training from one seed."""

    folder: Path  # history.csv and grids/epoch_0010.png, …
    saved_grids: Path  # the grids again, for a resumed training: DVC empties `folder` before it resumes the stage
    params: DcganParams
    seed: int

    def restore(self) -> None:
        """Copy the grids of the epochs before an interruption back into the report."""
        if self.saved_grids.is_dir():
            without_unfinished = shutil.ignore_patterns(f"{TEMPORARY}*")  # what a kill during a write left
            shutil.copytree(self.saved_grids, self.folder / "grids", ignore=without_unfinished)

    def write(self, step: DcganStep) -> None:
        """Write the history so far, and after some epochs a grid of samples; a replayed epoch has its grid already."""
        write_csv(self.folder / "history.csv", EpochRecord, step.state.history)
        epoch = step.record.epoch
        is_due = epoch % self.params.grid_every_epochs == 0 or epoch == self.params.epochs
        if is_due and not step.is_replayed:
            latents = sample_latents(self.params.grid_images, latent_dim=self.params.latent_dim, seed=self.seed)
            for folder in (self.folder / "grids", self.saved_grids):
                images = render_latents(step.state.trainer.ema_generator, latents)
                factor = self.params.height_px // images.shape[-2]  # all grids of a training have one size
                write_grid(folder / f"epoch_{epoch:04d}.png", repeat_pixels(images, factor))


def write_real_grid(path: Path, images: UInt8[Tensor, "n 3 height width"], params: DcganParams) -> None:
    """Write a grid of training images, drawn at random, as many as a grid has samples."""
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(params.seeds[0]))
    write_grid(path, images[order[: params.grid_images]])


def write_grid(path: Path, images: UInt8[Tensor, "n 3 height width"]) -> None:
    """Write images in rows and columns as a PNG."""
    with atomic_path(path) as temporary:
        render_grid(images).save(temporary)
