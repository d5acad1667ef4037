"""How far brands are from each other in a season, and who does what another did before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, permutations

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.spatial.distance import cdist
from scipy.stats import t

from fashiongen.trends.changes import correct_together
from fashiongen.trends.params import TrendsParams
from fashiongen.trends.records import ALL, ChangeRecord, DistanceRecord, GarmentRecord, LeadRecord
from fashiongen.trends.seasons import Season
from fashiongen.trends.series import LOOKS, MEASURES, Group, normal_reach, sample_garments
from fashiongen.trends.timeline import Timeline

CERTAIN = 1 - 1e-9  # of a correlation, beyond which its z is infinite
MIN_STEPS = 5  # from season to season, that two brands share, of which a correlation is taken
COMPARED = 2_000  # garments of a brand's season, at most


def measure_distances(
    groups: Mapping[Group, Sequence[GarmentRecord]], params: TrendsParams
) -> Iterator[DistanceRecord]:
    """The distance of each two brands in each season in which both have enough garments.

    It is the energy distance (Szekely, Rizzo 2013) of their garments' `LOOKS`, each in its standard deviations over all
    garments: 0 on average where both brands draw from the same wardrobe. The interval is that of a jackknife over
    the garments.
    """
    everyone = [garment for (brand, _), garments in groups.items() if brand == ALL for garment in garments]
    if not everyone:
        return
    deviations = _describe(everyone).std(axis=0)
    scale = np.where(deviations > 0, deviations, 1)
    for season in sorted({season for _, season in groups}):
        looks = {
            brand: _describe(sample_garments(garments, params.seed, COMPARED)) / scale
            for (brand, its), garments in groups.items()
            if its == season and brand != ALL and len(garments) >= params.min_garments
        }
        for one, other in combinations(looks, 2):
            value, reach = energy_distance(looks[one], looks[other], params.confidence)
            yield DistanceRecord(
                season=str(season),
                brand=one,
                other=other,
                distance=round(value, 4),
                low=round(value - reach, 4),
                high=round(value + reach, 4),
            )


def _describe(garments: Sequence[GarmentRecord]) -> Float[ndarray, "garments looks"]:
    return np.array([[MEASURES[name](garment) for name in LOOKS] for garment in garments])


def energy_distance(
    one: Float[ndarray, "n dim"], other: Float[ndarray, "m dim"], confidence: float
) -> tuple[float, float]:
    """The unbiased energy distance of two samples, and how far its normal interval reaches to each side."""
    across, within_one, within_other = cdist(one, other), cdist(one, one), cdist(other, other)
    n, m = across.shape
    total = 2 * across.mean() - within_one.sum() / (n * (n - 1)) - within_other.sum() / (m * (m - 1))
    without_one = _leave_out(across.sum(axis=1), within_one.sum(axis=1), across.sum(), within_one.sum(), m)
    without_other = _leave_out(across.sum(axis=0), within_other.sum(axis=1), across.sum(), within_other.sum(), n)
    variance = sum(
        (len(part) - 1) / len(part) * ((part - part.mean()) ** 2).sum() for part in (without_one, without_other)
    )
    return float(total), float(normal_reach(confidence) * variance**0.5)


def _leave_out(
    across_of: Float[ndarray, " n"], within_of: Float[ndarray, " n"], across: float, within: float, others: int
) -> Float[ndarray, " n"]:
    """The parts of the distance that change where each element of a sample is left out once."""
    left = len(across_of) - 1
    return 2 * (across - across_of) / (left * others) - (within - 2 * within_of) / (left * max(left - 1, 1))


def find_leads(
    timelines: Iterable[Timeline], changes: Iterable[ChangeRecord], params: TrendsParams
) -> Iterator[LeadRecord]:
    """For each ordered pair of brands and each of `LOOKS`, how one's steps correlate with the other's later ones.

    Only brands whose measure was found to change can lead and follow in it: what chance moves is not tested. The steps
    from season to season are compared, since two series that both rise are correlated at any lag; and those that are
    not the same each year, since two brands with darker winters would follow each other by two seasons. The p values of
    all pairs, measures and lags are corrected together, as in `changes`. The interval is that of Fisher's z.
    """
    moving = {(row.brand, row.measure) for row in changes if row.change != "none"}
    by_measure: dict[str, dict[str, dict[Season, float]]] = {}
    for timeline in timelines:
        if timeline.brand != ALL and timeline.measure in LOOKS and (timeline.brand, timeline.measure) in moving:
            steps = dict(zip(timeline.seasons[1:], np.diff(timeline.adjusted), strict=True))
            by_measure.setdefault(timeline.measure, {})[timeline.brand] = steps
    found = list(_correlate_all(by_measure, params))
    if not found:
        return
    for row, p in zip(found, correct_together(np.array([row.p for row in found])), strict=True):
        yield row.model_copy(
            update={"p": float(f"{p:.3g}"), "is_found": bool(p < params.changes.false_alarms_frac)},
        )


def _correlate_all(
    by_measure: Mapping[str, Mapping[str, Mapping[Season, float]]], params: TrendsParams
) -> Iterator[LeadRecord]:
    """The rows of `leads.csv`, whose p values are not corrected yet."""
    for measure, of_brand in by_measure.items():
        seasons = sorted({season for changes in of_brand.values() for season in changes})
        for leader, follower in permutations(of_brand, 2):
            for lag in params.changes.lags_seasons:
                pairs = np.array(
                    [
                        (of_brand[leader].get(before, np.nan), of_brand[follower].get(after, np.nan))
                        for before, after in zip(seasons[:-lag], seasons[lag:], strict=True)
                    ]
                ).reshape(-1, 2)
                known = pairs[~np.isnan(pairs).any(axis=1)]
                if len(known) >= MIN_STEPS and np.ptp(known, axis=0).min() > 0:
                    correlation, low, high, p = correlate(known, params.confidence)
                    yield LeadRecord(
                        leader=leader,
                        follower=follower,
                        measure=measure,
                        lag_seasons=lag,
                        steps=len(known),
                        correlation=round(correlation, 4),
                        low=round(low, 4),
                        high=round(high, 4),
                        p=p,
                        is_found=False,
                    )


def correlate(pairs: Float[ndarray, "n 2"], confidence: float) -> tuple[float, float, float, float]:
    """The correlation of two series, its interval by Fisher's z, and the p value that it is not positive.

    Values that depend on those before them count for fewer: as many as have the same variance of the correlation by
    Bartlett's formula, with the autocorrelations of one step (Pyper, Peterman 1998).
    """
    one, other = (pairs - pairs.mean(axis=0)).T
    correlation = float(np.clip(one @ other / np.sqrt((one @ one) * (other @ other)), -CERTAIN, CERTAIN))
    own = [float(series[1:] @ series[:-1] / (series @ series)) for series in (one, other)]
    effective = len(pairs) / max(1.0, 1 + 2 * own[0] * own[1])
    freedom = max(effective - 2, 1.0)
    p = t.sf(correlation * (freedom / (1 - correlation**2)) ** 0.5, freedom)
    reach = normal_reach(confidence) / max(effective - 3, 1.0) ** 0.5
    low, high = np.tanh(np.arctanh(correlation) + np.array([-reach, reach]))
    return correlation, float(low), float(high), float(p)
