"""KID in a network's features, recall, coverage and sharpness on gowns with planted faults: what each sees."""

import pytest
import torch

from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.purpose import ForWeights
from fashiongen.evaluation.metrics.backbone import BackboneFeatures
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.score import RealFeatures
from fashiongen.evaluation.metrics.sharpness import sharpness

PARAMS = QualityParams(generated_images=120, kid_subsets=20, kid_subset_size=100, seed=0)


@pytest.fixture(scope="module")
def measure(real, small_detector):
    """Scores in the features of a small backbone of random weights."""
    torch.manual_seed(0)
    body = build_network("resnet18", small_detector, ForWeights(), categories=3).body
    features = RealFeatures(real, Extractor(BackboneFeatures(body, side_px=64), name="random"), PARAMS)
    return features.score


@pytest.mark.parametrize(
    "fault", ["noise", "checkerboard", "blur", "gray", "shuffled parts", "dropped modes", "copies"]
)
def test_kid(measure, training, plant, fault):
    found = [measure(images).KID for images in plant(fault, training)]
    print(fault, measure(training).KID, found)


@pytest.mark.parametrize(
    "fault", ["noise", "checkerboard", "blur", "gray", "shuffled parts", "dropped modes", "copies"]
)
def test_rc(measure, training, plant, fault):
    found = [measure(images) for images in plant(fault, training)]
    print(
        fault,
        measure(training).recall,
        [f.recall for f in found],
        measure(training).coverage,
        [f.coverage for f in found],
        sharpness(training),
        [sharpness(i) for i in plant(fault, training)],
    )
