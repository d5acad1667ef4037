"""Sliders along the principal directions of a generator's own features, named by what they change most.

The features are those of an inner layer, as in GANSpace (Härkönen et al. 2020, section 3.2): their principal components
are found by PCA over random latents, and each is turned into a direction of latents by linear regression.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from fashiongen.dcgan.networks.sampling import sample_latents
from fashiongen.studio.appearance import measure_appearance
from fashiongen.studio.generators import StudioGenerator

COUNT = 12
SAMPLES = 768  # latents that the directions are found from
PROBES = 128  # garments on which a direction's effect is measured
REACH = 1.5  # the length of a direction among latents, which are some ten long: a slider's whole step
STEP = 2.0  # steps to each side in the measurement
SEED = 20
INNER_ROWS = 8  # at most: the features are those of the last layer whose map is no higher

# What less and more of each measure look like.
NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "lightness": ("darker", "lighter"),
    "red": ("greener", "redder"),
    "yellow": ("bluer", "more yellow"),
    "colourful": ("paler colours", "stronger colours"),
    "pattern": ("plainer", "more pattern"),
    "dark_below": ("lighter below", "darker below"),
    "height": ("shorter", "longer"),
    "width": ("narrower", "wider"),
    "top_width": ("narrower sleeves", "wider sleeves"),
    "hem_width": ("narrower hem", "wider hem"),
}


@dataclass(frozen=True)
class Slider:
    """A direction, and what it does: a guess from measurements on random garments."""

    direction: Float[Tensor, " latent"]  # `REACH` long
    less: str  # what a garment becomes against it
    more: str
    effects: Mapping[str, float]  # mean changes from `-STEP` to `STEP`, in deviations of each measure among garments


def find_sliders(generator: StudioGenerator) -> list[Slider]:
    """`COUNT` sliders, fewer where the latents have fewer dimensions; those that change most features come first.

    The same network gives the same sliders.
    """
    latents = sample_latents(SAMPLES, latent_dim=generator.card.latent_dim, seed=SEED).flatten(1)
    directions = _find_directions(latents, _inner_features(generator, latents))
    probes = latents[:PROBES]
    usual = {name: values.std().clamp(min=1e-6) for name, values in _measure(generator, probes).items()}
    sliders: list[Slider] = []
    for direction in directions:
        below, above = (_measure(generator, probes + side * STEP * direction) for side in (-1, 1))
        effects = {name: float((above[name] - below[name]).mean() / spread) for name, spread in usual.items()}
        sliders.append(_name(direction, effects, taken={slider.more for slider in sliders}))
    return sliders


def _inner_features(generator: StudioGenerator, latents: Float[Tensor, "n latent"]) -> Float[Tensor, "n features"]:
    """The activations of the generator's last layer whose map is small, for each latent."""
    values = latents[..., None, None]
    features = values
    with torch.inference_mode(), generator.alone():
        for layer in generator.network.main:
            values = layer(values)
            if values.shape[-2] > INNER_ROWS:
                break
            features = values.clone()  # the next layer may write in place
    return features.flatten(1).clone()


def _find_directions(
    latents: Float[Tensor, "n latent"], features: Float[Tensor, "n features"]
) -> Float[Tensor, "directions latent"]:
    """The latents' directions along which the features' principal components grow, each `REACH` long."""
    centred = (features - features.mean(dim=0)).double()
    components = torch.linalg.eigh(centred @ centred.T).eigenvectors.flip(1)  # of the samples, the largest first
    count = min(COUNT, latents.shape[1])
    directions = torch.linalg.lstsq(components[:, :count], (latents - latents.mean(dim=0)).double()).solution
    return (REACH * torch.nn.functional.normalize(directions, dim=1)).float()


def _measure(generator: StudioGenerator, latents: Float[Tensor, "n latent"]) -> dict[str, Float[Tensor, " n"]]:
    return measure_appearance(generator.draw(latents) / 255, is_on_white=generator.is_on_white)


def _name(direction: Float[Tensor, " latent"], effects: dict[str, float], *, taken: set[str]) -> Slider:
    """The slider of a direction, turned so that it says more of what it changes most, with a name of its own."""
    strongest = sorted(effects, key=lambda name: -abs(effects[name]))
    if effects[strongest[0]] < 0:
        direction, effects = -direction, {name: -change for name, change in effects.items()}
    ends = [NAMES[name] if effects[name] >= 0 else NAMES[name][::-1] for name in strongest]
    names = [ends[0], *((f"{ends[0][0]}, {less}", f"{ends[0][1]}, {more}") for less, more in ends[1:])]
    less, more = next(pair for pair in names if pair[1] not in taken)
    return Slider(direction, less, more, effects)
