"""Scores of planted sets against closed forms, numpy's own formulas, and what must come out."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate

from fashiongen.errors import TooFewImages
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.score import QualityScore, RealFeatures, measure_distances

PARAMS = QualityParams(generated_images=120, kid_subsets=1, kid_subset_size=120, seed=0)


def draw_features(n: int, dim: int, *, seed: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(n, dim)))


@pytest.fixture
def score_of(mean_colour):
    def score(real, generated, params=PARAMS) -> QualityScore:
        return RealFeatures(real, mean_colour, params).score(generated)

    return score


def unbiased_mmd2(x: np.ndarray, y: np.ndarray) -> float:
    """Bińkowski et al. 2018, eq. 4, pair by pair."""

    def kernel(a, b):
        return (a @ b / len(a) + 1) ** 3

    def mean_of(values):
        values = list(values)
        return sum(values) / len(values)

    return (
        mean_of(kernel(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j)
        + mean_of(kernel(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j)
        - 2 * mean_of(kernel(a, b) for a in x for b in y)
    )


@pytest.mark.parametrize("dim", [2, 3, 16])
def test_kid_of_hand_made_features_is_the_unbiased_polynomial_mmd(dim):
    real, generated = draw_features(60, dim, seed=1), 0.5 + 1.5 * draw_features(60, dim, seed=2)
    params = PARAMS.model_copy(update={"kid_subset_size": 60})
    kid = measure_distances(real=real, generated=generated, params=params).KID
    assert kid == pytest.approx(unbiased_mmd2(generated.numpy(), real.numpy()), rel=1e-9)


@pytest.mark.parametrize("shift", [0, 15, 60])
def test_kid_of_images_is_that_of_their_features(shift, score_of, mean_colour, draw_images):
    real, generated = draw_images(120, seed=1), draw_images(120, seed=2, shift=shift)
    features = [mean_colour.extract(images).numpy() for images in (generated, real)]
    assert pytest.approx(unbiased_mmd2(*features), rel=1e-9, abs=1e-12) == score_of(real, generated).KID


def test_two_draws_of_the_same_kind_score_about_zero_on_both_sides_of_it(score_of, draw_images):
    """The estimate is unbiased: over several pairs its mean is near zero, and some are negative."""
    scores = [score_of(draw_images(120, seed=seed), draw_images(120, seed=seed + 100)).KID for seed in range(8)]
    far = score_of(draw_images(120, seed=1), draw_images(120, seed=2, shift=30)).KID
    assert min(scores) < 0 < max(scores)
    assert abs(np.mean(scores)) < 0.02 * far


def test_a_larger_shift_scores_larger(score_of, draw_images):
    real = draw_images(120, seed=1)
    scores = [score_of(real, draw_images(120, seed=2, shift=shift)).KID for shift in (0, 10, 20, 40, 80)]
    assert scores == sorted(scores)


def test_the_same_images_twice_are_at_no_distance(score_of, mean_colour, draw_images):
    """In an open ball to its 5th neighbour lie an image itself and 4 others: 5 balls of rank 5, a density of 1.

    KID leaves out an image's pair with itself within a set and has it between the sets: it falls below zero by at
    most those pairs' share, 2 / n.
    """
    images = torch.cat([draw_images(60, seed=1, spread=100), draw_images(60, seed=2, spread=100)])
    found = score_of(images, images)
    assert (found.precision, found.recall, found.coverage) == (1.0, 1.0, 1.0)
    assert found.density == pytest.approx(1, abs=0.01)  # equal colours tie
    assert pytest.approx(0, abs=1e-6) == found.FID
    features = mean_colour.extract(images)
    with_itself = (features.square().sum(1) / 3 + 1).pow(3).mean().item()
    assert -2 * with_itself / len(images) < found.KID < 0


def test_dropping_modes_costs_recall_and_coverage_and_not_precision(score_of, draw_images):
    real = torch.cat([draw_images(60, seed=1, spread=5), draw_images(60, seed=2, shift=80, spread=5)])
    one, both = (
        score_of(real, torch.cat([draw_images(60, seed=3, spread=5), draw_images(60, seed=4, shift=shift, spread=5)]))
        for shift in (0, 80)
    )
    assert (one.precision > 0.9, both.precision > 0.9) == (True, True)
    assert one.recall < 0.6 < both.recall
    assert one.coverage < 0.6 < both.coverage


def test_blur_costs_precision_and_density():
    """Textures of high contrast, seen by their raw pixels: blurred ones lie where no sharp one is."""
    side_px, patterns = 8, torch.tensor([[1.0, -1.0], [-1.0, 1.0]]).repeat(4, 4)

    def draw(seed: int) -> torch.Tensor:
        rng = np.random.default_rng(seed)
        strength = torch.from_numpy(rng.uniform(40, 90, size=(120, 1, 1, 1)))
        mean = torch.from_numpy(rng.uniform(110, 140, size=(120, 3, 1, 1)))
        return (mean + strength * patterns).to(torch.uint8)

    real, sharp = draw(1), draw(2)
    blurred = interpolate(avg_pool2d(sharp.float(), 2), size=(side_px, side_px), mode="bilinear").to(torch.uint8)
    features = RealFeatures(real, Extractor(nn.Flatten(), name="pixels"), PARAMS)
    before, after = features.score(sharp), features.score(blurred)
    assert before.precision > 0.8
    assert before.density > 0.6
    assert (after.precision, after.density) == (0, 0)
    assert after.KID > before.KID


@pytest.mark.parametrize("dim", [2, 8])
@pytest.mark.parametrize("shift", [0.0, 1.0, 3.0])
def test_fid_of_a_pure_shift_is_its_squared_length(dim, shift):
    """Equal covariances leave only the distance between the means: dim * shift**2."""
    real = draw_features(120, dim, seed=3)
    fid = measure_distances(real=real, generated=real + shift, params=PARAMS).FID
    assert fid == pytest.approx(dim * shift**2, abs=1e-6)


def test_fid_of_a_pure_stretch_is_that_of_the_standard_deviations():
    """Diagonal covariances: the sum of squared differences of the standard deviations (Dowson & Landau 1982)."""
    real = draw_features(120, 4, seed=3)
    real -= real.mean(0)
    fid = measure_distances(real=real, generated=3 * real, params=PARAMS).FID
    assert fid == pytest.approx(((3 - 1) * real.std(0)).square().sum().item(), rel=1e-6)


def test_fid_is_left_out_where_its_covariance_would_be_singular(draw_images):
    real = draw_images(12, seed=1)
    params = PARAMS.model_copy(update={"kid_subset_size": 10})
    found = RealFeatures(real, Extractor(nn.Flatten(), name="pixels"), params).score(real)
    assert (found.feature_dim, found.FID) == (48, None)


def test_the_spread_is_that_of_the_subsets_and_the_seed_fixes_it(score_of, draw_images):
    real, generated = draw_images(120, seed=1), draw_images(120, seed=2, shift=10)
    params = PARAMS.model_copy(update={"kid_subsets": 30, "kid_subset_size": 40})
    first, again = score_of(real, generated, params), score_of(real, generated, params)
    assert first == again
    assert first.KID_std > 0
    mean_of_subsets, of_all = first.KID, score_of(real, generated).KID
    assert mean_of_subsets == pytest.approx(of_all, abs=4 * first.KID_std / 30**0.5)


def test_the_real_images_are_looked_at_once(mean_colour, draw_images):
    real = RealFeatures(draw_images(150, seed=1), mean_colour, PARAMS)
    first = real.score(draw_images(120, seed=2))
    assert real.score(draw_images(120, seed=2)) == first
    assert mean_colour.module.seen == 150 + 2 * 120


def test_a_score_names_its_extractor(score_of, mean_colour, draw_images):
    found = score_of(draw_images(120, seed=1), draw_images(130, seed=2))
    assert (found.extractor, found.extractor_sha256) == ("mean colour", mean_colour.sha256)
    assert (found.feature_dim, found.real_images, found.generated_images) == (3, 120, 130)


def test_too_few_images_for_a_subset_are_refused(score_of, draw_images):
    with pytest.raises(TooFewImages, match="119 real images, 120 needed"):
        score_of(draw_images(119, seed=1), draw_images(120, seed=2))
    with pytest.raises(TooFewImages, match="119 generated images, 120 needed"):
        score_of(draw_images(120, seed=1), draw_images(119, seed=2))
