"""The diversity of an epoch's samples is a share of that of the real images."""

import pytest
import torch

from fashiongen.dcgan.networks.dcgan import Generator
from fashiongen.dcgan.training import epoch_evaluator
from fashiongen.dcgan.training.epoch_evaluator import build_evaluator

MEANS = (1.0, 1.0, 0.5, 0.5, 0.5)


@pytest.fixture
def evaluate(images, params_with, monkeypatch):
    """Evaluates an epoch whose samples are the given ones."""

    def evaluate(samples):
        monkeypatch.setattr(epoch_evaluator, "sample", lambda generator, n, *, seed: samples)
        params = params_with()
        return build_evaluator(images, params, None).evaluate(Generator(params), 1, MEANS)

    return evaluate


def test_a_generator_of_one_image_is_called_collapsed(evaluate):
    record = evaluate(torch.full((64, 3, 32, 32), 90, dtype=torch.uint8))
    assert (record.diversity, record.collapsed) == (0.0, True)


def test_real_images_are_as_diverse_as_themselves(evaluate, images):
    record = evaluate(images)
    assert (record.diversity, record.collapsed) == (pytest.approx(1.0), False)
