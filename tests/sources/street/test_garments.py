"""The largest garment and its box against rectangles whose pixels can be counted by hand."""

import numpy as np
import pytest

from fashiongen.errors import BadInput
from fashiongen.sources.categories import CATEGORY_TYPES
from fashiongen.sources.street.ccp import find_mapped, read_tags
from fashiongen.sources.street.garments import CATEGORIES, Garment, find_largest_garment, label_photographs

TAGS = ("null", "bag", *sorted(CATEGORIES))


def labels_of(**regions: tuple[int, int, int, int]) -> np.ndarray:
    """A map of 100 x 80 pixels with a rectangle (left, top, right, bottom) for each tag, later ones on top."""
    labels = np.zeros((100, 80), dtype=np.uint8)
    for tag, (left, top, right, bottom) in regions.items():
        labels[top:bottom, left:right] = TAGS.index(tag)
    return labels


def test_every_garment_has_a_category_of_deepfashion_of_the_type_it_covers():
    types = {tag: CATEGORY_TYPES[category] for tag, category in CATEGORIES.items()}
    assert {tag for tag, kind in types.items() if kind == "lower"} == {"jeans", "leggings", "pants", "shorts", "skirt"}
    assert {tag for tag, kind in types.items() if kind == "full"} == {"bodysuit", "cape", "coat", "dress", "romper"}


def test_the_garment_with_most_pixels_wins_and_its_box_is_tight():
    labels = labels_of(skirt=(10, 50, 40, 90), coat=(5, 10, 45, 60), bag=(50, 0, 80, 100))
    assert find_largest_garment(labels, TAGS, 0.02) == Garment("Coat", (5, 10, 45, 60), 40 * 50)


def test_hidden_pixels_do_not_count_for_a_garment():
    labels = labels_of(dress=(0, 0, 50, 50), bag=(0, 0, 50, 30), jeans=(0, 60, 40, 95))
    assert find_largest_garment(labels, TAGS, 0.02) == Garment("Jeans", (0, 60, 40, 95), 40 * 35)


def test_the_parts_of_an_open_coat_share_one_box():
    labels = labels_of(coat=(10, 10, 70, 80), dress=(35, 10, 45, 80))
    assert find_largest_garment(labels, TAGS, 0.02) == Garment("Coat", (10, 10, 70, 80), 60 * 70 - 10 * 70)


@pytest.mark.parametrize(("min_part_frac", "right"), [(0.02, 30), (0.0, 80)])
def test_a_stray_pixel_enlarges_the_box_only_if_the_params_allow_it(min_part_frac, right):
    labels = labels_of(dress=(10, 10, 30, 60))
    labels[40, 79] = TAGS.index("dress")
    found = find_largest_garment(labels, TAGS, min_part_frac)
    assert found == Garment("Dress", (10, 10, right, 60), 20 * 50 + 1)


def test_a_photograph_of_bags_shows_no_garment():
    assert find_largest_garment(labels_of(bag=(0, 0, 80, 100)), TAGS, 0.02) is None


def test_a_list_that_lacks_a_garment_is_refused():
    with pytest.raises(BadInput, match=r"label_list\.mat: no label for skirt"):
        find_largest_garment(labels_of(), tuple(tag for tag in TAGS if tag != "skirt"), 0.02)


def test_the_box_is_scaled_as_the_photograph_is(ccp):
    ccp.mapped("0001", {"dress": (10, 20, 40, 80)})
    ccp.mapped("0002", {"bag": (10, 20, 40, 80)})
    dressed, bare = label_photographs(
        find_mapped(ccp.folder), read_tags(ccp.folder), long_side_px=180, min_part_frac=0.02
    )
    assert dressed.image.size == (120, 180)
    assert dressed.garment == Garment("Dress", (20, 40, 80, 160), 30 * 60 * 4)
    assert (bare.name, bare.garment) == ("0002", None)
