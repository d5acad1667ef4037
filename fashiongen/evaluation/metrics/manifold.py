"""Density and coverage of Naeem et al. 2020, on features."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

NEIGHBOURHOOD = 5  # the paper's choice: two equal distributions then cover each other by over 95 %
EXACT = "donot_use_mm_for_euclid_dist"  # matrix products give two equal rows a distance of a rounding error


class DensityAndCoverage(NamedTuple):
    """How the generated images lie among the real ones."""

    density: float  # from 0; 1 for images of the same kind, above 1 where they gather in the densest regions
    coverage: float  # share of the real images with a generated one in their neighbourhood, 0 to 1


def density_and_coverage(
    real: Float[Tensor, "n_real dim"], generated: Float[Tensor, "n_generated dim"], *, neighbourhood: int
) -> DensityAndCoverage:
    """Density and coverage (Naeem et al. 2020, eq. 5 and 7).

    Each real image is the centre of an open ball. Its radius is the distance to the `neighbourhood`-th nearest other
    real image, so `real` needs more than `neighbourhood` rows. Density is the mean number of balls that a generated
    image lies in, divided by `neighbourhood`; coverage is the share of balls with a generated image inside. Coverage
    grows with the number of generated images. Where there are more of these than real ones, they are therefore split
    into parts of `n_real` images, and coverage is the mean over the parts.
    """
    to_itself_first = neighbourhood + 1
    radii = torch.cdist(real, real, compute_mode=EXACT).kthvalue(to_itself_first).values
    inside = torch.cdist(generated, real, compute_mode=EXACT) < radii
    density = inside.double().sum(1).mean().item() / neighbourhood
    parts = max(1, len(generated) // len(real))
    covered = [inside[part::parts][: len(real)].any(0).double().mean().item() for part in range(parts)]
    return DensityAndCoverage(density, sum(covered) / parts)
