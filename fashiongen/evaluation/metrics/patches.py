"""The sliced Wasserstein distance between patches of two sets of images, by scale: a measure that needs no network.

A Laplacian pyramid splits each image into bands: the finest holds grain and edges, the coarsest shapes and colours. Of
each band both sets give small patches, and the distance between the two clouds of patches is the mean of Wasserstein
distances of their projections onto random directions (Karras et al. 2018, section 5). Here the patches of both sets are
scaled by the mean and the standard deviation of the *real* ones, so that a set without contrast is far from them.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional

PATCH_PX = 7
COARSEST_PX = 16  # height of the coarsest band
PATCHES = 4096  # of each band of a set
DIRECTIONS = 256
SCALE = 1000  # the paper's: distances are shown times 1,000
BINOMIAL = (1.0, 4.0, 6.0, 4.0, 1.0)  # Burt and Adelson 1983
GRAY = 128.0


class PatchDistance:
    """Measures sets of generated images against real ones, whose patches are taken once."""

    def __init__(self, images: UInt8[Tensor, "n 3 height width"], *, seed: int) -> None:
        self.seed = seed
        self.size = tuple(images.shape[-2:])
        patches = take_patches(images, seed=seed)
        self._moments = [_moments(part) for part in patches]
        directions = torch.randn(DIRECTIONS, 3 * PATCH_PX**2, generator=torch.Generator().manual_seed(seed))
        self._directions = functional.normalize(directions)
        self._real = self._project(patches)

    def __call__(self, images: UInt8[Tensor, "m 3 height width"]) -> dict[str, float]:
        """The distance of images of the same size to the real ones, by the height of the band, finest first."""
        if tuple(images.shape[-2:]) != self.size:
            raise ValueError(f"images of {tuple(images.shape[-2:])} px beside real ones of {self.size} px")
        found = self._project(take_patches(images, seed=self.seed))
        distances = [SCALE * (one - other).abs().mean().item() for one, other in zip(self._real, found, strict=True)]
        return dict(zip(map(str, band_heights(*self.size)), distances, strict=True))

    def _project(self, bands: Sequence[Float[Tensor, "patches 3 _ _"]]) -> list[Float[Tensor, "_ patches"]]:
        """Each band's patches on each direction, sorted: the optimal transport in one dimension."""
        return [
            # NumPy sorts floats five times as fast as torch, which sorts their places too.
            torch.from_numpy(np.sort((self._directions @ ((part - mean) / deviation).flatten(1).T).numpy()))
            for part, (mean, deviation) in zip(bands, self._moments, strict=True)
        ]


def band_heights(height: int, width: int) -> list[int]:
    """The heights of the pyramid's bands in pixels, finest first: halves, down to 16 px or to the width of a patch."""
    heights = [height]
    while heights[-1] // 2 >= COARSEST_PX and width // 2 >= PATCH_PX:
        heights.append(heights[-1] // 2)
        width //= 2
    return heights


def take_patches(images: UInt8[Tensor, "n 3 height width"], *, seed: int) -> list[Float[Tensor, "patches 3 _ _"]]:
    """`PATCHES` patches of each band, at places that the seed fixes, from all images in turn."""
    generator = torch.Generator().manual_seed(seed)
    return [_cut(band, generator) for band in build_pyramid(images)]


def build_pyramid(images: UInt8[Tensor, "n 3 height width"]) -> list[Float[Tensor, "n 3 _ _"]]:
    """The bands of a Laplacian pyramid (Burt and Adelson 1983), finest first; the last is what remains of the image."""
    remaining = images.float() - GRAY
    bands = []
    for _ in band_heights(*images.shape[-2:])[1:]:
        half = _blur(remaining)[..., ::2, ::2]
        bands.append(remaining - _double(half, remaining.shape[-2:]))
        remaining = half
    return [*bands, remaining]


def _blur(images: Float[Tensor, "n 3 height width"]) -> Float[Tensor, "n 3 height width"]:
    kernel = torch.tensor(BINOMIAL) / sum(BINOMIAL)
    padded = functional.pad(images, (2, 2, 2, 2), mode="reflect")
    rows = functional.conv2d(padded, kernel.view(1, 1, 5, 1).expand(3, 1, 5, 1), groups=3)
    return functional.conv2d(rows, kernel.view(1, 1, 1, 5).expand(3, 1, 1, 5), groups=3)


def _double(images: Float[Tensor, "n 3 _ _"], size: torch.Size) -> Float[Tensor, "n 3 height width"]:
    spread = images.new_zeros((*images.shape[:2], *size))
    spread[..., ::2, ::2] = 4 * images
    return _blur(spread)


def _cut(band: Float[Tensor, "n 3 _ _"], generator: torch.Generator) -> Float[Tensor, "patches 3 _ _"]:
    windows = band.unfold(2, PATCH_PX, 1).unfold(3, PATCH_PX, 1)
    image = torch.arange(PATCHES) % len(band)
    row, column = (torch.randint(windows.shape[dim], (PATCHES,), generator=generator) for dim in (2, 3))
    return windows[image, :, row, column]


def _moments(patches: Float[Tensor, "patches 3 _ _"]) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each channel, each [3, 1, 1]; a band without contrast is not scaled."""
    mean, deviation = patches.mean((0, 2, 3), keepdim=True)[0], patches.std((0, 2, 3), keepdim=True)[0]
    return mean, torch.where(deviation > 0, deviation, 1.0)
