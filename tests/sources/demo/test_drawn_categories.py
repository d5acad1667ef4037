from collections import Counter

from fashiongen.sources.categories import CATEGORY_LABELS
from fashiongen.sources.demo.categories import DRAWN_CATEGORIES
from fashiongen.sources.demo.wardrobe import BY_TYPE


def test_the_drawn_categories_sum_to_the_benchmarks_images():
    """DeepFashion counts 289,222 images: 139,709 upper, 58,963 lower, 90,550 full; four categories have none."""
    images = Counter()
    for category in DRAWN_CATEGORIES:
        images[category.type] += category.images
    assert images == {"upper": 139709, "lower": 58963, "full": 90550}
    names = {category.name for category in DRAWN_CATEGORIES}
    assert set(CATEGORY_LABELS) - names == {"Cape", "Nightdress", "Shirtdress", "Sundress"}


def test_every_drawn_category_has_silhouettes_of_its_type():
    for category in DRAWN_CATEGORIES:
        assert category.images and category.silhouettes
        assert set(category.silhouettes) <= set(BY_TYPE[category.type]), category.name
