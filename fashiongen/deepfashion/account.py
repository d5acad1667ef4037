"""Counts of converted, corrected and dropped rows of the benchmark."""

from collections.abc import Iterable, Sequence
from typing import Any

from fashiongen.deepfashion.annotations import Annotations, Category
from fashiongen.deepfashion.conversion import Conversion
from fashiongen.deepfashion.distributions import count_categories, count_types

NAMES_LISTED = 20  # of the dropped images; the counts include all of them


def account(conversions: Sequence[Conversion], categories: Iterable[Category]) -> dict[str, Any]:
    """Counts of converted, corrected and dropped rows, and the names of the dropped images."""
    return {
        "rows": len(conversions),
        "converted": sum(each.fate == "converted" for each in conversions),
        "rescaled": sum(each.rescaled for each in conversions),
        "swapped": sum(each.swapped for each in conversions),
        "clipped": sum(each.clipped for each in conversions),
        **{fate: _list_dropped(conversions, fate) for fate in ("degenerate", "missing", "corrupt")},
        "types": {row.type: row.images for row in count_types(conversions)},
        "categories": {row.category: row.images for row in count_categories(conversions, categories)},
    }


def _list_dropped(conversions: Iterable[Conversion], fate: str) -> dict[str, Any]:
    return list_names(sorted(each.item.image_name for each in conversions if each.fate == fate))


def list_names(names: Sequence[str]) -> dict[str, Any]:
    """The number of names, and the first of them."""
    return {"count": len(names), "names": list(names[:NAMES_LISTED])}


def count_rows(annotations: Annotations) -> dict[str, dict[str, int]]:
    """The number of rows that each file declares, and that it has: they differ in some copies of the benchmark."""
    tables = [table for table in annotations if table is not None]
    return {table.path.name: {"declared": table.declared, "rows": len(table.rows)} for table in tables}


def summarise(accounts: dict[str, Any]) -> str:
    """The counts of `total`, `train` and `val` in one line."""
    total = accounts["total"]
    left_out = ", ".join(f"{total[fate]['count']} {fate}" for fate in ("degenerate", "missing", "corrupt"))
    boxes = ", ".join(f"{what} {total[what]}" for what in ("rescaled", "swapped", "clipped"))
    return (
        f"deepfashion_to_coco: {accounts['train']['converted']} train, {accounts['val']['converted']} val; "
        f"boxes {boxes}; left out: {left_out}"
    )
