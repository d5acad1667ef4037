"""Garments that a generator draws for a brand's next season, in its forecast length and colours."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, UInt8
from numpy import ndarray
from pydantic import Field
from torch import Tensor

from fashiongen.config import Params, Seed
from fashiongen.images.oklab import parse_colour, to_oklab
from fashiongen.images.select import QueryParams
from fashiongen.studio.appearance import mean_colours, soft_mask
from fashiongen.studio.generators import StudioGenerator
from fashiongen.studio.steering import Steered, recolour
from fashiongen.trends.outline import measure_outline
from fashiongen.trends.records import ForecastRecord, SeriesRecord, SwatchRecord

AXES: Final = ("lightness", "oklab_a", "oklab_b")  # of OKLab, as the series call them
HEIGHT_TO_WIDTH: Final = "height_to_width"
LIGHTNESS: Final = (0.08, 0.96)  # of a colour that is asked for: a garment as white as the ground has no outline
LENGTH_WEIGHT = 0.5  # of a deviation of the length, against one of the colour, which is seen sooner
TRIED = 2  # of the nearest garments, which are recoloured


class ProposeParams(Params):
    """The section `propose`."""

    garments: Annotated[int, Field(ge=1, le=8)]  # for a brand's next season, at most
    candidates: Annotated[int, Field(ge=16, le=4096)]  # random garments that the proposals are chosen from
    seed: Seed


class Wish(NamedTuple):
    """What the next season of a brand should be like."""

    brand: str
    season: str
    height_to_width: float
    colours: Sequence[Float[Tensor, " 3"]]  # in OKLab


class Proposed(NamedTuple):
    """A garment, and how near it is to the wish."""

    start: int  # the number of the random garment that was recoloured
    colour: Float[Tensor, " 3"]
    colour_distance: float
    height_to_width: float
    image: UInt8[ndarray, "height width 3"]


def choose_variant(queries: Mapping[str, QueryParams], brand: str) -> str | None:
    """The variant that learned from the cut-outs of the brand, or else of all brands; None where there is none."""
    of_cutouts = {name: query for name, query in queries.items() if query.source == "cutouts"}
    own = [name for name, query in of_cutouts.items() if brand and query.brand == brand]
    general = [name for name, query in of_cutouts.items() if query.brand is None]
    return next(iter([*own, *general]), None)


def make_wish(
    last: Mapping[str, SeriesRecord],
    forecasts: Mapping[str, ForecastRecord],
    palette: Sequence[SwatchRecord],
    most: int,
) -> Wish | None:
    """The last season's largest colours, moved by the forecast change of its mean colour, and the forecast length.

    Measures without a forecast stay as they were; None where none of them has one.
    """
    known = [forecasts[name] for name in (*AXES, HEIGHT_TO_WIDTH) if name in forecasts]
    if not known:
        return None
    values = {
        name: forecasts[name].value if name in forecasts else last[name].value for name in (*AXES, HEIGHT_TO_WIDTH)
    }
    change = torch.tensor([values[name] - last[name].value for name in AXES])
    colours = [parse_colour(swatch.colour) + change for swatch in palette[:most]]
    for colour in colours:
        colour[0] = colour[0].clamp(*LIGHTNESS)
    return Wish(known[0].brand, known[0].season, values[HEIGHT_TO_WIDTH], colours)


def propose(generator: StudioGenerator, wish: Wish, params: ProposeParams) -> Iterator[Proposed]:
    """A garment for each colour of the wish.

    Of many random garments those are taken that are nearest in length and colour, each in standard deviations of all;
    the one that takes the colour best stands for it, and for no other colour.
    """
    latents = generator.sample(0, params.candidates, seed=params.seed, truncation=1.0)
    images = generator.draw(latents).float() / 255
    mask = soft_mask(images, is_on_white=generator.is_on_white)
    lengths = torch.tensor([_measure_length(one) for one in mask])
    means = mean_colours(to_oklab(images), mask)
    usable = lengths.isfinite()
    if not usable.any():
        return
    of_lengths = lengths[usable].std(correction=0).clamp(min=1e-6)
    of_colours = means[usable].std(dim=0, correction=0).norm().clamp(min=1e-6)
    too_far = ((lengths - wish.height_to_width) / of_lengths).abs()
    taken: set[int] = set()
    for colour in wish.colours:
        misses = LENGTH_WEIGHT * too_far + (means - colour).norm(dim=1) / of_colours
        order = [int(place) for place in misses.argsort() if usable[place] and int(place) not in taken][:TRIED]
        if not order:
            return
        found = {place: recolour(generator, latents[place], colour, "all") for place in order}
        start = min(found, key=lambda place: found[place].distance)
        taken.add(start)
        yield _draw(generator, start, colour, found[start])


def _draw(generator: StudioGenerator, start: int, colour: Float[Tensor, " 3"], steered: Steered) -> Proposed:
    image = generator.draw(steered.latent[None])
    length = _measure_length(soft_mask(image.float() / 255, is_on_white=generator.is_on_white)[0])
    return Proposed(start, colour, steered.distance, length, image[0].permute(1, 2, 0).numpy())


def _measure_length(mask: Float[Tensor, "height width"]) -> float:
    """The ratio of height to width under a mask; not finite where there is no garment."""
    outline = measure_outline((mask * 255).round().to(torch.uint8).numpy())
    return np.nan if outline is None else outline.height_to_width
