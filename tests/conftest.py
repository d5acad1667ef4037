"""What the tests of several packages share."""

import pytest

from fashiongen.dcgan.params import NetworkParams


@pytest.fixture(scope="session")
def small_shape() -> NetworkParams:
    """The study's networks, as narrow as they go."""
    return NetworkParams(
        side_px=32, latent_dim=5, ngf=2, ndf=2, kernel_px=4, layers_per_side=1, dropout_g=0, norm_d="batch"
    )
