"""The values of a schedule at its beginning, in its middle and after it, and in an optimiser."""

import pytest

from fashiongen.dcgan.training.schedule import ScheduledValues, values_at
from fashiongen.dcgan.training.trainer import DcganTrainer
from fashiongen.runtime.devices import build_fabric

SCHEDULE = {
    "burn_in_frac": 0.5,
    "learning_rate_end_frac": 0.25,
    "gamma_end_frac": 0.1,
    "beta2_end": 0.99,
    "augment_prob_end": 0.3,
}
START = {"learning_rate_g": 0.0004, "learning_rate_d": 0.0002, "beta2": 0.9, "augment_prob": 0.0}
PENALTY = {"gamma": 2.0, "every_steps": 1, "at": "real"}


@pytest.mark.parametrize(
    ("done_frac", "expected"),
    [
        (0.0, ScheduledValues(0.0004, 0.0002, 0.9, 2.0, 0.0)),
        (0.25, ScheduledValues(0.00025, 0.000125, 0.945, 1.1, 0.15)),
        (0.5, ScheduledValues(0.0001, 0.00005, 0.99, 0.2, 0.3)),
        (1.0, ScheduledValues(0.0001, 0.00005, 0.99, 0.2, 0.3)),
    ],
)
def test_values_reach_their_end_after_the_burn_in_and_their_mean_half_way(params_with, done_frac, expected):
    params = params_with(**START, penalty=PENALTY, schedule=SCHEDULE)
    assert values_at(params, done_frac=done_frac) == pytest.approx(expected)


def test_values_move_along_half_a_cosine(params_with):
    """After a third of the way by a quarter: (1 - cos 60 degrees) / 2."""
    values = values_at(params_with(**START, schedule=SCHEDULE), done_frac=0.5 / 3)
    assert values.beta2 == pytest.approx(0.9 + 0.09 / 4)
    assert values.gamma == 0.0  # there is no penalty


@pytest.mark.parametrize("done_frac", [0.0, 0.3, 1.0])
def test_without_a_schedule_the_values_are_the_settings(params_with, done_frac):
    params = params_with(**START, penalty=PENALTY)
    assert values_at(params, done_frac=done_frac) == (0.0004, 0.0002, 0.9, 2.0, 0.0)


def test_both_optimisers_take_the_values(params_with):
    params = params_with(beta1=0.1)
    trainer = DcganTrainer(params, build_fabric(params.runtime, seed=3))
    trainer.set_optimizers(ScheduledValues(0.3, 0.2, beta2=0.7, gamma=0.0, augment_prob=0.0))
    of_both = [optimizer.param_groups[0] for optimizer in (trainer.optimizer_g, trainer.optimizer_d)]
    assert [(group["lr"], group["betas"]) for group in of_both] == [(0.3, (0.1, 0.7)), (0.2, (0.1, 0.7))]
