"""How many images each category and type has, and what became of the rows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from fashiongen.coco.dataset import LabelledImage
from fashiongen.coco.garment_types import CATEGORY_NAMES
from fashiongen.deepfashion.annotations import Category
from fashiongen.deepfashion.conversion import Conversion
from fashiongen.deepfashion.items import Item
from fashiongen.deepfashion.records import CategoryCount, ExampleRecord, TypeCount

NAMES_LISTED = 20  # of the images that were left out; the counts say how many there are


def count_categories(conversions: Iterable[Conversion], categories: Iterable[Category]) -> list[CategoryCount]:
    """Converted images of every category, the most first; equal ones, and the empty, by name."""
    counts = Counter(each.item.category.name for each in conversions if each.image)
    rows = [CategoryCount(category=c.name, type=c.type, images=counts[c.name]) for c in categories]
    return sorted(rows, key=lambda row: (-row.images, row.category))


def count_types(conversions: Iterable[Conversion]) -> list[TypeCount]:
    """Converted images of every type, in the order of their ids."""
    counts = Counter(each.item.category.type_id for each in conversions if each.image)
    return [TypeCount(type=name, images=counts[type_id]) for type_id, name in CATEGORY_NAMES.items()]


def choose_examples(
    conversions: Sequence[Conversion], counts: Sequence[CategoryCount], *, per_type: int
) -> list[tuple[Item, LabelledImage]]:
    """The first image of each type's largest categories, type by type; `counts` are sorted, the largest first."""
    first = {each.item.category.name: (each.item, each.image) for each in reversed(conversions) if each.image}
    by_type = [[row.category for row in counts if row.type == name and row.images] for name in CATEGORY_NAMES.values()]
    return [first[category] for categories in by_type for category in categories[:per_type]]


def record_example(item: Item, image: LabelledImage, place: int) -> ExampleRecord:
    """The row of an example; its copy is named by its place in the list, from 1."""
    file = f"{place:02}{PurePosixPath(image.file_name).suffix}"
    box = dict(zip(("x_px", "y_px", "w_px", "h_px"), image.bbox, strict=True))
    return ExampleRecord(file=file, source=image.file_name, category=item.category.name, type=item.category.type, **box)


def account(conversions: Sequence[Conversion], categories: Iterable[Category]) -> dict[str, Any]:
    """What became of these rows: how many were converted, mended and left out, and which were left out."""
    return {
        "rows": len(conversions),
        "converted": sum(each.fate == "converted" for each in conversions),
        "swapped": sum(each.swapped for each in conversions),
        "clipped": sum(each.clipped for each in conversions),
        **{fate: _list_left_out(conversions, fate) for fate in ("degenerate", "missing", "corrupt")},
        "types": {row.type: row.images for row in count_types(conversions)},
        "categories": {row.category: row.images for row in count_categories(conversions, categories)},
    }


def _list_left_out(conversions: Iterable[Conversion], fate: str) -> dict[str, Any]:
    return list_names(sorted(each.item.image_name for each in conversions if each.fate == fate))


def list_names(names: Sequence[str]) -> dict[str, Any]:
    """How many names there are, and the first of them."""
    return {"count": len(names), "names": list(names[:NAMES_LISTED])}
