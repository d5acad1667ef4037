"""Latents that are found by optimisation: a garment in another colour, with another's colours, like a photograph."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn.functional import avg_pool2d

from fashiongen.dcgan.networks.sampling import sample_latents
from fashiongen.images.oklab import to_oklab
from fashiongen.studio.appearance import PARTS, mean_colours, region_of, soft_mask
from fashiongen.studio.generators import StudioGenerator

RECOLOUR_STEPS, PALETTE_STEPS, PROJECT_STEPS = 30, 50, 80
RATE = 0.12  # of Adam, in deviations of a latent
STARTS = 4  # latents that are optimised side by side; the best one is taken
CANDIDATES = 512  # random garments that a photograph is first compared with
MASK_WEIGHT = 0.5  # of the outline that is to stay, against colours
USUAL_WEIGHT = 0.002  # of latents that are as long as random ones: others draw garments that no one trained
SCALES = 4  # sizes at which a photograph is compared: the whole, a half, a quarter, an eighth
SEED = 21


class Steered(NamedTuple):
    """The latent that was found, and how far it is from what was asked for."""

    latent: Float[Tensor, " latent"]
    distance: float  # in OKLab, in which 0.02 is hardly seen and black is 1 from white


Loss = Callable[[Float[Tensor, "n 3 height width"]], Float[Tensor, " n"]]


def recolour(
    generator: StudioGenerator, latent: Float[Tensor, " latent"], colour: Float[Tensor, " 3"], part: str
) -> Steered:
    """The garment with its mean colour at an OKLab colour, in all of it, its top or its bottom; its outline stays."""
    before = generator.draw(latent[None]) / 255
    mask = soft_mask(before, is_on_white=generator.is_on_white)
    region = region_of(mask, part)
    others = mask - region

    def miss(images: Float[Tensor, "n 3 height width"]) -> Float[Tensor, " n"]:
        return ((mean_colours(to_oklab(images), region.expand(len(images), -1, -1)) - colour) ** 2).sum(dim=1)

    kept = mean_colours(to_oklab(before), others) if part != "all" else None

    def loss(images: Float[Tensor, "n 3 height width"]) -> Float[Tensor, " n"]:
        total = miss(images) + MASK_WEIGHT * _outline_change(generator, images, mask)
        if kept is not None:
            now = mean_colours(to_oklab(images), others.expand(len(images), -1, -1))
            total = total + ((now - kept) ** 2).sum(dim=1) / 2
        return total

    starts = _near_starts(generator, latent, loss)
    found = _optimise(generator, starts, loss, steps=RECOLOUR_STEPS)
    return Steered(found, float(miss(generator.draw(found[None]) / 255)[0] ** 0.5))


def take_colours(
    generator: StudioGenerator, shape: Float[Tensor, " latent"], colours: Float[Tensor, " latent"]
) -> Steered:
    """The outline of one garment with the colours of another, above and below.

    One latent decides outline and colours together, so the network may have no garment with both.
    """
    of_shape, of_colours = torch.split(generator.draw(torch.stack([shape, colours])), 1)
    mask = soft_mask(of_shape / 255, is_on_white=generator.is_on_white)
    wanted_mask = soft_mask(of_colours / 255, is_on_white=generator.is_on_white)
    wanted = [_moments(of_colours / 255, region_of(wanted_mask, part)) for part in PARTS[1:]]

    def miss(images: Float[Tensor, "n 3 height width"]) -> Float[Tensor, " n"]:
        own = soft_mask(images, is_on_white=generator.is_on_white)
        found = [_moments(images, region_of(own, part)) for part in PARTS[1:]]
        return torch.stack([((a - b) ** 2).sum(dim=1) for a, b in zip(found, wanted, strict=True)]).mean(dim=0)

    def loss(images: Float[Tensor, "n 3 height width"]) -> Float[Tensor, " n"]:
        return miss(images) + MASK_WEIGHT * _outline_change(generator, images, mask)

    starts = _near_starts(generator, shape, loss)
    found = _optimise(generator, starts, loss, steps=PALETTE_STEPS)
    return Steered(found, float(miss(generator.draw(found[None]) / 255)[0] ** 0.5))


def project(generator: StudioGenerator, target: UInt8[Tensor, "3 height width"]) -> Steered:
    """The garment of the network that comes nearest to a picture of its size; the distance is a mean over pixels."""
    wanted = _pyramid(to_oklab(target[None] / 255))

    def loss(images: Float[Tensor, "n 3 height width"]) -> Float[Tensor, " n"]:
        levels = zip(_pyramid(to_oklab(images)), wanted, strict=True)
        return torch.stack([((a - b) ** 2).sum(dim=1).mean(dim=(1, 2)) for a, b in levels]).mean(dim=0)

    candidates = sample_latents(CANDIDATES, latent_dim=generator.card.latent_dim, seed=SEED).flatten(1)
    misses = torch.cat([loss(generator.draw(part) / 255) for part in torch.split(candidates, 64)])
    starts = candidates[misses.argsort()[:STARTS]]
    found = _optimise(generator, starts, loss, steps=PROJECT_STEPS)
    drawn = to_oklab(generator.draw(found[None]) / 255)
    return Steered(found, float((drawn - to_oklab(target[None] / 255)).norm(dim=1).mean()))


def _optimise(
    generator: StudioGenerator, starts: Float[Tensor, "n latent"], loss: Loss, *, steps: int
) -> Float[Tensor, " latent"]:
    """The latent with the smallest loss on the ways that Adam takes from the starts."""
    latents = starts.clone().requires_grad_()
    usual = starts.shape[1] ** 0.5
    optimiser = torch.optim.Adam([latents], lr=RATE)
    best, least = starts[0], torch.inf
    with generator.alone():
        for _ in range(steps):
            losses = loss(generator.render(latents))
            total = losses + USUAL_WEIGHT * (latents.norm(dim=1) / usual - 1) ** 2
            lowest, place = total.detach().min(dim=0)
            if float(lowest) < least:
                best, least = latents.detach()[place].clone(), float(lowest)
            optimiser.zero_grad()
            total.sum().backward()  # each latent has its own loss
            optimiser.step()
    return best


def _near_starts(generator: StudioGenerator, latent: Float[Tensor, " latent"], loss: Loss) -> Float[Tensor, "n latent"]:
    """The latent itself, and the best of some that lie between it and random ones."""
    random = sample_latents(64, latent_dim=len(latent), seed=SEED).flatten(1)
    between = random * 0.6 + latent * 0.8  # as long as both
    losses = loss(generator.draw(between) / 255)
    return torch.cat([latent[None], between[losses.argsort()[: STARTS - 1]]])


def _outline_change(
    generator: StudioGenerator, images: Float[Tensor, "n 3 height width"], mask: Float[Tensor, "1 height width"]
) -> Float[Tensor, " n"]:
    """The share of the picture in which the outline differs from a mask; 0 where there is no outline."""
    own = soft_mask(images, is_on_white=generator.is_on_white)
    return ((own - mask) ** 2).mean(dim=(1, 2))


def _moments(images: Float[Tensor, "n 3 height width"], mask: Float[Tensor, "n height width"]) -> Float[Tensor, "n 6"]:
    """Means and deviations of the OKLab colours under the masks."""
    oklab = to_oklab(images)
    mean = mean_colours(oklab, mask)
    spread = mean_colours((oklab - mean[..., None, None]) ** 2, mask)
    return torch.cat([mean, (spread + 1e-6).sqrt()], dim=1)


def _pyramid(images: Float[Tensor, "n 3 height width"]) -> list[Float[Tensor, "n 3 _ _"]]:
    levels = [images]
    for _ in range(SCALES - 1):
        levels.append(avg_pool2d(levels[-1], 2))
    return levels
