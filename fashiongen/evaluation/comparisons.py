"""Statistical comparisons behind the report's two conclusions: does cropping help, and do the generators copy?"""

from dataclasses import dataclass
from math import exp, hypot, log, sqrt
from typing import Final

from scipy.stats import ttest_ind

from fashiongen.evaluation.records import OwnSource, VariantMetrics

CONFIDENCE: Final = 0.95
CLEAR_ERRORS: Final = 3.0  # standard errors between two shares; large, because each variant is tested by two rules
CLOSE_RATIO: Final = 0.25  # of the median distance between training images: a generated image that is nearer is a copy


def gap_interval(first: VariantMetrics, second: VariantMetrics) -> tuple[float, float] | None:
    """The 95 % confidence interval of the KID of `second` minus that of `first`, over trainings from several seeds
    (Welch's t).

    None where one of them was trained once: the variance over its trainings is unknown.
    """
    by_seed = [list(variant.KID_by_seed.values()) for variant in (second, first)]
    if min(map(len, by_seed)) < 2:
        return None
    low, high = ttest_ind(*by_seed, equal_var=False).confidence_interval(CONFIDENCE)
    return float(low), float(high)


def factor_interval(first: OwnSource, second: OwnSource) -> tuple[float, float] | None:
    """The 95 % confidence interval of how many times as far `second` is from real images of its source as `first` is
    from those of its own, over trainings from several seeds (Welch's t of the logarithms).

    None where one of them was trained once.
    """
    by_seed = [[log(distance) for distance in one.distance_by_seed.values()] for one in (second, first)]
    if min(map(len, by_seed)) < 2:
        return None
    low, high = ttest_ind(*by_seed, equal_var=False).confidence_interval(CONFIDENCE)
    return exp(low), exp(high)


def gap_in_stds(first: VariantMetrics, second: VariantMetrics) -> float:
    """The KID of `second` minus that of `first`, in units of their joint standard deviation.

    This is the root of the summed squares of both standard deviations over subsets. Where it is 0, the result is 0 for
    equal KIDs and infinite for different ones.
    """
    gap, std = second.KID - first.KID, hypot(first.KID_std, second.KID_std)
    if std == 0:
        return float("inf") if gap > 0 else float("-inf") if gap < 0 else 0.0
    return gap / std


@dataclass(frozen=True)
class CopyComparison:
    """Near-copies by one rule, among generated images and among training images."""

    rule: str
    near: int
    training_near: int
    excess: float  # in standard errors, see `excess_of_copies`

    @property
    def is_clear(self) -> bool:
        """Whether the generated images have clearly more near-copies."""
        return self.excess > CLEAR_ERRORS


def compare_copies(row: VariantMetrics, *, generated: int) -> CopyComparison:
    """The first rule by which the generator clearly copies, or features if there is none. The rules are tested one by
    one: where all images have the same outline, all hashes are alike and the hash rule shows nothing.
    """
    rules = {
        "features": (row.near_copies_by_features, row.training_near_copies_by_features),
        "hash": (row.near_copies_by_hash, row.training_near_copies_by_hash),
    }
    found = [
        CopyComparison(
            rule,
            near,
            training_near,
            excess_of_copies(near, generated, training_near=training_near, training=row.images),
        )
        for rule, (near, training_near) in rules.items()
    ]
    return next((one for one in found if one.is_clear), found[0])


def excess_of_copies(near: int, among: int, *, training_near: int, training: int) -> float:
    """How many standard errors the share `near` of `among` lies above the share of near-copies among training images.

    Training images resemble each other too, so an equal share is no sign of copying. This is the test of two
    proportions with a pooled standard error; without any near-copy the excess is 0.
    """
    pooled = (near + training_near) / (among + training)
    error = sqrt(pooled * (1 - pooled) * (1 / among + 1 / training))
    return (near / among - training_near / training) / error if error else 0.0


def has_copy(row: VariantMetrics) -> bool:
    """Whether the nearest of all generated images is so close to a training image that it is a copy."""
    return row.closest_ratio < CLOSE_RATIO
