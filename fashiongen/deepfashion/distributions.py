"""How the converted images spread over categories and types, and which of them are the examples."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from fashiongen.coco.dataset import LabelledImage
from fashiongen.coco.garment_types import CATEGORY_NAMES
from fashiongen.deepfashion.annotations import Category
from fashiongen.deepfashion.conversion import Conversion
from fashiongen.deepfashion.items import Item
from fashiongen.deepfashion.records import CategoryCount, ExampleRecord, TypeCount


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
