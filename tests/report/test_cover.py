"""Which variant opens the report."""

from dataclasses import replace

import pytest

from fashiongen.evaluation.records import DcganMetrics


@pytest.mark.parametrize(
    ("kid_of_second", "precision_of_second", "cover"),
    [(0.005, 0.9, "subset"), (0.005, 0.5, "cropped"), (0.02, 0.9, "cropped")],
)
def test_the_most_precise_of_those_as_near_as_the_nearest_opens_it(evidence, kid_of_second, precision_of_second, cover):
    """A KID of 0.004 with a spread of 0.003 cannot be told from 0.005, and can from 0.02."""
    one = evidence.dcgan.variants["cropped"]
    variants = {
        "cropped": one.model_copy(update={"KID": 0.004, "KID_std": 0.003, "precision": 0.6}),
        "subset": one.model_copy(update={"KID": kid_of_second, "precision": precision_of_second}),
    }
    dcgan = DcganMetrics(measurement_settings=evidence.dcgan.measurement_settings, variants=variants)
    assert replace(evidence, dcgan=dcgan).cover == cover
