"""The settings that change while a training goes on."""

from math import cos, pi
from typing import NamedTuple

from fashiongen.dcgan.params import TrainingParams


class ScheduledValues(NamedTuple):
    """What a step trains with."""

    learning_rate_g: float
    learning_rate_d: float
    beta2: float
    gamma: float  # 0 without a penalty
    augment_prob: float


def values_at(params: TrainingParams, *, done_frac: float) -> ScheduledValues:
    """The values after a share (0 to 1) of the training's steps; they depend on nothing else."""
    gamma = 0.0 if params.penalty is None else params.penalty.gamma
    rates = params.learning_rate_g, params.learning_rate_d
    schedule = params.schedule
    if schedule is None:
        return ScheduledValues(*rates, params.beta2, gamma, params.augment_prob)
    way = (1 - cos(pi * min(1.0, done_frac / schedule.burn_in_frac))) / 2

    def between(start: float, end: float) -> float:
        return start + way * (end - start)

    return ScheduledValues(
        learning_rate_g=between(rates[0], rates[0] * schedule.learning_rate_end_frac),
        learning_rate_d=between(rates[1], rates[1] * schedule.learning_rate_end_frac),
        beta2=between(params.beta2, schedule.beta2_end),
        gamma=between(gamma, gamma * schedule.gamma_end_frac),
        augment_prob=between(params.augment_prob, schedule.augment_prob_end),
    )
