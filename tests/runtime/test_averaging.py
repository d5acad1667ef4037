"""The averaged generator: its half-life, its ramp, and the running statistics that it must carry."""

import pytest
import torch
from torch import nn

from fashiongen.runtime.averaging import Average, ema_decay


def network(value: float) -> nn.Sequential:
    built = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    for tensor in built.state_dict().values():
        tensor.fill_(value)
    return built


def test_after_one_half_life_half_of_the_old_weights_are_left():
    average = Average(network(1.0), halflife_images=128.0)
    for _ in range(8):
        average.update(network(0.0), batch_size=16, images_seen=10**6)
    floats = [tensor for tensor in average.state_dict().values() if tensor.is_floating_point()]
    assert torch.cat([tensor.flatten() for tensor in floats]).tolist() == pytest.approx([0.5] * 14)


def test_running_statistics_are_averaged_with_the_weights():
    average = Average(network(1.0), halflife_images=16.0)
    average.update(network(3.0), batch_size=16, images_seen=10**6)
    assert average.network[1].running_mean.tolist() == average.network[1].running_var.tolist() == [2.0, 2.0]


@pytest.mark.parametrize(("images_seen", "kept"), [(0, 0.0), (160, 0.5**2), (1600, 0.5**0.2), (10**6, 0.5**0.016)])
def test_the_half_life_grows_to_its_length_at_a_twentieth_of_the_images_seen(images_seen, kept):
    assert ema_decay(batch_size=16, halflife_images=1000.0, images_seen=images_seen) == pytest.approx(kept)


def test_the_average_is_a_copy_that_does_not_learn_and_draws_in_evaluation_mode():
    trained = network(1.0).train()
    average = Average(trained, halflife_images=128.0).network
    trained[0].weight.data.zero_()
    assert average[0].weight.tolist() == [[1, 1], [1, 1]]
    assert not average.training
    assert not any(weight.requires_grad for weight in average.parameters())
