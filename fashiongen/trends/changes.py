"""Which measures of which brands changed over the seasons, more than chance would.

Two tests of each measure of each brand: whether its seasons' means rise or fall (Kendall's tau with time, exact), and
whether its garments differ from season to season (Kruskal-Wallis). The p values of all tests are corrected together, so
that among what is reported the expected share of false alarms is at most `false_alarms_frac` (Benjamini, Hochberg
1995).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import kendalltau, kruskal
from statsmodels.stats.multitest import multipletests

from fashiongen.trends.params import ChangesParams, TrendsParams
from fashiongen.trends.records import ChangeKind, ChangeRecord, GarmentRecord
from fashiongen.trends.seasons import Season
from fashiongen.trends.series import FOLLOWED, MEASURES, Group

MIN_SEASONS = 3  # of which a tendency can be told


class Tested(NamedTuple):
    """The p values of a measure of a brand, before they are corrected."""

    brand: str
    measure: str
    first: float
    last: float
    tau: float
    p_trend: float
    p_seasons: float


def find_changes(groups: Mapping[Group, Sequence[GarmentRecord]], params: TrendsParams) -> Iterator[ChangeRecord]:
    """A row for each brand and measure that varies and has three seasons of enough garments."""
    tested = list(_test_all(groups, params))
    if not tested:
        return
    raw = np.array([(one.p_trend, one.p_seasons) for one in tested])
    corrected = multipletests(raw.ravel(), alpha=params.changes.false_alarms_frac, method="fdr_bh")[1].reshape(-1, 2)
    for one, (p_trend, p_seasons) in zip(tested, corrected, strict=True):
        yield ChangeRecord(
            brand=one.brand,
            measure=one.measure,
            first=round(one.first, 4),
            last=round(one.last, 4),
            change=_name_change(one, p_trend, p_seasons, params.changes),
            tau=round(one.tau, 4),
            p_trend=float(f"{p_trend:.3g}"),
            p_seasons=float(f"{p_seasons:.3g}"),
        )


def _name_change(one: Tested, p_trend: float, p_seasons: float, params: ChangesParams) -> ChangeKind:
    if p_trend < params.false_alarms_frac:
        return "rises" if one.tau > 0 else "falls"
    return "varies" if p_seasons < params.false_alarms_frac else "none"


def _test_all(groups: Mapping[Group, Sequence[GarmentRecord]], params: TrendsParams) -> Iterator[Tested]:
    by_brand: dict[str, dict[Season, Sequence[GarmentRecord]]] = {}
    for (brand, season), garments in groups.items():
        if len(garments) >= params.min_garments:
            by_brand.setdefault(brand, {})[season] = garments
    for brand, seasons in by_brand.items():
        if len(seasons) < MIN_SEASONS:
            continue
        for measure in FOLLOWED:
            samples = [[MEASURES[measure](one) for one in seasons[season]] for season in sorted(seasons)]
            if np.ptp(np.concatenate(samples)) == 0:
                continue
            means = [float(np.mean(sample)) for sample in samples]
            trend = kendalltau(range(len(means)), means)
            p_trend, tau = (1.0, 0.0) if np.isnan(trend.pvalue) else (float(trend.pvalue), float(trend.statistic))
            yield Tested(brand, measure, means[0], means[-1], tau, p_trend, float(kruskal(*samples).pvalue))
