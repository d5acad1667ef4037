"""What the tests of several packages share."""

import pytest
import torch

from fashiongen.dcgan.params import NetworkParams


@pytest.fixture(scope="session")
def small_shape() -> NetworkParams:
    """The study's networks, as narrow as they go."""
    return NetworkParams(
        side_px=32, latent_dim=5, ngf=2, ndf=2, kernel_px=4, layers_per_side=1, dropout_g=0, norm_d="batch"
    )


@pytest.fixture(autouse=True)
def determinism_restored():
    """`build_fabric` asks torch for deterministic kernels, for the whole process: the next test finds it as it was."""
    before = torch.are_deterministic_algorithms_enabled()
    yield
    torch.use_deterministic_algorithms(before)
