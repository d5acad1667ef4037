"""Samples of a trained generator as files: a PNG per image, a grid of all, an interpolation that loops."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torchvision.transforms.functional import to_pil_image

from fashiongen.dcgan.export.ground import clear_ground
from fashiongen.dcgan.export.interpolation import closed_loop
from fashiongen.dcgan.networks.families import AnyGenerator
from fashiongen.dcgan.networks.sampling import render_grid, render_latents, sample_latents
from fashiongen.files import atomic_path

STOPS = 8  # images between which an interpolation moves
FRAME_MS = 60  # a browser shows no GIF faster than 20
GIF_HEIGHT_PX = 256  # lower images are enlarged towards it by an integer factor


def write_samples(
    folder: Path, generator: AnyGenerator, n: int, *, seed: int, grid: bool, transparent: bool = False
) -> None:
    """Write `n` images as `seed7_0001.png`, …, and their grid as `seed7_grid.png`.

    An image depends on the seed and its number alone, not on how many are drawn. `transparent` is for generators that
    draw on white: their ground becomes transparent, in the grid too.
    """
    images = render_latents(generator, sample_latents(n, latent_dim=generator.latent_dim, seed=seed))
    if transparent:
        cleared = [clear_ground(image.permute(1, 2, 0).numpy()) for image in images]
        images = torch.from_numpy(np.stack(cleared)).permute(0, 3, 1, 2)
    for number, picture in enumerate(map(to_pil_image, images), start=1):
        picture.save(folder / f"seed{seed}_{number:04d}.png")
    if grid:
        render_grid(images).save(folder / f"seed{seed}_grid.png")


def write_interpolation(folder: Path, generator: AnyGenerator, *, seed: int, frames: int) -> None:
    """Write `seed7_interpolation.gif`: a loop through the first images of the seed, in so many frames."""
    stops = sample_latents(STOPS, latent_dim=generator.latent_dim, seed=seed)
    images = render_latents(generator, closed_loop(stops, frames=frames))
    write_gif(folder / f"seed{seed}_interpolation.gif", [to_pil_image(image) for image in images])


def write_gif(path: Path, pictures: Sequence[Image.Image]) -> None:
    """Write pictures of one size as a GIF that loops for ever; each frame has its own palette of 256 colours."""
    frames = [_to_frame(picture) for picture in pictures]
    with atomic_path(path) as temporary:
        frames[0].save(temporary, save_all=True, append_images=frames[1:], duration=FRAME_MS, loop=0)


def _to_frame(picture: Image.Image) -> Image.Image:
    # The palette is computed before the picture is enlarged: afterwards it takes Pillow 60 times as long.
    palette = picture.quantize()
    factor = max(1, GIF_HEIGHT_PX // picture.height)
    size = (picture.width * factor, picture.height * factor)
    return picture.resize(size, Image.Resampling.BICUBIC).quantize(palette=palette)
