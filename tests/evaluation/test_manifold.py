"""Density and coverage against loops over their definitions, and in cases whose answer is known."""

import numpy as np
import pytest
import torch

from fashiongen.evaluation.metrics.manifold import NEIGHBOURHOOD, density_and_coverage


def draw(n: int, *, seed: int, shift: float = 0, spread: float = 1, dim: int = 6) -> torch.Tensor:
    return torch.from_numpy(shift + spread * np.random.default_rng(seed).normal(size=(n, dim)))


def by_loops(real, generated, k) -> tuple[float, float]:
    """Naeem et al. 2020, eq. 5 and 7, ball by ball, for no more generated than real images."""
    real, generated = real.numpy(), generated.numpy()
    balls_entered, covered = 0, 0
    for i, centre in enumerate(real):
        to_others = sorted(float(np.sqrt(((centre - x) ** 2).sum())) for j, x in enumerate(real) if j != i)
        entered = sum(float(np.sqrt(((centre - y) ** 2).sum())) < to_others[k - 1] for y in generated)
        balls_entered += entered
        covered += entered > 0
    return balls_entered / (k * len(generated)), covered / len(real)


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize(("shift", "spread"), [(0, 1), (0.5, 1), (0, 0.3), (2, 1.5)])
def test_they_are_what_their_definitions_count(k, shift, spread):
    real, generated = draw(50, seed=1), draw(45, seed=2, shift=shift, spread=spread)
    found = density_and_coverage(real, generated, neighbourhood=k)
    assert found == pytest.approx(by_loops(real, generated, k), abs=1e-12)


@pytest.mark.parametrize("k", [1, 4])
def test_a_set_has_density_and_coverage_one_in_itself(k):
    """Each open ball holds its centre and the k - 1 nearer others."""
    real = draw(80, seed=1)
    assert density_and_coverage(real, real, neighbourhood=k) == pytest.approx((1, 1), abs=1e-12)


@pytest.mark.parametrize("times", [1, 3])
def test_another_draw_has_density_one_and_the_coverage_of_equal_distributions(times):
    """For n images each, no other falls into a ball of rank k with prod_{j<k} (n - 1 - j) / (2n - 1 - j).

    Naeem et al. 2020, lemma 2: the k nearest of the 2n - 1 others are then all real. More images change nothing.
    """
    n, k = 60, NEIGHBOURHOOD
    found = np.array(
        [
            density_and_coverage(draw(n, seed=seed), draw(times * n + 7, seed=1000 + seed), neighbourhood=k)
            for seed in range(200)
        ]
    )
    expected = 1 - np.prod([(n - 1 - j) / (2 * n - 1 - j) for j in range(k)])
    errors = found.std(axis=0) / len(found) ** 0.5
    assert abs(found[:, 0].mean() - 1) < 4 * errors[0]
    assert abs(found[:, 1].mean() - expected) < 4 * errors[1]


def test_the_order_of_the_generated_images_does_not_matter_much():
    """Two modes one after the other: each part has both."""
    real = torch.cat([draw(50, seed=1), draw(50, seed=2, shift=50)])
    sorted_by_mode = torch.cat([draw(300, seed=3), draw(300, seed=4, shift=50)])
    shuffled = sorted_by_mode[torch.randperm(600, generator=torch.Generator().manual_seed(0))]
    one, other = (density_and_coverage(real, images, neighbourhood=5) for images in (sorted_by_mode, shuffled))
    assert one.density == pytest.approx(other.density, abs=1e-12)
    assert one.coverage == pytest.approx(other.coverage, abs=0.04)


def test_one_mode_of_two_covers_one_half():
    real = torch.cat([draw(100, seed=1), draw(100, seed=2, shift=50)])
    found = density_and_coverage(real, draw(200, seed=3), neighbourhood=NEIGHBOURHOOD)
    assert 0.45 < found.coverage <= 0.5
    assert 0.7 < found.density < 1.3


def test_crowding_the_densest_place_raises_density_above_one_and_covers_little():
    found = density_and_coverage(draw(100, seed=1), draw(100, seed=2, spread=0.1), neighbourhood=NEIGHBOURHOOD)
    assert found.density > 1.5
    assert found.coverage < 0.6


def test_far_images_have_none():
    found = density_and_coverage(draw(40, seed=1), draw(40, seed=2, shift=100), neighbourhood=NEIGHBOURHOOD)
    assert found == (0, 0)
