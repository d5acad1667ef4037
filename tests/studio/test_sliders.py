"""The planted directions are found, and named by what they do."""

import pytest
import torch
from torch.nn.functional import cosine_similarity

from fashiongen.studio.sliders import find_sliders
from tests.studio.conftest import BREADTH, HEM, LATENT_DIM, LENGTH, SCALES

AXES = torch.eye(LATENT_DIM)


@pytest.fixture(scope="module")
def sliders(generator):
    return find_sliders(generator)


def test_the_directions_are_those_of_the_features_the_largest_first(sliders):
    order = sorted(range(LATENT_DIM - 1), key=lambda axis: -SCALES[axis])
    for slider, axis in zip(sliders, order, strict=False):
        assert abs(float(cosine_similarity(slider.direction, AXES[axis], dim=0))) > 0.97


def test_they_are_named_by_what_they_change_most(sliders):
    def of(axis):
        return max(sliders, key=lambda slider: abs(float(slider.direction @ AXES[axis])))

    for axis, name in ((LENGTH, "longer"), (BREADTH, "wider"), (HEM, "wider hem")):
        slider = of(axis)
        assert slider.more.startswith(name)
        assert slider.direction[axis] > 0


def test_each_name_is_given_once_and_each_run_finds_the_same(generator, sliders):
    assert len({slider.more for slider in sliders}) == len(sliders) == LATENT_DIM
    for one, other in zip(sliders, find_sliders(generator), strict=True):
        assert torch.equal(one.direction, other.direction)
        assert (one.less, one.more) == (other.less, other.more)
