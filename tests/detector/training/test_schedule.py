"""The learning rate against PyTorch's own schedules and the study's numbers."""

import pytest
import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import ChainedScheduler, LinearLR, MultiStepLR

from fashiongen.detector.training.schedule import learning_rate


def test_it_is_pytorchs_multi_step_under_a_linear_warm_up(training):
    params = training.model_copy(
        update={"base_lr": 0.4, "warmup_iterations": 7, "warmup_factor": 0.25, "steps_iterations": [5, 20, 30]}
    )
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.4)
    schedule = ChainedScheduler(
        [LinearLR(optimizer, start_factor=0.25, total_iters=7), MultiStepLR(optimizer, [5, 20, 30], gamma=0.1)]
    )
    for iteration in range(40):
        assert learning_rate(iteration, params) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()


@pytest.mark.parametrize(
    ("iteration", "rate"), [(0, 2.5e-6), (1000, 2.5e-3), (19_999, 2.5e-3), (20_000, 2.5e-4), (40_000, 2.5e-5)]
)
def test_it_follows_the_study(training, iteration, rate):
    study = {"base_lr": 0.0025, "warmup_iterations": 1000, "warmup_factor": 0.001, "steps_iterations": [20_000, 40_000]}
    assert learning_rate(iteration, training.model_copy(update=study)) == pytest.approx(rate)


def test_no_warm_up_starts_at_the_full_rate(training):
    params = training.model_copy(update={"warmup_iterations": 0})
    assert learning_rate(0, params) == params.base_lr
