"""Which measures of which brands changed over the seasons, more than chance would.

Two tests of each measure of each brand: whether its seasons' means, without what winters and summers differ by, rise or
fall (Kendall's tau with time, exact), and whether its garments differ from season to season (Kruskal-Wallis). The p
values of all tests are corrected together, so that among what is reported the expected share of false alarms is at most
`false_alarms_frac` (Benjamini, Hochberg 1995).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.stats import kendalltau, kruskal
from statsmodels.stats.multitest import multipletests

from fashiongen.trends.params import ChangesParams, TrendsParams
from fashiongen.trends.records import ChangeKind, ChangeRecord, GarmentRecord
from fashiongen.trends.series import MEASURES, Group
from fashiongen.trends.timeline import Timeline

MIN_SEASONS = 3  # of which a tendency can be told
DIGITS = 6  # of values: what differs by less is alike


class Tested(NamedTuple):
    """The p values of a measure of a brand, before they are corrected."""

    brand: str
    measure: str
    first: float
    last: float
    tau: float
    p_trend: float
    p_seasons: float


def find_changes(
    groups: Mapping[Group, Sequence[GarmentRecord]], timelines: Iterable[Timeline], params: TrendsParams
) -> Iterator[ChangeRecord]:
    """A row for each timeline that varies and has three seasons of enough garments."""
    tested = [found for timeline in timelines if (found := _test(timeline, groups)) is not None]
    if not tested:
        return
    raw = np.array([(one.p_trend, one.p_seasons) for one in tested])
    for one, (p_trend, p_seasons) in zip(tested, correct_together(raw), strict=True):
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


def correct_together(p_values: Float[ndarray, "*shape"]) -> Float[ndarray, "*shape"]:
    """The smallest expected share of false alarms among what is reported at which each value would be, too."""
    corrected: Float[ndarray, "*shape"] = multipletests(p_values.ravel(), method="fdr_bh")[1].reshape(p_values.shape)
    return corrected


def _name_change(one: Tested, p_trend: float, p_seasons: float, params: ChangesParams) -> ChangeKind:
    if p_trend < params.false_alarms_frac:
        return "rises" if one.tau > 0 else "falls"
    return "varies" if p_seasons < params.false_alarms_frac else "none"


def _test(timeline: Timeline, groups: Mapping[Group, Sequence[GarmentRecord]]) -> Tested | None:
    known = np.flatnonzero(~np.isnan(timeline.values)).tolist()
    read = MEASURES[timeline.measure]
    samples = [[read(one) for one in groups[timeline.brand, timeline.seasons[place]]] for place in known]
    if len(known) < MIN_SEASONS or np.ptp(np.concatenate(samples)) == 0:
        return None
    trend = kendalltau(known, timeline.adjusted[known].round(DIGITS))
    p_trend, tau = (1.0, 0.0) if np.isnan(trend.pvalue) else (float(trend.pvalue), float(trend.statistic))
    first, last = timeline.values[known[0]], timeline.values[known[-1]]
    return Tested(timeline.brand, timeline.measure, first, last, tau, p_trend, float(kruskal(*samples).pvalue))
