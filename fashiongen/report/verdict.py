"""Does cropping help? The study's question, answered in words from distances and their scatter.

Several trainings of each variant, from other seeds, answer it by a confidence interval. One training of each knows
nothing of chance in training; it is judged by how its distance scatters over subsets of images, which is less.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

from scipy.stats import ttest_ind

from fashiongen.evaluation.records import VariantMetrics
from fashiongen.report.names import count, significant

CONFIDENCE = 0.95
CLEAR = 2.0  # joint spreads between two distances, from where on a gap is called clear


@dataclass(frozen=True)
class Verdict:
    """The answer as a headline and the sentences under it."""

    headline: str
    sentences: tuple[str, ...]
    by_interval: bool = False  # over several trainings of each; else chance in training is unknown


def gap_interval(first: VariantMetrics, second: VariantMetrics) -> tuple[float, float] | None:
    """The 95 % confidence interval of how much farther `second` is, over trainings from other seeds (Welch's t).

    None where one of them was trained once: its trainings' scatter is unknown.
    """
    by_seed = [list(variant.KID_by_seed.values()) for variant in (second, first)]
    if min(map(len, by_seed)) < 2:
        return None
    low, high = ttest_ind(*by_seed, equal_var=False).confidence_interval(CONFIDENCE)
    return float(low), float(high)


def compare(first: VariantMetrics, second: VariantMetrics) -> float:
    """How much farther from the real crops `second` is than `first`, in units of their joint spread.

    The joint spread is the root of the summed squares of both standard deviations; without any spread a gap counts
    as infinitely clear, and no gap as none.
    """
    gap, spread = second.KID - first.KID, hypot(first.KID_std, second.KID_std)
    if spread == 0:
        return float("inf") if gap > 0 else float("-inf") if gap < 0 else 0.0
    return gap / spread


def answer(variants: Mapping[str, VariantMetrics]) -> Verdict:
    """The answer for these variants; it needs `cropped` and `subset`, which train on equally many images."""
    if not {"cropped", "subset"} <= variants.keys():
        return Verdict(
            "Not asked.",
            ("The question needs the variants cropped and subset; params.yaml leaves one of them out.",),
        )
    cropped, subset = variants["cropped"], variants["subset"]
    interval = gap_interval(cropped, subset)
    if interval is not None:
        return Verdict(
            _headline_of(interval), (_interval_sentence(cropped, subset, interval), _SCOPE), by_interval=True
        )
    sentences = [_gap_sentence(cropped, subset)]
    if "original" in variants:
        sentences.append(_amount_sentence(cropped, variants["original"]))
    return Verdict(_headline(compare(cropped, subset)), tuple(sentences))


_SCOPE = "It holds for these images and this network: other data may answer otherwise."


def _headline_of(interval: tuple[float, float]) -> str:
    low, high = interval
    if low > 0:
        return "By this yardstick, yes."
    return "By this yardstick, it does harm." if high < 0 else "No difference that these trainings show."


def _interval_sentence(cropped: VariantMetrics, subset: VariantMetrics, interval: tuple[float, float]) -> str:
    trainings = " and ".join(str(len(variant.KID_by_seed)) for variant in (cropped, subset))
    low, high = map(significant, interval)
    return (
        f"On equally many pictures ({count(cropped.images)} crops, {count(subset.images)} photographs as they are), "
        f"the mean distance to real crops is {significant(cropped.KID)} with cropping and {significant(subset.KID)} "
        f"without, over {trainings} trainings: without cropping it is farther by between {low} and {high} "
        "(95 % confidence; below 0 it is nearer)."
    )


def _headline(gap_in_spreads: float) -> str:
    size = abs(gap_in_spreads)
    if size < 1:
        return "No difference that this can see."
    if size < CLEAR:
        return "Perhaps, a little." if gap_in_spreads > 0 else "Perhaps not."
    return "By this yardstick, yes." if gap_in_spreads > 0 else "By this yardstick, it does harm."


def _gap_sentence(cropped: VariantMetrics, subset: VariantMetrics) -> str:
    return (
        f"On equally many pictures ({count(cropped.images)} crops, {count(subset.images)} photographs as they are), "
        f"the distance to real crops is {_distance(cropped)} with cropping and {_distance(subset)} without: "
        f"{_how_far(compare(cropped, subset))}."
    )


def _amount_sentence(cropped: VariantMetrics, original: VariantMetrics) -> str:
    return (
        f"Against all {count(original.images)} photographs uncropped ({_distance(original)}), "
        f"{_how_far(compare(cropped, original))}."
    )


def _distance(variant: VariantMetrics) -> str:
    return f"{significant(variant.KID)} ± {significant(variant.KID_std)}"


def _how_far(gap_in_spreads: float) -> str:
    size = abs(gap_in_spreads)
    if size == 0:
        return "the two are equal"
    nearer = "cropping is nearer" if gap_in_spreads > 0 else "cropping is farther"
    if size == float("inf"):
        return f"{nearer}, and the measure does not scatter at all"
    return f"{nearer} by {size:.1f} times the joint spread, {_doubt(size)}"


def _doubt(size: float) -> str:
    if size < 1:
        return "so the measure cannot tell them apart"
    return "which its scatter alone could still do" if size < CLEAR else "more than its scatter alone would do"
