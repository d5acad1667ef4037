"""Do they copy? Answered in words, from near-copies among generated images and among training images."""

from dataclasses import dataclass
from math import sqrt

from fashiongen.evaluation.records import DcganMetrics, VariantMetrics
from fashiongen.report.names import count, decimal, share
from fashiongen.report.verdict import Verdict

CLEAR = 3.0  # standard errors between two shares: large, since every variant is asked twice
OUTRIGHT = 0.25  # of the median distance between training images: one generated image nearer than that is a copy


def excess(near: int, among: int, *, training_near: int, training: int) -> float:
    """How many standard errors the share `near` of `among` lies above that of near-copies among training images.

    Training images are near each other by likeness alone, so as large a share proves nothing. This is the test of two
    proportions with a pooled standard error; without any near-copy there is no excess.
    """
    pooled = (near + training_near) / (among + training)
    error = sqrt(pooled * (1 - pooled) * (1 / among + 1 / training))
    return (near / among - training_near / training) / error if error else 0.0


def judge_originality(dcgan: DcganMetrics) -> Verdict:
    """The answer for all variants, and some sentences for each."""
    drawn = dcgan.yardstick.generated_images
    found = {name: _compare(row, drawn) for name, row in dcgan.variants.items()}
    copying = [name for name, row in dcgan.variants.items() if found[name].is_clear or row.closest_ratio < OUTRIGHT]
    sentences = [_describe(name, row, found[name], drawn) for name, row in dcgan.variants.items()]
    return Verdict(_headline(copying, sum(row.near_copies for row in dcgan.variants.values())), tuple(sentences))


@dataclass(frozen=True)
class _Comparison:
    """Near-copies by one rule."""

    rule: str
    near: int
    training_near: int
    excess: float

    @property
    def is_clear(self) -> bool:
        return self.excess > CLEAR


def _compare(row: VariantMetrics, drawn: int) -> _Comparison:
    """The rule that speaks for copying, or that of features; each alone, for where outlines are equal no hash tells."""
    rules = {
        "features": (row.near_copies_by_features, row.training_near_copies_by_features),
        "hash": (row.near_copies_by_hash, row.training_near_copies_by_hash),
    }
    found = [
        _Comparison(rule, *counts, excess(counts[0], drawn, training_near=counts[1], training=row.images))
        for rule, counts in rules.items()
    ]
    return next((one for one in found if one.is_clear), found[0])


def _headline(copying: list[str], near_copies: int) -> str:
    if copying:
        *others, last = copying
        return f"Yes: {', '.join(others)} and {last} do." if others else f"Yes: {last} does."
    return "No more than likeness alone would." if near_copies else "No: not one near-copy."


def _describe(name: str, row: VariantMetrics, found: _Comparison, drawn: int) -> str:
    if found.is_clear:
        judgement = "copies, clearly more than likeness explains"
    elif row.closest_ratio < OUTRIGHT:
        judgement = "has made at least one copy, though no more near-copies than likeness explains"
    else:
        judgement = "shows no copying"
    near, training_near = share(found.near / drawn), share(found.training_near / row.images)
    return (
        f"The generator {name} {judgement}: by {found.rule}, {near} of its {count(drawn)} images are near-copies of a "
        f"training image, and {training_near} of its {count(row.images)} training images are as near to another one. "
        f"A typical image lies {decimal(row.nearest_ratio, 2)} times as far from the nearest training image as "
        f"training images lie from each other; the nearest of all lies {decimal(row.closest_ratio, 2)} times as far."
    )
