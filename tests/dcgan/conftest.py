"""What every test of the trainer shares: torch is left as it was found."""

import pytest
import torch


@pytest.fixture(autouse=True)
def determinism_restored():
    """`build_fabric` asks torch for deterministic kernels, for the whole process."""
    before = torch.are_deterministic_algorithms_enabled()
    yield
    torch.use_deterministic_algorithms(before)
