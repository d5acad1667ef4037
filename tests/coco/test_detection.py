"""Detections are kept by their score."""

import pytest

from fashiongen.coco.detection import Detection, keep_confident


@pytest.mark.parametrize(("min_score", "kept"), [(0.0, [0.2, 0.5, 0.9]), (0.5, [0.5, 0.9]), (0.51, [0.9]), (1.0, [])])
def test_detections_of_at_least_that_score_are_kept_in_their_order(min_score, kept):
    detections = [Detection(1, 1, (0.0, 0.0, 1.0, 1.0), score) for score in (0.2, 0.5, 0.9)]
    assert [one.score for one in keep_confident(detections, min_score=min_score)] == kept
