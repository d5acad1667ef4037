"""A small generator whose running statistics are not the initial ones."""

import pytest
import torch

from fashiongen.dcgan.networks import Generator


@pytest.fixture
def generator() -> Generator:
    torch.manual_seed(0)
    generator = Generator(latent_dim=5, ngf=2, side_px=32)
    generator(torch.randn(8, 5, 1, 1))
    return generator.eval()
