"""The conclusion about the study's question: does cropping help?

With several trainings of each variant it rests on a confidence interval of the difference in KID. With one training
each it rests on that difference in units of the standard deviation of KID over subsets of images, which leaves out the
variation between trainings.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fashiongen.evaluation.comparisons import gap_in_stds, gap_interval
from fashiongen.evaluation.records import VariantMetrics
from fashiongen.report.names import count, significant

CLEAR = 2.0  # joint standard deviations: a difference in KID from here on is called clear
HELPS = "Yes, by KID."
HARMS = "No, by KID it does harm."


@dataclass(frozen=True)
class Conclusion:
    """A headline, and the sentences under it."""

    headline: str
    sentences: tuple[str, ...]
    by_interval: bool = False  # from a confidence interval over several trainings of each variant


def conclude_cropping(variants: Mapping[str, VariantMetrics]) -> Conclusion:
    """The conclusion for these variants; it needs `cropped` and `subset`, which train on equally many images.

    Variants that are compared with cut-outs have no part in it.
    """
    variants = {name: variant for name, variant in variants.items() if variant.reference == "crops"}
    if not {"cropped", "subset"} <= variants.keys():
        return Conclusion(
            "Not measured.",
            ("The answer needs the variants cropped and subset, and params.yaml does not have both.",),
        )
    cropped, subset = variants["cropped"], variants["subset"]
    interval = gap_interval(cropped, subset)
    if interval is not None:
        return Conclusion(
            _headline_of(interval), (_interval_sentence(cropped, subset, interval), _SCOPE), by_interval=True
        )
    sentences = [_gap_sentence(cropped, subset)]
    if "original" in variants:
        sentences.append(_amount_sentence(cropped, variants["original"]))
    return Conclusion(_headline(gap_in_stds(cropped, subset)), tuple(sentences))


_SCOPE = "This holds for these images and this network; other data may give another answer."


def _headline_of(interval: tuple[float, float]) -> str:
    low, high = interval
    if low > 0:
        return HELPS
    return HARMS if high < 0 else "These trainings show no difference."


def _interval_sentence(cropped: VariantMetrics, subset: VariantMetrics, interval: tuple[float, float]) -> str:
    trainings = " and ".join(str(len(variant.KID_by_seed)) for variant in (cropped, subset))
    low, high = map(significant, interval)
    return (
        f"{_amounts(cropped, subset)}, the mean KID is {significant(cropped.KID)} with cropping and "
        f"{significant(subset.KID)} without, over {trainings} trainings. Without cropping KID is higher by between "
        f"{low} and {high} (95 % confidence; below 0 it is lower)."
    )


def _headline(gap: float) -> str:
    size = abs(gap)
    if size < 1:
        return "This measure shows no difference."
    if size < CLEAR:
        return "Perhaps, a little." if gap > 0 else "Perhaps not."
    return HELPS if gap > 0 else HARMS


def _gap_sentence(cropped: VariantMetrics, subset: VariantMetrics) -> str:
    return (
        f"{_amounts(cropped, subset)}, KID is {_distance(cropped)} with cropping and {_distance(subset)} without: "
        f"{_describe_gap(gap_in_stds(cropped, subset))}."
    )


def _amounts(cropped: VariantMetrics, subset: VariantMetrics) -> str:
    return f"With equally many images ({count(cropped.images)} crops, {count(subset.images)} uncropped photographs)"


def _amount_sentence(cropped: VariantMetrics, original: VariantMetrics) -> str:
    return (
        f"Compared with all {count(original.images)} uncropped photographs ({_distance(original)}), "
        f"{_describe_gap(gap_in_stds(cropped, original))}."
    )


def _distance(variant: VariantMetrics) -> str:
    return f"{significant(variant.KID)} ± {significant(variant.KID_std)}"


def _describe_gap(gap: float) -> str:
    size = abs(gap)
    if size == 0:
        return "the two are equal"
    nearer = "cropping is nearer to real crops" if gap > 0 else "cropping is farther from real crops"
    if size == float("inf"):
        return f"{nearer}, and KID is the same for every subset"
    return f"{nearer} by {size:.1f} times the joint standard deviation, {_describe_doubt(size)}"


def _describe_doubt(size: float) -> str:
    if size < 1:
        return "so the measure cannot tell them apart"
    return (
        "which the choice of subsets alone could explain"
        if size < CLEAR
        else "more than the choice of subsets explains"
    )
