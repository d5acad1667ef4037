"""Which variant is shown at the top of the report."""

from dataclasses import replace

import pytest


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
    dcgan = report_data.dcgan.model_copy(update={"variants": variants})
    assert replace(report_data, dcgan=dcgan).headline_variant == headline_variant


@pytest.mark.parametrize(("references", "expected"), [(("crops", "cutouts"), "cropped"), (("cutouts",) * 2, "cutout")])
def test_variants_of_another_reference_are_not_ranked_with_it(report_data, references, expected):
    """The second is nearer, but to other images."""
    one = report_data.dcgan.variants["cropped"]
    variants = {
        name: one.model_copy(update={"KID": kid, "KID_std": 0.001, "reference": reference})
        for name, kid, reference in zip(("cropped", "cutout"), (0.5, 0.1), references, strict=True)
    }
    dcgan = report_data.dcgan.model_copy(update={"variants": variants})
    assert replace(report_data, dcgan=dcgan).headline_variant == expected
