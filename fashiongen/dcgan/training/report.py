"""What a training shows while it runs: its history as a table, and grids of samples from the same latents."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import UInt8
from torch import Tensor

from fashiongen.dcgan.networks.sampling import render_grid, render_latents, sample_latents
from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.training.loop import Epoch
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.files import atomic_path, write_csv


@dataclass(frozen=True)
class TrainingReport:
    """The report of a training from one seed."""

    folder: Path  # history.csv and grids/epoch_0010.png, …
    kept: Path  # the grids once more, where a resumed training finds them: dvc empties the folder before it resumes
    params: DcganParams
    seed: int

    def restore(self) -> None:
        """Bring back the grids of the epochs before a kill."""
        if self.kept.is_dir():
            shutil.copytree(self.kept, self.folder / "grids")

    def write(self, epoch: Epoch) -> None:
        """The history so far, and the grid of the fixed latents where one is due."""
        write_csv(self.folder / "history.csv", EpochRecord, epoch.history)
        number = epoch.history[-1].epoch
        if number % self.params.grid_every_epochs == 0 or number == self.params.epochs:
            latents = sample_latents(self.params.grid_images, latent_dim=self.params.latent_dim, seed=self.seed)
            for folder in (self.folder / "grids", self.kept):
                write_grid(folder / f"epoch_{number:04d}.png", render_latents(epoch.generator, latents))


def write_real_grid(path: Path, images: UInt8[Tensor, "n 3 side side"], params: DcganParams) -> None:
    """As many training images as a grid has samples, drawn at random."""
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(params.seeds[0]))
    write_grid(path, images[order[: params.grid_images]])


def write_grid(path: Path, images: UInt8[Tensor, "n 3 side side"]) -> None:
    """Images in rows and columns as a PNG, whole or not at all."""
    with atomic_path(path) as temporary:
        render_grid(images).save(temporary)
