"""Which variant is shown at the top of the report."""

from dataclasses import replace

import pytest


@pytest.fixture
def headline(report_data):
    """The headline of a report whose variants and real images have these distances, and these references."""
    dcgan = report_data.dcgan
    one, settings = dcgan.variants["cropped"], dcgan.measurement_settings

    def settings_with(distances):
        if distances is None:
            return settings.model_copy(update={"training_crops": None})
        swd, kid = distances
        real = settings.training_crops.model_copy(update={"SWD": swd, "KID_worst": kid})
        return settings.model_copy(update={"training_crops": real})

    def headline(variants, crops, cutouts=None):
        rows = {
            name: one.model_copy(update={"SWD": swd, "KID_worst": kid, "reference": reference})
            for name, (swd, kid, reference) in variants.items()
        }
        changed = {"measurement_settings": settings_with(crops), "cutout_settings": settings_with(cutouts)}
        return replace(report_data, dcgan=dcgan.model_copy(update={"variants": rows} | changed)).headline_variant

    return headline


@pytest.mark.parametrize(("kid_of_second", "expected"), [(0.02, "cropped"), (0.012, "subset"), (-0.001, "subset")])
def test_it_is_the_one_with_the_smallest_product_of_both_distances(headline, kid_of_second, expected):
    """100 x 0.01 against 70 times the other."""
    variants = {"cropped": (100.0, 0.01, "crops"), "subset": (70.0, kid_of_second, "crops")}
    assert headline(variants, (40.0, 0.002)) == expected


@pytest.mark.parametrize(("real_of_cutouts", "expected"), [((20.0, 0.001), "cropped"), ((40.0, 0.004), "cutout")])
def test_variants_with_other_references_are_ranked_by_their_distance_beside_that_of_real_images(
    headline, real_of_cutouts, expected
):
    """The first is 10 times as far as real crops, the second 20 or 2.5 times as far as real cut-outs."""
    variants = {"cropped": (100.0, 0.01, "crops"), "cutout": (80.0, 0.005, "cutouts")}
    assert headline(variants, (50.0, 0.002), real_of_cutouts) == expected


def test_one_that_no_real_images_stand_beside_comes_last(headline):
    variants = {"cutout": (80.0, 0.005, "cutouts"), "cropped": (100.0, 0.5, "crops")}
    assert headline(variants, (50.0, 0.002), None) == "cropped"
