"""The smallest training, and the images that it trains on."""

from collections.abc import Callable

import pytest
import torch

from fashiongen.dcgan.params import TrainingParams


@pytest.fixture(scope="session")
def params_with(training_values) -> Callable[..., TrainingParams]:
    """The params of the smallest training, with changes."""
    return lambda **changes: TrainingParams.model_validate(training_values | changes)


@pytest.fixture
def images() -> torch.Tensor:
    """Twenty images: two full batches of eight, and four that fill no third one."""
    return torch.randint(0, 256, (20, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
