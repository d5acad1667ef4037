"""Which variant is shown at the top of the report."""

from dataclasses import replace

import pytest

from fashiongen.evaluation.records import DcganMetrics


@pytest.mark.parametrize(
    ("kid_of_second", "precision_of_second", "headline_variant"),
    [(0.005, 0.9, "subset"), (0.005, 0.5, "cropped"), (0.02, 0.9, "cropped")],
)
def test_it_is_the_most_precise_of_those_within_one_std_of_the_lowest_kid(
    report_data, kid_of_second, precision_of_second, headline_variant
):
    """0.005 lies within a standard deviation of 0.003 above 0.004; 0.02 does not."""
    one = report_data.dcgan.variants["cropped"]
    variants = {
        "cropped": one.model_copy(update={"KID": 0.004, "KID_std": 0.003, "precision": 0.6}),
        "subset": one.model_copy(update={"KID": kid_of_second, "precision": precision_of_second}),
    }
    dcgan = DcganMetrics(measurement_settings=report_data.dcgan.measurement_settings, variants=variants)
    assert replace(report_data, dcgan=dcgan).headline_variant == headline_variant
