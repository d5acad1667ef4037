"""What the garments of a brand were like, season by season."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.stats import norm

from fashiongen.trends.colours import FAMILIES, name_colour, to_hex
from fashiongen.trends.garments import read_palette
from fashiongen.trends.outline import ROWS
from fashiongen.trends.palette import Swatch, extract_palette
from fashiongen.trends.params import TrendsParams
from fashiongen.trends.records import (
    ALL,
    PATTERN_KINDS,
    WIDTH,
    GarmentRecord,
    PatternKind,
    SeriesRecord,
    SwatchRecord,
)
from fashiongen.trends.seasons import Season, parse_season


def width_name(part: int) -> str:
    """The measure of the mean width of a part of the outline, from the top (0) to the hem."""
    return f"{WIDTH}{part + 1}_of_{ROWS}"


def _read_width(garment: GarmentRecord, part: int) -> float:
    return float(garment.widths.split()[part])


def _read_family(garment: GarmentRecord, family: str) -> float:
    shares = dict(one.split() for one in garment.families.split(", "))
    return float(shares.get(family, 0))


def _is_of_kind(garment: GarmentRecord, kind: PatternKind) -> float:
    return float(garment.pattern == kind)


MEASURES: Final[Mapping[str, Callable[[GarmentRecord], float]]] = {
    "lightness": lambda one: one.lightness,
    "chroma": lambda one: one.chroma,
    "oklab_a": lambda one: one.oklab_a,
    "oklab_b": lambda one: one.oklab_b,
    **{f"{family}_share": partial(_read_family, family=family) for family in FAMILIES},
    "patterned_frac": lambda one: float(one.pattern != "plain"),
    **{f"{kind}_frac": partial(_is_of_kind, kind=kind) for kind in PATTERN_KINDS if kind != "plain"},
    "height_to_width": lambda one: one.height_to_width,
    "hem_to_waist": lambda one: one.hem_to_waist,
    "length_to_waist": lambda one: one.length_to_waist,
    "short_frac": lambda one: float(one.length == "short"),
    "long_frac": lambda one: float(one.length == "long"),
    "full_frac": lambda one: float(one.label == "full"),
    "upper_frac": lambda one: float(one.label == "upper"),
    "lower_frac": lambda one: float(one.label == "lower"),
    **{width_name(part): partial(_read_width, part=part) for part in range(ROWS)},
}


FOLLOWED: Final = tuple(name for name in MEASURES if not name.startswith(WIDTH))  # from season to season
LOOKS: Final = ("lightness", "oklab_a", "oklab_b", "patterned_frac", "length_to_waist", "hem_to_waist")  # of a garment
Group = tuple[str, Season]
MANY = 2_000  # values, from which their mean is as good as normal
SAMPLED = 20_000  # garments, of which a season's colours and examples are taken


def sample_garments(garments: Sequence[GarmentRecord], seed: int, most: int = SAMPLED) -> Sequence[GarmentRecord]:
    """All garments, or of many a random sample in their order."""
    if len(garments) <= most:
        return garments
    places = np.random.default_rng(seed).choice(len(garments), most, replace=False)
    return [garments[place] for place in np.sort(places)]


def group_garments(garments: Sequence[GarmentRecord]) -> dict[Group, list[GarmentRecord]]:
    """The garments of each brand's season, and of all brands' together, in the order of brands and of time.

    Those whose season is none are left out.
    """
    groups: dict[Group, list[GarmentRecord]] = {}
    for garment in garments:
        if (season := parse_season(garment.season)) is not None:
            for brand in (ALL, garment.brand):
                groups.setdefault((brand, season), []).append(garment)
    return dict(sorted(groups.items()))


def summarise(groups: Mapping[Group, Sequence[GarmentRecord]], params: TrendsParams) -> Iterator[SeriesRecord]:
    """The mean of each measure in each group, with its interval."""
    for (brand, season), garments in groups.items():
        rng = np.random.default_rng(params.seed)  # anew, so that a group's interval does not depend on the others
        for measure, read in MEASURES.items():
            values = np.array([read(garment) for garment in garments])
            low, high = bootstrap_mean(values, params, rng) if len(values) >= params.min_garments else (None, None)
            yield SeriesRecord(
                brand=brand,
                season=str(season),
                measure=measure,
                value=round(float(values.mean()), 4),
                low=low,
                high=high,
                garments=len(garments),
            )


def normal_reach(confidence: float) -> float:
    """How many deviations a normal interval of this confidence reaches to each side."""
    return float(-norm.ppf((1 - confidence) / 2))


def bootstrap_mean(values: Float[ndarray, " n"], params: TrendsParams, rng: np.random.Generator) -> tuple[float, float]:
    """The percentile interval of the mean (Efron 1979): the middle share of the means of resampled values.

    Of more than `MANY` values it is the normal interval, to which the other tends.
    """
    outside = (1 - params.confidence) / 2
    if len(values) > MANY:
        reach = normal_reach(params.confidence) * values.std(ddof=1) / len(values) ** 0.5
        return round(float(values.mean() - reach), 4), round(float(values.mean() + reach), 4)
    means = rng.choice(values, (params.resamples, len(values))).mean(axis=1)
    low, high = np.quantile(means, [outside, 1 - outside])
    return round(float(low), 4), round(float(high), 4)


def sum_up_palettes(groups: Mapping[Group, Sequence[GarmentRecord]], params: TrendsParams) -> Iterator[SwatchRecord]:
    """The palette of each group, of its garments' palettes."""
    for (brand, season), garments in groups.items():
        for rank, swatch in enumerate(join_palettes(garments, params), start=1):
            yield SwatchRecord(
                brand=brand,
                season=str(season),
                rank=rank,
                colour=to_hex(np.array([swatch.oklab]))[0],
                name=name_colour(np.array(swatch.oklab)),
                share=round(swatch.share, 4),
                garments=len(garments),
            )


def join_palettes(garments: Sequence[GarmentRecord], params: TrendsParams) -> list[Swatch]:
    """One palette of the palettes of garments, each of which counts alike.

    Each colour is one that a garment has, the nearest to its cluster's mean: a mean may be a colour of no garment.
    """
    swatches = [
        swatch for garment in sample_garments(garments, params.seed) for swatch in read_palette(garment.palette)
    ]
    points, shares = np.array([one.oklab for one in swatches]), np.array([one.share for one in swatches])
    joined = extract_palette(
        points, shares, colours=params.season_colours, merge_distance=params.merge_distance, seed=params.seed
    )
    nearest = [int(((points - one.oklab) ** 2).sum(axis=1).argmin()) for one in joined]
    return [Swatch(swatches[place].oklab, one.share) for place, one in zip(nearest, joined, strict=True)]
