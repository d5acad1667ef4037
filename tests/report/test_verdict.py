"""The answer follows the distances and their spreads, and claims no more."""

import pytest

from fashiongen.report.measurements import VariantMetrics
from fashiongen.report.verdict import answer, compare


def variant(kid: float, kid_std: float) -> VariantMetrics:
    rest = dict.fromkeys(VariantMetrics.model_fields.keys() - {"images", "epochs", "KID", "KID_std"}, 0)
    return VariantMetrics(images=300, epochs=10, **rest, KID=kid, KID_std=kid_std)


def test_a_gap_is_counted_in_joint_spreads():
    """3-4-5: spreads of 0.03 and 0.04 make a joint one of 0.05."""
    assert compare(variant(0.10, 0.03), variant(0.20, 0.04)) == pytest.approx(2.0)


@pytest.mark.parametrize(("gap", "expected"), [(0.1, float("inf")), (0.0, 0.0), (-0.1, float("-inf"))])
def test_without_a_spread_any_gap_is_clear(gap, expected):
    assert compare(variant(0.5, 0.0), variant(0.5 + gap, 0.0)) == expected


@pytest.mark.parametrize(
    ("subset_kid", "headline"),
    [
        (0.200, "By this yardstick, yes."),
        (0.107, "Perhaps, a little."),
        (0.101, "No difference that this can see."),
        (0.100, "No difference that this can see."),
        (0.099, "No difference that this can see."),
        (0.093, "Perhaps not."),
        (0.000, "By this yardstick, it does harm."),
    ],
)
def test_the_headline_follows_the_gap(subset_kid, headline):
    """Both spreads are 0.00354, so that the joint one is 0.005."""
    variants = {"cropped": variant(0.1, 0.00354), "subset": variant(subset_kid, 0.00354)}
    assert answer(variants).headline == headline


def test_the_sentences_give_the_distances():
    variants = {"cropped": variant(0.1, 0.01), "subset": variant(0.2, 0.02), "original": variant(0.3, 0.03)}
    first, second = answer(variants).sentences
    assert "0.1 ± 0.01 with cropping and 0.2 ± 0.02 without" in first
    assert "0.3 ± 0.03" in second


def test_original_may_be_missing():
    assert len(answer({"cropped": variant(0.1, 0.01), "subset": variant(0.2, 0.02)}).sentences) == 1


def test_without_a_pair_of_equal_size_there_is_no_answer():
    assert answer({"cropped": variant(0.1, 0.01)}).headline == "Not asked."
