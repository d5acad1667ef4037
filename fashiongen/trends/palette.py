"""The few colours that a garment, or a season, consists of."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.cluster.vq import kmeans2

ROUNDS = 12


class Swatch(NamedTuple):
    """A colour in OKLab, and the share of the area that it covers."""

    oklab: tuple[float, float, float]
    share: float


def extract_palette(
    points: Float[ndarray, "n 3"],
    weights: Float[ndarray, " n"] | None = None,
    *,
    colours: int,
    merge_distance: float,
    seed: int,
) -> list[Swatch]:
    """At most `colours` swatches of OKLab points, the largest first; their shares add up to 1.

    k-means, whose clusters are joined while two of them are nearer to each other than `merge_distance`. Weights stand
    for repeated points.
    """
    weights = np.ones(len(points)) if weights is None else weights
    distinct = np.unique(points.round(6), axis=0)
    if len(distinct) <= colours:
        centres = distinct
    else:
        rng = np.random.default_rng(seed)
        sampled = points if weights.min() == weights.max() else rng.choice(points, 2048, p=weights / weights.sum())
        centres, _ = kmeans2(sampled, colours, iter=ROUNDS, minit="++", rng=rng, missing="warn")
    labels = ((points[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    sizes = np.bincount(labels, weights, minlength=len(centres))
    sums = np.stack([np.bincount(labels, weights * points[:, axis], minlength=len(centres)) for axis in range(3)], 1)
    means, sizes = _merge(sums[sizes > 0] / sizes[sizes > 0, None], sizes[sizes > 0], merge_distance)
    order = np.argsort(-sizes, kind="stable")
    return [Swatch(tuple(means[place].tolist()), float(sizes[place] / sizes.sum())) for place in order]


def _merge(
    means: Float[ndarray, "k 3"], sizes: Float[ndarray, " k"], merge_distance: float
) -> tuple[Float[ndarray, "m 3"], Float[ndarray, " m"]]:
    """Join the two nearest clusters until none are nearer than the distance."""
    while len(means) > 1:
        distances = np.linalg.norm(means[:, None] - means[None], axis=2)
        np.fill_diagonal(distances, np.inf)
        one, other = divmod(int(distances.argmin()), len(means))
        if distances[one, other] >= merge_distance:
            break
        total = sizes[one] + sizes[other]
        means[one] = (means[one] * sizes[one] + means[other] * sizes[other]) / total
        sizes[one] = total
        means, sizes = np.delete(means, other, axis=0), np.delete(sizes, other)
    return means, sizes
