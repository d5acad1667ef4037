"""What to learn from: the conclusion follows the distances beside real images, and claims no more."""

from math import exp, log

import numpy as np
import pytest
from scipy.stats import t

from fashiongen.evaluation.comparisons import factor_interval
from fashiongen.evaluation.records import OwnSource
from fashiongen.report.sources_conclusion import conclude_sources


def own(source: str, *distances: float) -> OwnSource:
    """A variant with a training for each distance."""
    measured = {"SWD": 80.0, "KID_worst": 0.02, "SWD_of_real": 40.0, "KID_worst_of_real": 0.005}
    by_seed = {str(seed): distance for seed, distance in enumerate(distances)}
    return OwnSource(source=source, held_out=71, **measured, distance_by_seed=by_seed)


@pytest.fixture
def conclude(report_data):
    one = report_data.dcgan.variants["cropped"]
    return lambda **found: conclude_sources(
        {name: one.model_copy(update={"own_source": own}) for name, own in found.items()}
    )


def test_the_interval_is_that_of_the_ratio_of_geometric_means():
    """Equal variances and equal numbers: Welch's interval is Student's."""
    first, second = [1.0, 2.0, 4.0], [3.0, 6.0, 12.0]
    low, high = factor_interval(own("cutouts", *first), own("crops", *second))
    error = np.std(np.log(first), ddof=1) * (2 / 3) ** 0.5
    half = t.ppf(0.975, df=4) * error
    assert (low, high) == pytest.approx((exp(log(3) - half), exp(log(3) + half)))


@pytest.mark.parametrize(("first", "second"), [([1.0], [2.0, 3.0]), ([1.0, 2.0], [3.0])])
def test_after_one_training_there_is_no_interval(first, second):
    assert factor_interval(own("cutouts", *first), own("crops", *second)) is None


def test_one_training_each_gives_a_ranking_without_a_claim(conclude):
    found = conclude(cropped=own("crops", 6.0), original=own("images", 9.04), cutout=own("cutouts", 2.0))
    assert found.headline == "Cut-outs come nearest to their own kind, in these trainings."
    ranking, doubt = found.sentences
    assert "the same 71 held-out garments" in ranking
    assert "of cutout are 2.0 times as far from them as real training images are" in ranking
    assert ranking.endswith("of the others, cropped 6.0, original 9.0.")
    assert doubt.startswith("One training of a variant cannot show")
    assert not found.by_interval


def test_several_trainings_that_agree_give_a_clear_answer(conclude):
    found = conclude(cropped=own("crops", 6.0, 6.1, 5.9), cutout=own("cutouts", 2.0, 2.1, 1.9))
    assert found.headline == "Cut-outs come nearest to their own kind."
    assert found.by_interval
    low, high = factor_interval(own("cutouts", 2.0, 2.1, 1.9), own("crops", 6.0, 6.1, 5.9))
    assert f"between {low:.2f} and {high:.2f} times as far as cutout (95 % confidence)." in found.sentences[1]


def test_several_trainings_that_differ_widely_show_no_clear_difference(conclude):
    found = conclude(cropped=own("crops", 1.0, 9.0), cutout=own("cutouts", 1.0, 6.0))
    assert found.headline.endswith(", in these trainings.")
    assert found.sentences[1].endswith("they show no clear difference.")


def test_variants_of_one_source_are_ranked_and_not_compared(conclude):
    found = conclude(small=own("crops", 1.0, 1.1), large=own("crops", 3.0, 3.1), original=own("images", 5.0, 5.1))
    assert len(found.sentences) == 2
    assert "original is between" in found.sentences[1]


@pytest.mark.parametrize("second", [None, own("crops", 3.0)])
def test_it_needs_two_sources(conclude, second):
    assert conclude(cropped=own("crops", 2.0), other=second).headline == "Not measured."
