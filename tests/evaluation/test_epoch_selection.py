"""The distance that selects an epoch: nearer images have a smaller one, and no fault hides from it."""

from pathlib import Path
from statistics import fmean

import pytest
import torch
from torch import nn

from fashiongen import config
from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.training.records import KID_FLOOR, EpochDistances, EpochRecord
from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.model_folder import ModelCard, write_model
from fashiongen.detector.networks.purpose import ForWeights
from fashiongen.evaluation.metrics.epoch_selection import DistanceMeter, build_distance_meter
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.patches import PatchDistance
from fashiongen.evaluation.metrics.score import KIDScorer

ROOT = Path(__file__).parents[2]
PARAMS = QualityParams(generated_images=120, kid_subsets=20, kid_subset_size=100, seed=0)
MEANS = {"Loss_D": 1.0, "Loss_G": 1.0, "D_x": 0.5, "D_G_z1": 0.5, "D_G_z2": 0.5}
COUNTS = {"epoch": 1, "images_seen": 1, "height_px": 64, "diversity": 1.0, "collapsed": False}


def score(distances) -> float:
    return EpochRecord(**MEANS, **COUNTS, **distances._asdict()).score


class Blind(nn.Module):
    """A detector that is fooled by everything: each image has the same features."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("features", torch.ones(4))

    def forward(self, images):
        return self.features.expand(len(images), 4)


@pytest.fixture(scope="module")
def meter(real, random_backbone):
    extractors = {"seeing": random_backbone, "blind": Extractor(Blind(), name="blind")}
    scorers = {name: KIDScorer(real, extractor, PARAMS) for name, extractor in extractors.items()}
    return DistanceMeter(PatchDistance(real, seed=0), scorers)


@pytest.mark.slow
def test_the_kid_is_the_one_of_the_detector_that_sees_most(meter, training, plant):
    darker = plant("gray", training)[-1] // 2
    found = meter(darker)
    assert found.KID_worst == meter.detectors["seeing"](darker) > 0.01
    assert meter.detectors["blind"](darker) == pytest.approx(0.0, abs=1e-6)
    assert fmean(meter.patches(darker).values()) == found.SWD


@pytest.mark.slow
def test_every_fault_scores_worse_than_training_images_in_order_of_its_strength(meter, training, plant, fault):
    found = [score(meter(images)) for images in (training, *plant(fault, training))]
    assert found == sorted(found)
    assert found[-1] > 2 * found[0]


@pytest.mark.parametrize("kid", [-0.01, 0.0, KID_FLOOR])
def test_a_kid_that_real_images_have_by_chance_counts_as_the_floor(kid):
    assert EpochDistances(SWD=40.0, KID_worst=kid).product == pytest.approx(40.0 * KID_FLOOR)


def test_a_collapsed_epoch_is_not_kept_however_near_its_images_are():
    assert EpochRecord(**MEANS, **(COUNTS | {"collapsed": True}), SWD=1.0, KID_worst=0.0).score is None


def test_kid_does_not_outweigh_the_patches():
    """As in a run of the demo, in which the images of the later epoch have sharp outlines and clean colours."""
    early, late = (
        EpochRecord(**MEANS, **COUNTS, SWD=swd, KID_worst=kid) for swd, kid in ((112.5, 0.006), (85.5, 0.017))
    )
    assert late.score < early.score


def test_an_epoch_that_is_not_measured_has_no_score():
    assert EpochRecord(**MEANS, **COUNTS, SWD=None, KID_worst=None).score is None


@pytest.mark.slow
def test_each_detector_of_the_folders_is_asked(tmp_path, small_detector, real):
    card = ModelCard(
        engine="torchvision", backbone="resnet18", categories={1: "a", 2: "b", 3: "c"}, model=small_detector
    )
    folders = {name: tmp_path / name for name in ("one", "two")}
    for folder in folders.values():
        write_model(folder, card, build_network("resnet18", small_detector, ForWeights(), categories=3).named_weights())
    params = config.load(DcganParams, "dcgan.variants.cropped", ROOT / "params.yaml")
    meter = build_distance_meter(real, params, detectors=folders)
    assert list(meter.detectors) == ["one", "two"]
    names = {scorer.extractor.sha256 for scorer in meter.detectors.values()}
    assert len(names) == 2
    without = params.model_copy(update={"selection": None})
    assert build_distance_meter(real, without, detectors={}) is None
