"""A small generator whose running statistics are not the initial ones."""

import pytest
import torch

from fashiongen.dcgan.networks.dcgan import Generator


@pytest.fixture
def generator(small_shape) -> Generator:
    torch.manual_seed(0)
    generator = Generator(small_shape)
    generator(torch.randn(8, 5, 1, 1))
    return generator.eval()
