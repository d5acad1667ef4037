"""Which variant is shown at the top of the report."""

from dataclasses import replace

import pytest


@pytest.fixture
def headline(report_data):
    """The headline of a report whose variants are so many times as far as real images, by seed; None: not measured."""
    dcgan = report_data.dcgan
    one = dcgan.variants["cropped"]

    def headline(**distances):
        rows = {
            name: one.model_copy(
                update={
                    "own_source": found
                    and one.own_source.model_copy(update={"distance_by_seed": dict(enumerate(found))})
                }
            )
            for name, found in distances.items()
        }
        return replace(report_data, dcgan=dcgan.model_copy(update={"variants": rows})).headline_variant

    return headline


@pytest.mark.parametrize(("of_cutout", "expected"), [([3.0], "cropped"), ([1.5], "cutout")])
def test_it_is_the_one_that_is_nearest_to_real_images_of_its_own_kind(headline, of_cutout, expected):
    assert headline(cropped=[2.0], cutout=of_cutout) == expected


def test_the_trainings_from_several_seeds_count_as_their_geometric_mean(headline):
    assert headline(cropped=[2.1], cutout=[1.0, 4.0]) == "cutout"
    assert headline(cropped=[1.9], cutout=[1.0, 4.0]) == "cropped"


def test_one_that_no_real_images_stand_beside_comes_last(headline):
    assert headline(cutout=None, cropped=[50.0]) == "cropped"
