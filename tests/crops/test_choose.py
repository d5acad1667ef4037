"""Of an image's detections, the best of the label above the score, or none."""

import pytest

from fashiongen.coco.detection import Detection
from fashiongen.crops.choose import choose
from fashiongen.crops.params import CropParams

UPPER, LOWER, FULL = 1, 2, 3
PARAMS = CropParams(label="full", min_score=0.5, padding_frac=0.0, aspect=None, cutout=None, checkpoint_every_s=60)


def detection(category_id, score, x=0.0):
    return Detection(image_id=1, category_id=category_id, bbox=(x, 0.0, 10.0, 20.0), score=score)


def test_the_best_of_the_label_is_chosen_though_another_label_scores_higher():
    best = detection(FULL, 0.8)
    assert choose([detection(UPPER, 0.99), detection(FULL, 0.6), best, detection(FULL, 0.7)], PARAMS) == best


@pytest.mark.parametrize("detections", [[], [detection(UPPER, 0.9), detection(LOWER, 0.9)], [detection(FULL, 0.49)]])
def test_nothing_is_chosen_without_the_label_or_below_the_score(detections):
    assert choose(detections, PARAMS) is None


def test_the_threshold_itself_is_enough():
    assert choose([detection(FULL, 0.5)], PARAMS) is not None


def test_of_equals_the_first_is_chosen():
    first, second = detection(FULL, 0.7, x=1.0), detection(FULL, 0.7, x=2.0)
    assert choose([first, second], PARAMS) == first
