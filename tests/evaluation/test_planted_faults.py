"""KID in a network's features, recall, coverage and sharpness on gowns with planted faults: what each sees."""

import functools

import pytest
import torch

from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.score import RealFeatures
from fashiongen.evaluation.metrics.sharpness import sharpness

PARAMS = QualityParams(generated_images=120, kid_subsets=20, kid_subset_size=100, seed=0)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scores(real, training, plant, random_backbone):
    """Gives the scores of images without a fault, with a clear one, and with a strong one, by a random backbone.

    A weak fault moves the shares of a hundred images by less than another sample does.
    """
    measure = RealFeatures(real, random_backbone, PARAMS).score
    clean = measure(training)
    return functools.cache(lambda fault: [clean, *map(measure, plant(fault, training)[1:])])


def test_kid_rises_with_every_fault(scores, fault):
    found = [score.KID for score in scores(fault)]
    assert found == sorted(found)


def test_coverage_falls_with_every_fault(scores, fault):
    found = [score.coverage for score in scores(fault)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0] / 2


@pytest.mark.parametrize("fault", ["blur", "gray", "shuffled parts", "dropped modes", "copies"])
def test_recall_falls_with_what_images_lose(scores, fault):
    found = [score.recall for score in scores(fault)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0] / 2


@pytest.mark.parametrize(
    ("fault", "rises"),
    [("noise", True), ("checkerboard", True), ("shuffled parts", True), ("blur", False), ("gray", False)],
)
def test_sharpness_rises_with_grain_and_falls_with_blur(training, plant, fault, rises):
    found = [sharpness(images) for images in (training, *plant(fault, training))]
    assert found == sorted(found, reverse=not rises)
    assert len(set(found)) == len(found)


def test_sharpness_of_a_checkerboard_is_eight_times_its_amplitude():
    """Each pixel differs by twice the amplitude from its four neighbours."""
    board = torch.tensor([[100, 140], [140, 100]], dtype=torch.uint8).repeat(8, 8)
    assert sharpness(board.expand(2, 3, 16, 16)) == pytest.approx(8 * 20)
