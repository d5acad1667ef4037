"""Do they copy? Answered in words, from near-copies among generated images and among training images."""

from math import sqrt

from fashiongen.report.measurements import DcganMetrics, VariantMetrics
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
    copying = [name for name, row in dcgan.variants.items() if _repeats(row, drawn) or _has_outright(row)]
    sentences = [_describe(name, row, drawn) for name, row in dcgan.variants.items()]
    return Verdict(_headline(copying, sum(row.near_copies for row in dcgan.variants.values())), tuple(sentences))


def _repeats(row: VariantMetrics, drawn: int) -> bool:
    """Whether near-copies are clearly more than likeness makes them, by either rule.

    One by one: where training images share an outline, hashes alone would hide what features find.
    """
    by_features = row.near_copies_by_features, row.training_near_copies_by_features
    by_hash = row.near_copies_by_hash, row.training_near_copies_by_hash
    return any(
        excess(near, drawn, training_near=training, training=row.images) > CLEAR
        for near, training in (by_features, by_hash)
    )


def _has_outright(row: VariantMetrics) -> bool:
    return row.closest_ratio < OUTRIGHT


def _headline(copying: list[str], near_copies: int) -> str:
    if copying:
        *others, last = copying
        return f"Yes: {', '.join(others)} and {last} do." if others else f"Yes: {last} does."
    return "No more than likeness alone would." if near_copies else "No: not one near-copy."


def _describe(name: str, row: VariantMetrics, drawn: int) -> str:
    if _repeats(row, drawn):
        judgement = "That is clearly more than likeness explains: it copies."
    elif _has_outright(row):
        judgement = "That is no more than likeness explains, but the nearest image is a copy."
    else:
        judgement = "That is no more than likeness explains."
    near, alike = _share(row.near_copies_by_features, drawn), _share(row.near_copies_by_hash, drawn)
    training_near = _share(row.training_near_copies_by_features, row.images)
    training_alike = _share(row.training_near_copies_by_hash, row.images)
    return (
        f"{name}: {_share(row.near_copies, drawn)} generated images are near-copies of a training image. By features "
        f"{near} are, and {training_near} training images are as near to another; by hash {alike}, and "
        f"{training_alike} training images. {judgement} The typical generated image lies "
        f"{decimal(row.nearest_ratio, 2)} times as far from its nearest training image as training images lie from "
        f"each other, the nearest of all {decimal(row.closest_ratio, 2)} times as far."
    )


def _share(part: int, whole: int) -> str:
    return f"{count(part)} of {count(whole)} ({share(part / whole)})"
