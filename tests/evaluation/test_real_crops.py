"""Images measured against held-out crops: Inception's measures stand beside the detectors', and change none of them."""

import pytest
import torch
from torch import nn

from fashiongen.evaluation.measurements import six_digits
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.patches import PatchDistance
from fashiongen.evaluation.metrics.score import KIDScorer, RealFeatures
from fashiongen.evaluation.real_crops import RealImages

PARAMS = QualityParams(generated_images=60, kid_subsets=10, kid_subset_size=50, seed=0)


class Darkest(nn.Module):
    """The darkest value of each channel."""

    def forward(self, images):
        return images.float().amin((2, 3)) / 64


def draw(n: int, *, seed: int, below: int):
    return torch.randint(below, (n, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def score(mean_colour):
    real, images = draw(80, seed=1, below=256), draw(60, seed=2, below=200)

    def score(inception: RealFeatures | None):
        colours = KIDScorer(real, mean_colour, PARAMS)
        patches = PatchDistance(real, seed=0)
        prepared = RealImages(RealFeatures(real, mean_colour, PARAMS), inception, {"one": colours}, patches, 0.0)
        return prepared.score(images)

    return score, real, images


def test_where_inception_is_given_its_kid_and_fid_stand_beside_the_others(score):
    measure, real, images = score
    inception = RealFeatures(real, Extractor(Darkest(), name="darkest"), PARAMS)
    expected = inception.score(images)
    found, without = measure(inception), measure(None)
    assert (found.KID_inception, found.FID) == (six_digits(expected.KID), six_digits(expected.FID))
    assert found.KID_inception != found.KID
    assert found.model_copy(update={"KID_inception": None, "FID": None}) == without


def test_without_inception_there_is_neither(score):
    measure, *_ = score
    assert (measure(None).KID_inception, measure(None).FID) == (None, None)
