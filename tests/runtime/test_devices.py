"""Device, precision and random seeds of a training."""

import pytest
import torch

from fashiongen.errors import ConfigError
from fashiongen.runtime.devices import build_fabric
from fashiongen.runtime.params import RuntimeParams


def test_a_fabric_seeds_every_generator():
    params = RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="32-true")
    draws = []
    for _ in range(2):
        fabric = build_fabric(params, seed=7)
        draws.append(torch.rand(3))
    assert torch.equal(*draws)
    assert fabric.device.type == "cpu"
    assert torch.are_deterministic_algorithms_enabled()


def test_half_precision_that_a_processor_does_not_do_is_refused():
    """Fabric would take bf16 in its place."""
    with pytest.raises(ConfigError, match="16-mixed needs a GPU"):
        build_fabric(RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="16-mixed"), seed=7)
