"""Convert the labelled images to COCO's format, with an account of what was corrected and tables of what there is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fashiongen import config
from fashiongen.coco.dataset import build_dataset, write_dataset
from fashiongen.deepfashion.annotations import Annotations, read_annotations
from fashiongen.deepfashion.conversion import Conversion, convert_items
from fashiongen.deepfashion.distributions import (
    account,
    choose_examples,
    count_categories,
    count_types,
    list_names,
    record_example,
)
from fashiongen.deepfashion.items import join_items, split_items
from fashiongen.deepfashion.layout import find_image_folder
from fashiongen.deepfashion.params import DeepfashionParams
from fashiongen.deepfashion.records import CategoryCount, ExampleRecord, TypeCount
from fashiongen.errors import TooFewImages
from fashiongen.files import write_bytes, write_csv, write_json
from fashiongen.folders import fresh_folder
from stages.entry import run

COCO = Path("data/coco")
REPORTS = Path("reports/data")
EXAMPLES_PER_TYPE = 4


def main() -> None:
    params = config.load(DeepfashionParams, "deepfashion")
    annotations = read_annotations(params.root, with_partition=params.split == "official")
    items, unmatched = join_items(annotations)
    parts = split_items(items, params.split, annotations, train_frac=params.train_frac, seed=params.seed)
    folder = find_image_folder(params.root, (item.image_name for item in items))
    conversions = list(tqdm(convert_items(items, params.root, folder), total=len(items), desc="convert"))

    fresh_folder(COCO)
    fresh_folder(REPORTS)
    categories = list(annotations.categories.rows.values())
    accounts = {"total": account(conversions, categories)}
    for name in ("train", "val"):
        chosen = [each for each, part in zip(conversions, parts, strict=True) if part == name]
        write_part(COCO / f"{name}.json", chosen, f"DeepFashion's format, {params.split} split, {name}")
        accounts[name] = account(chosen, categories)
    report = {"files": count_rows(annotations), "unmatched": list_names(unmatched), **accounts}
    write_json(COCO / "report.json", report)
    write_json(REPORTS / "counts.json", {name: counts["converted"] for name, counts in accounts.items()})
    write_tables(count_categories(conversions, categories), conversions, params.root)
    print(summarise(accounts))


def count_rows(annotations: Annotations) -> dict[str, dict[str, int]]:
    """How many rows each file declares, and has: copies that differ circulate."""
    tables = [table for table in annotations if table is not None]
    return {table.path.name: {"declared": table.declared, "rows": len(table.rows)} for table in tables}


def summarise(accounts: dict[str, Any]) -> str:
    """The account in one line."""
    total = accounts["total"]
    left_out = ", ".join(f"{total[fate]['count']} {fate}" for fate in ("degenerate", "missing", "corrupt"))
    return (
        f"deepfashion_to_coco: {accounts['train']['converted']} train, {accounts['val']['converted']} val; "
        f"boxes swapped {total['swapped']}, clipped {total['clipped']}; left out: {left_out}"
    )


def write_part(path: Path, conversions: Sequence[Conversion], description: str) -> None:
    """Write the COCO file of one part.

    Raises:
        TooFewImages: it would hold no image.
    """
    images = [each.image for each in conversions if each.image]
    if not images:
        raise TooFewImages(
            f"{path}: no labelled image is left for it; see deepfashion.train_frac and deepfashion.split"
        )
    write_dataset(path, build_dataset(images, description))


def write_tables(categories: Sequence[CategoryCount], conversions: Sequence[Conversion], root: Path) -> None:
    """Write the numbers and the example images of the study's figures 3.1 to 3.3, which the report draws."""
    write_csv(REPORTS / "categories.csv", CategoryCount, categories)
    write_csv(REPORTS / "types.csv", TypeCount, count_types(conversions))
    chosen = choose_examples(conversions, categories, per_type=EXAMPLES_PER_TYPE)
    examples = [record_example(item, image, place) for place, (item, image) in enumerate(chosen, start=1)]
    write_csv(REPORTS / "examples.csv", ExampleRecord, examples)
    for example in examples:
        write_bytes(REPORTS / "examples" / example.file, (root / example.source).read_bytes())


if __name__ == "__main__":
    run(main)
