"""The losses against torch's own, against their definitions, and at their ends."""

import math

import pytest
import torch
from torch.nn.functional import binary_cross_entropy

from fashiongen.dcgan.training.losses import (
    gradient_penalty,
    loss_of_generator,
    loss_of_pairs,
    loss_on_fake,
    loss_on_real,
)


@pytest.fixture
def logits() -> torch.Tensor:
    return torch.linspace(-4, 4, 9)


def test_bce_is_the_cross_entropy_of_the_probabilities(logits):
    real, fake = torch.ones(9), torch.zeros(9)
    torch.testing.assert_close(loss_on_real(logits, "bce"), binary_cross_entropy(logits.sigmoid(), real))
    torch.testing.assert_close(loss_on_fake(logits, "bce"), binary_cross_entropy(logits.sigmoid(), fake))
    torch.testing.assert_close(loss_of_generator(logits, "bce"), binary_cross_entropy(logits.sigmoid(), real))


def test_a_discriminator_that_is_sure_beyond_float32_still_teaches_the_generator():
    """On probabilities the gradient would be cut off: log(0)."""
    sure = torch.full((4,), -200.0, requires_grad=True)
    loss = loss_of_generator(sure, "bce")
    loss.backward()
    assert loss.item() == pytest.approx(200)
    assert sure.grad.tolist() == pytest.approx([-0.25] * 4)


def test_a_hinge_costs_nothing_beyond_its_margin():
    assert float(loss_on_real(torch.tensor([1.0, 5.0]), "hinge")) == 0
    assert float(loss_on_real(torch.tensor([0.0, -1.0]), "hinge")) == 1.5
    assert float(loss_on_fake(torch.tensor([-1.0, -5.0]), "hinge")) == 0
    assert float(loss_on_fake(torch.tensor([0.0, 1.0]), "hinge")) == 1.5
    assert float(loss_of_generator(torch.tensor([2.0, 4.0]), "hinge")) == -3


def test_a_pair_costs_the_cross_entropy_of_the_difference(logits):
    """By hand: log 2 for equals, log(1 + 1/e) and log(1 + e) where one is above or below the other by 1."""
    assert float(loss_of_pairs(better=logits, worse=logits)) == pytest.approx(math.log(2))
    assert float(loss_of_pairs(better=logits + 1, worse=logits)) == pytest.approx(math.log1p(math.exp(-1)))
    assert float(loss_of_pairs(better=logits, worse=logits + 1)) == pytest.approx(math.log1p(math.e))
    expected = binary_cross_entropy((logits - logits.flip(0)).sigmoid(), torch.ones(9))
    torch.testing.assert_close(loss_of_pairs(better=logits, worse=logits.flip(0)), expected)


def test_the_penalty_of_a_linear_discriminator_is_half_its_squared_weights():
    """At real images it is R1, at fake ones R2: the gradient is the same everywhere."""
    weights = torch.randn(3, 4, 4, generator=torch.Generator().manual_seed(0), requires_grad=True)
    images = torch.rand(5, 3, 4, 4, requires_grad=True)
    penalty = gradient_penalty((images * weights).sum((1, 2, 3)), images)
    assert penalty.item() == pytest.approx(weights.square().sum().item() / 2, rel=1e-5)
    penalty.backward()
    torch.testing.assert_close(weights.grad, weights.detach())
