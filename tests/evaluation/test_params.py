"""What the section `evaluate` refuses before anything is measured."""

import pytest
from pydantic import ValidationError

from fashiongen.evaluation.metrics.params import ExtractorParams, OriginalityParams


def test_inception_needs_a_file():
    with pytest.raises(ValidationError, match="set inception_weights to the path of its file"):
        ExtractorParams(extractor="inception", inception_weights=None, features_side_px=128)


def test_the_backbone_needs_none():
    assert ExtractorParams(extractor="backbone", inception_weights=None, features_side_px=128).extractor == "backbone"


@pytest.mark.parametrize("values", [(0, 4), (1, 4), (0.01, -1), (0.01, 65)])
def test_a_rule_for_copies_outside_its_range_is_refused(values):
    with pytest.raises(ValidationError):
        OriginalityParams(copy_quantile=values[0], copy_hash_distance=values[1])
