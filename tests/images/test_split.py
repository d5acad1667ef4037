"""The held-out split."""

import pytest

from fashiongen.images.split import choose_split

SIGNATURES = [f"{n:032x}" for n in range(10_000)]


@pytest.mark.parametrize("frac", [0.0, 0.1, 0.5])
def test_the_asked_fraction_is_held_out(frac):
    """Binomial: five standard deviations are 0.025 at most."""
    held_out = sum(choose_split(name, held_out_frac=frac, seed=7) == "held_out" for name in SIGNATURES)
    assert held_out / len(SIGNATURES) == pytest.approx(frac, abs=0.025 if frac else 0)


def test_a_larger_fraction_holds_out_the_same_and_more():
    small, large = (
        {name for name in SIGNATURES if choose_split(name, held_out_frac=frac, seed=7) == "held_out"}
        for frac in (0.1, 0.2)
    )
    assert small < large


def test_another_seed_is_another_split():
    one, other = ([choose_split(name, held_out_frac=0.5, seed=seed) for name in SIGNATURES] for seed in (7, 8))
    assert 0.4 < sum(a == b for a, b in zip(one, other, strict=True)) / len(SIGNATURES) < 0.6
