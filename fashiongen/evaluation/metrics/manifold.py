"""Density and coverage of Naeem et al. 2020, on features."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

NEIGHBOURHOOD = 5  # the paper's choice: two equal distributions then cover each other by over 95 %
EXACT = "donot_use_mm_for_euclid_dist"  # by products two equal rows would lie a rounding error apart


class DensityAndCoverage(NamedTuple):
    """How the generated images lie among the real ones."""

    density: float  # from 0; 1 for images of the same kind, above where they crowd the densest places
    coverage: float  # share of the real images with one of as many generated in their neighbourhood, 0 to 1


def density_and_coverage(
    real: Float[Tensor, "n_real dim"], generated: Float[Tensor, "n_generated dim"], *, neighbourhood: int
) -> DensityAndCoverage:
    """Density and coverage (Naeem et al. 2020, eq. 5 and 7) from open balls about the real images.

    A ball reaches to its image's nearest other real image of that rank; `real` needs more rows than `neighbourhood`.
    Density counts balls, so that no lone outlier's large one decides; coverage builds them on real images, among which
    no bad generator puts outliers. Any generator covers more with more images: where there are more generated than
    real ones, coverage is the mean over parts of as many.
    """
    to_itself_first = neighbourhood + 1
    radii = torch.cdist(real, real, compute_mode=EXACT).kthvalue(to_itself_first).values
    inside = torch.cdist(generated, real, compute_mode=EXACT) < radii
    density = inside.double().sum(1).mean().item() / neighbourhood
    parts = max(1, len(generated) // len(real))
    covered = [inside[part::parts][: len(real)].any(0).double().mean().item() for part in range(parts)]
    return DensityAndCoverage(density, sum(covered) / parts)
