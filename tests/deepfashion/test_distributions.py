"""Counts by category and type, and the account of the rows."""

from fashiongen.coco.dataset import LabelledImage
from fashiongen.deepfashion.account import account
from fashiongen.deepfashion.annotations import Category
from fashiongen.deepfashion.conversion import Conversion
from fashiongen.deepfashion.distributions import choose_examples, count_categories, count_types
from fashiongen.deepfashion.items import Item

TEE, TOP, JEANS, DRESS, CAPE = (
    Category("Tee", 1),
    Category("Top", 1),
    Category("Jeans", 2),
    Category("Dress", 3),
    Category("Cape", 3),
)
CATEGORIES = [TEE, TOP, JEANS, DRESS, CAPE]


def conversion(n, category, fate="converted", swapped=False, clipped=False):
    item = Item(n, f"img/{n:02d}.jpg", (0, 0, 9, 9), category)
    image = LabelledImage(n, f"Img/img/{n:02d}.jpg", 10, 10, category.type_id, (0, 0, 9, 9))
    return Conversion(item, fate, False, swapped, clipped, image if fate == "converted" else None)


CONVERSIONS = [
    conversion(1, DRESS),
    conversion(2, TEE, clipped=True),
    conversion(3, DRESS, "missing"),
    conversion(4, TOP),
    conversion(5, DRESS, swapped=True),
    conversion(6, JEANS, "degenerate", swapped=True),
    conversion(7, DRESS, clipped=True),
    conversion(8, TOP, "corrupt"),
]


def test_categories_are_sorted_by_size_and_the_empty_are_listed():
    rows = [(row.category, row.type, row.images) for row in count_categories(CONVERSIONS, CATEGORIES)]
    assert rows == [
        ("Dress", "full", 3),
        ("Tee", "upper", 1),
        ("Top", "upper", 1),
        ("Cape", "full", 0),
        ("Jeans", "lower", 0),
    ]


def test_types_are_counted_in_the_order_of_their_ids():
    rows = [(row.type, row.images) for row in count_types(CONVERSIONS)]
    assert rows == [("upper", 2), ("lower", 0), ("full", 3)]


def test_the_account_says_what_was_corrected_and_what_was_left_out():
    counts = account(CONVERSIONS, CATEGORIES)
    assert {key: counts[key] for key in ("rows", "converted", "swapped", "clipped")} == {
        "rows": 8,
        "converted": 5,
        "swapped": 2,
        "clipped": 2,
    }
    assert counts["missing"] == {"count": 1, "names": ["img/03.jpg"]}
    assert counts["corrupt"] == {"count": 1, "names": ["img/08.jpg"]}
    assert counts["degenerate"] == {"count": 1, "names": ["img/06.jpg"]}
    assert counts["types"] == {"upper": 2, "lower": 0, "full": 3}
    assert counts["categories"]["Dress"] == 3


def test_every_row_has_one_fate():
    counts = account(CONVERSIONS, CATEGORIES)
    left_out = sum(counts[fate]["count"] for fate in ("degenerate", "missing", "corrupt"))
    assert counts["converted"] + left_out == counts["rows"]


def test_at_most_twenty_names_are_listed_of_all_that_are_counted():
    counts = account([conversion(n, TEE, "missing") for n in range(30)], CATEGORIES)
    assert counts["missing"]["count"] == 30
    assert counts["missing"]["names"] == [f"img/{n:02d}.jpg" for n in range(20)]


def test_examples_are_the_first_of_the_largest_categories_by_type():
    counts = count_categories(CONVERSIONS, CATEGORIES)
    chosen = choose_examples(CONVERSIONS, counts, per_type=1)
    assert [(item.category.name, item.image_id) for item, _ in chosen] == [("Tee", 2), ("Dress", 1)]
