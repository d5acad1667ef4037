"""What the section `evaluate` refuses before anything is measured."""

import pytest
from pydantic import ValidationError

from fashiongen.evaluation.metrics.params import OriginalityParams


@pytest.mark.parametrize("values", [(0, 4), (1, 4), (0.01, -1), (0.01, 65)])
def test_a_rule_for_copies_outside_its_range_is_refused(values):
    with pytest.raises(ValidationError):
        OriginalityParams(copy_quantile=values[0], copy_hash_distance=values[1])
