"""The conclusion about what to learn from: whole images, crops or cut-outs, each beside real images of its own kind."""

from collections.abc import Mapping

from fashiongen.evaluation.comparisons import factor_interval
from fashiongen.evaluation.records import OwnSource, VariantMetrics
from fashiongen.report.cropping_conclusion import Conclusion
from fashiongen.report.names import SOURCE_NAMES, count, decimal


def conclude_sources(variants: Mapping[str, VariantMetrics]) -> Conclusion:
    """The conclusion for the variants that were measured beside real training images; it needs two sources."""
    measured = {name: row.own_source for name, row in variants.items() if row.own_source is not None}
    if len({row.source for row in measured.values()}) < 2:
        return Conclusion("Not measured.", ("The answer needs variants of two sources, with real training images.",))
    best, *others = sorted(measured, key=lambda name: measured[name].distance)
    rivals = [name for name in others if measured[name].source != measured[best].source]
    found = {name: factor_interval(measured[best], measured[name]) for name in rivals}
    intervals = {name: interval for name, interval in found.items() if interval is not None}
    sentences = [_ranking(best, others, measured)]
    sentences += [_comparison(best, name, interval, measured) for name, interval in intervals.items()]
    if len(intervals) < len(rivals):
        sentences.append("One training of a variant cannot show how far another seed would move it.")
    is_clear = len(intervals) == len(rivals) and all(low > 1 for low, _ in intervals.values())
    headline = f"{SOURCE_NAMES[measured[best].source].capitalize()} come nearest to their own kind"
    return Conclusion(f"{headline}." if is_clear else f"{headline}, in these trainings.", tuple(sentences), is_clear)


def _ranking(best: str, others: list[str], measured: Mapping[str, OwnSource]) -> str:
    held_out = max(row.held_out for row in measured.values())
    rest = ", ".join(f"{name} {decimal(measured[name].distance, 1)}" for name in others)
    return (
        f"Each generator is measured against the same {count(held_out)} held-out garments, seen as it learned to draw "
        f"them: in whole images, as crops, or as cut-outs. The images of {best} are "
        f"{decimal(measured[best].distance, 1)} times as far from them as real training images are; of the others, "
        f"{rest}."
    )


def _comparison(best: str, other: str, interval: tuple[float, float], measured: Mapping[str, OwnSource]) -> str:
    """By how much another variant is farther than the best."""
    low, high = (decimal(value, 2) for value in interval)
    trainings = " and ".join(str(len(measured[name].distance_by_seed)) for name in (best, other))
    found = f"Over {trainings} trainings, {other} is between {low} and {high} times as far as {best} (95 % confidence)"
    return f"{found}." if interval[0] > 1 else f"{found}: they show no clear difference."
