"""Do they copy? Answered in words, from near-copies among generated images and among training images."""

from math import sqrt

from fashiongen.report.measurements import DcganMetrics, VariantMetrics
from fashiongen.report.names import count, decimal, share
from fashiongen.report.verdict import Verdict

CLEAR = 2.0  # standard errors between two shares, from where on the larger is called clearly larger


def excess(variant: VariantMetrics, *, generated_images: int) -> float:
    """How many standard errors the share of near-copies lies above that among the training images.

    Training images are near-copies of each other by likeness alone, so as large a share proves nothing. This is the
    test of two proportions with a pooled standard error; without any near-copy there is no excess.
    """
    near, real = variant.near_copies / generated_images, variant.training_near_copies / variant.images
    pooled = (variant.near_copies + variant.training_near_copies) / (generated_images + variant.images)
    error = sqrt(pooled * (1 - pooled) * (1 / generated_images + 1 / variant.images))
    if error == 0:
        return 0.0
    return (near - real) / error


def judge_originality(dcgan: DcganMetrics) -> Verdict:
    """The answer for all variants, and a sentence for each."""
    drawn = dcgan.yardstick.generated_images
    copying = [name for name, row in dcgan.variants.items() if excess(row, generated_images=drawn) > CLEAR]
    sentences = [_describe(name, row, drawn) for name, row in dcgan.variants.items()]
    return Verdict(_headline(copying, sum(row.near_copies for row in dcgan.variants.values())), tuple(sentences))


def _headline(copying: list[str], near_copies: int) -> str:
    if copying:
        *others, last = copying
        return f"Yes: {', '.join(others)} and {last} do." if others else f"Yes: {last} does."
    return "No more than likeness alone would." if near_copies else "No: not one near-copy."


def _describe(name: str, variant: VariantMetrics, drawn: int) -> str:
    above = excess(variant, generated_images=drawn)
    if above > CLEAR:
        judgement = "clearly more than among real images, so it copies"
    elif above > 0:
        judgement = "more than among real images, but no more than chance allows"
    else:
        judgement = "no more than among real images, so it does not copy"
    return (
        f"{name}: {_share(variant.near_copies, drawn)} generated images are near-copies of a training image, and by "
        f"the same rule {_share(variant.training_near_copies, variant.images)} training images are near-copies of "
        f"another: {judgement}. {_say_ratio(variant.nearest_ratio)}"
    )


def _share(part: int, whole: int) -> str:
    return f"{count(part)} of {count(whole)} ({share(part / whole)})"


def _say_ratio(ratio: float) -> str:
    return (
        f"Its images typically lie {decimal(ratio, 2)} times as far from the nearest training image as training "
        "images lie from each other."
    )
