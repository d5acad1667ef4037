"""Garments from garments: variations, blends, the way from one to another, and others like or unlike them."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d

from fashiongen.dcgan.export.interpolation import slerp
from fashiongen.dcgan.networks.sampling import sample_latents
from fashiongen.images.oklab import to_oklab
from fashiongen.studio.generators import StudioGenerator

CANDIDATES = 256  # random garments that likes and dislikes choose from
NEARNESS = 0.55  # how far variations are from their garment: 0 are copies, 1 are random
MERGED_PX = 4  # images are compared in squares of so many pixels


def blend(latents: Float[Tensor, "n latent"], weights: Sequence[float]) -> Float[Tensor, " latent"]:
    """The weighted mean of latents, stretched to the weighted mean of their lengths.

    Without that, a blend of many would be as short as no random latent is, and draw the average garment.

    Raises:
        ValueError: there are not as many weights as latents, one is negative, or all are 0.
    """
    shares = torch.tensor(weights, dtype=torch.float64)
    if len(weights) != len(latents) or (shares < 0).any() or not shares.sum() > 0 or not shares.isfinite().all():
        raise ValueError(f"weights {list(weights)} of {len(latents)} garments: one each, none negative, not all 0")
    shares = shares / shares.sum()
    mean = (shares[:, None] * latents.double()).sum(dim=0)
    length = (shares * latents.double().norm(dim=1)).sum()
    blended: Float[Tensor, " latent"] = (mean * (length / mean.norm().clamp(min=1e-9))).float()
    return blended


def path_between(
    first: Float[Tensor, " latent"], last: Float[Tensor, " latent"], *, steps: int
) -> Float[Tensor, "steps latent"]:
    """The latents on the arc from one to another, both included."""
    fracs = torch.linspace(0, 1, steps, dtype=torch.float64)
    return slerp(first.expand(steps, -1), last.expand(steps, -1), fracs)


def vary(latent: Float[Tensor, " latent"], count: int, *, seed: int) -> Float[Tensor, "count latent"]:
    """Garments near one: its latent mixed with random ones, so that lengths stay as they are among random ones."""
    random = sample_latents(count, latent_dim=len(latent), seed=seed).flatten(1)
    near: Float[Tensor, "count latent"] = latent * (1 - NEARNESS**2) ** 0.5 + random * NEARNESS
    return near


def choose_alike(
    generator: StudioGenerator,
    liked: Float[Tensor, "likes latent"],
    disliked: Float[Tensor, "dislikes latent"],
    count: int,
    *,
    seed: int,
) -> Float[Tensor, "count latent"]:
    """Of `CANDIDATES` garments those that look most like the liked and least like the disliked ones.

    Half of the candidates are variations of the liked garments where there are some; the others are random.
    """
    dim = generator.card.latent_dim
    candidates = sample_latents(CANDIDATES, latent_dim=dim, seed=seed).flatten(1)
    if len(liked):
        share = CANDIDATES // 2 // len(liked)
        near = [vary(latent, share, seed=seed + 1 + place) for place, latent in enumerate(liked)]
        candidates = torch.cat([*near, candidates[: CANDIDATES // 2]])
    looks = _looks(generator, candidates)
    score = torch.zeros(len(candidates))
    if len(liked):
        score -= torch.cdist(looks, _looks(generator, liked)).amin(dim=1)
    if len(disliked):
        score += torch.cdist(looks, _looks(generator, disliked)).amin(dim=1)
    return candidates[score.argsort(descending=True, stable=True)[:count]]


def _looks(generator: StudioGenerator, latents: Float[Tensor, "n latent"]) -> Float[Tensor, "n dim"]:
    """The colours of coarse squares of the images."""
    drawn = [to_oklab(generator.draw(part) / 255) for part in torch.split(latents, 64)]
    return avg_pool2d(torch.cat(drawn), MERGED_PX).flatten(1)
