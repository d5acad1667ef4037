"""Does cropping help? The study's question, answered in words from distances and their spreads."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

from fashiongen.report.measurements import VariantMetrics
from fashiongen.report.names import count, significant

CLEAR = 2.0  # joint spreads between two distances, from where on a gap is called clear


@dataclass(frozen=True)
class Verdict:
    """The answer as a headline and the sentences under it."""

    headline: str
    sentences: tuple[str, ...]


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
    sentences = [_gap_sentence(cropped, subset)]
    if "original" in variants:
        sentences.append(_amount_sentence(cropped, variants["original"]))
    return Verdict(_headline(compare(cropped, subset)), tuple(sentences))


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
