"""Scores of planted sets against numpy's own KID and against what must come out."""

import numpy as np
import pytest
import torch
from torch import nn

from fashiongen.errors import TooFewImages
from fashiongen.quality.extractor import hash_module
from fashiongen.quality.params import QualityParams
from fashiongen.quality.score import QualityScore, score

SIDE_PX = 4
PARAMS = QualityParams(generated_images=120, kid_subsets=1, kid_subset_size=120, seed=0)


class MeanColour(nn.Module):
    """Three features per image, of a scale at which the cubic kernel tells colours apart."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("scale", torch.tensor(64.0))

    def forward(self, images):
        return images.float().mean((2, 3)) / self.scale


def draw_images(n: int, *, seed: int, shift: int = 0, spread: int = 40) -> torch.Tensor:
    """Images of one colour each: around 100 + shift, `spread` to either side."""
    rng = np.random.default_rng(seed)
    colours = 100 + shift + rng.integers(-spread, spread + 1, size=(n, 3, 1, 1))
    return torch.from_numpy(np.broadcast_to(colours, (n, 3, SIDE_PX, SIDE_PX)).astype(np.uint8))


def score_of(real, generated, params=PARAMS) -> QualityScore:
    extractor = MeanColour()
    return score(real=real, generated=generated, extractor=extractor, extractor_name="mean colour", params=params)


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


@pytest.mark.parametrize("shift", [0, 15, 60])
def test_kid_over_all_images_is_the_unbiased_polynomial_mmd(shift):
    real, generated = draw_images(120, seed=1), draw_images(120, seed=2, shift=shift)
    features = [MeanColour()(images).double().numpy() for images in (generated, real)]
    kid = score_of(real, generated).KID
    assert kid == pytest.approx(unbiased_mmd2(*features), rel=1e-9, abs=1e-12)


def test_two_draws_of_the_same_kind_score_about_zero_on_both_sides_of_it():
    """The estimate is unbiased: over several pairs its mean is near zero, and some are negative."""
    scores = [score_of(draw_images(120, seed=seed), draw_images(120, seed=seed + 100)).KID for seed in range(8)]
    far = score_of(draw_images(120, seed=1), draw_images(120, seed=2, shift=30)).KID
    assert min(scores) < 0 < max(scores)
    assert abs(np.mean(scores)) < 0.02 * far


def test_a_larger_shift_scores_larger():
    real = draw_images(120, seed=1)
    scores = [score_of(real, draw_images(120, seed=2, shift=shift)).KID for shift in (0, 10, 20, 40, 80)]
    assert scores == sorted(scores)


def test_the_same_images_twice_have_full_precision_and_recall():
    images = draw_images(120, seed=1)
    found = score_of(images, images)
    assert (found.precision, found.recall) == (1.0, 1.0)
    fid = found.FID
    assert fid == pytest.approx(0, abs=1e-6)


def test_dropping_modes_costs_recall_and_not_precision():
    real = torch.cat([draw_images(60, seed=1, spread=5), draw_images(60, seed=2, shift=80, spread=5)])
    found = score_of(real, draw_images(120, seed=3, spread=5))
    assert found.precision > 0.9
    assert found.recall < 0.6


def test_fid_of_a_pure_shift_is_its_squared_length():
    """Equal covariances leave the distance between the means: 3 colours * (32 / 64)**2."""
    real = draw_images(120, seed=1)
    fid = score_of(real, real + 32).FID
    assert fid == pytest.approx(3 * 0.25, abs=1e-6)


def test_fid_is_left_out_where_its_covariance_would_be_singular():
    real = draw_images(12, seed=1)
    params = PARAMS.model_copy(update={"kid_subset_size": 10})
    wide = nn.Sequential(nn.Flatten())
    found = score(real=real, generated=real, extractor=wide, extractor_name="pixels", params=params)
    assert (found.feature_dim, found.FID) == (48, None)


def test_the_spread_is_that_of_the_subsets_and_the_seed_fixes_it():
    real, generated = draw_images(120, seed=1), draw_images(120, seed=2, shift=10)
    params = PARAMS.model_copy(update={"kid_subsets": 30, "kid_subset_size": 40})
    first, again = score_of(real, generated, params), score_of(real, generated, params)
    assert first == again
    assert first.KID_std > 0
    mean_of_subsets, of_all = first.KID, score_of(real, generated).KID
    assert mean_of_subsets == pytest.approx(of_all, abs=4 * first.KID_std / 30**0.5)


def test_a_score_names_its_extractor():
    found = score_of(draw_images(120, seed=1), draw_images(130, seed=2))
    assert found.extractor == "mean colour"
    assert found.extractor_sha256 == hash_module(MeanColour())
    assert (found.real_images, found.generated_images) == (120, 130)


def test_too_few_images_for_a_subset_are_refused():
    with pytest.raises(TooFewImages, match="119 real images, 120 needed"):
        score_of(draw_images(119, seed=1), draw_images(120, seed=2))
