"""The conclusion follows the KIDs and their standard deviations, and claims no more."""

import pytest

from fashiongen.evaluation.comparisons import gap_in_stds, gap_interval
from fashiongen.evaluation.records import VariantMetrics
from fashiongen.report.cropping_conclusion import conclude_cropping


def variant(kid: float, kid_std: float) -> VariantMetrics:
    named = {"images": 300, "epochs": 10, "KID": kid, "KID_std": kid_std, "KID_by_seed": {"7": kid}}
    named |= {"KID_by_detector": {}, "SWD_by_band": {}, "reference": "crops", "own_source": None}
    return VariantMetrics(**dict.fromkeys(VariantMetrics.model_fields, 0) | named)


def trained(*kids: float) -> VariantMetrics:
    """A variant with a training for each distance."""
    by_seed = {str(seed): kid for seed, kid in enumerate(kids)}
    return variant(sum(kids) / len(kids), 0.001).model_copy(update={"KID_by_seed": by_seed})


def test_a_gap_is_in_units_of_the_joint_standard_deviation():
    """3-4-5: standard deviations of 0.03 and 0.04 make a joint one of 0.05."""
    assert gap_in_stds(variant(0.10, 0.03), variant(0.20, 0.04)) == pytest.approx(2.0)


@pytest.mark.parametrize(("gap", "expected"), [(0.1, float("inf")), (0.0, 0.0), (-0.1, float("-inf"))])
def test_without_a_standard_deviation_any_gap_is_clear(gap, expected):
    assert gap_in_stds(variant(0.5, 0.0), variant(0.5 + gap, 0.0)) == expected


@pytest.mark.parametrize(
    ("subset_kid", "headline"),
    [
        (0.200, "Yes, by KID."),
        (0.107, "Perhaps, a little."),
        (0.101, "This measure shows no difference."),
        (0.100, "This measure shows no difference."),
        (0.099, "This measure shows no difference."),
        (0.093, "Perhaps not."),
        (0.000, "No, by KID it does harm."),
    ],
)
def test_the_headline_follows_the_gap(subset_kid, headline):
    """Both standard deviations are 0.00354, so that the joint one is 0.005."""
    variants = {"cropped": variant(0.1, 0.00354), "subset": variant(subset_kid, 0.00354)}
    assert conclude_cropping(variants).headline == headline


def test_the_sentences_give_the_distances():
    variants = {"cropped": variant(0.1, 0.01), "subset": variant(0.2, 0.02), "original": variant(0.3, 0.03)}
    first, second = conclude_cropping(variants).sentences
    assert "0.1 ± 0.01 with cropping and 0.2 ± 0.02 without" in first
    assert "0.3 ± 0.03" in second


def test_original_may_be_missing():
    assert len(conclude_cropping({"cropped": variant(0.1, 0.01), "subset": variant(0.2, 0.02)}).sentences) == 1


def test_a_variant_that_is_compared_with_cutouts_has_no_part_in_it():
    """Its KID is a distance to other images."""
    cutout = variant(0.01, 0.01).model_copy(update={"reference": "cutouts"})
    assert conclude_cropping({"cropped": cutout, "subset": variant(0.2, 0.02)}).headline == "Not measured."


def test_without_a_pair_of_equal_size_there_is_no_answer():
    assert conclude_cropping({"cropped": variant(0.1, 0.01)}).headline == "Not measured."


def test_the_interval_of_two_pairs_is_that_of_the_textbook():
    """Means 2 apart, both variances 2, two each: 2 +- t(0.975, 2 degrees) * sqrt(2), with t = 4.30265."""
    low, high = gap_interval(trained(1.0, 3.0), trained(3.0, 5.0))
    assert (low, high) == pytest.approx((2 - 4.30265 * 2**0.5, 2 + 4.30265 * 2**0.5), rel=1e-5)


@pytest.mark.parametrize("variants", [(trained(1.0), trained(2.0, 3.0)), (trained(1.0, 2.0), trained(2.0))])
def test_one_training_has_no_interval(variants):
    assert gap_interval(*variants) is None


@pytest.mark.parametrize(
    ("cropped", "subset", "headline"),
    [
        ((0.010, 0.011, 0.012), (0.020, 0.021, 0.022), "Yes, by KID."),
        ((0.020, 0.021, 0.022), (0.010, 0.011, 0.012), "No, by KID it does harm."),
        ((0.010, 0.020, 0.030), (0.011, 0.022, 0.031), "These trainings show no difference."),
    ],
)
def test_several_trainings_answer_by_their_interval(cropped, subset, headline):
    conclusion = conclude_cropping({"cropped": trained(*cropped), "subset": trained(*subset)})
    assert conclusion.headline == headline
    assert "over 3 and 3 trainings" in conclusion.sentences[0]
