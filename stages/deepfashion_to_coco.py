"""Convert the labelled images to COCO's format; report what was corrected or left out, and count what there is."""

from pathlib import Path

from tqdm import tqdm

from fashiongen import config
from fashiongen.deepfashion.account import account, count_rows, list_names, summarise
from fashiongen.deepfashion.annotations import read_annotations
from fashiongen.deepfashion.conversion import convert_items
from fashiongen.deepfashion.distributions import count_categories
from fashiongen.deepfashion.image_sizes import SIZES_CACHE, measure_sizes
from fashiongen.deepfashion.items import join_items, split_items
from fashiongen.deepfashion.layout import find_image_folder
from fashiongen.deepfashion.output import write_part, write_tables
from fashiongen.deepfashion.overlays import write_overlays
from fashiongen.deepfashion.params import DeepfashionParams
from fashiongen.executor.engine import open_executor
from fashiongen.executor.params import ExecutorParams
from fashiongen.files import write_json
from fashiongen.folders import fresh_folder
from stages.entry import run

COCO = Path("data/coco")
REPORTS = Path("reports/data")


def main() -> None:
    """Write data/coco and reports/data."""
    params = config.load(DeepfashionParams, "deepfashion")
    annotations = read_annotations(params.root, with_partition=params.split == "official")
    items, unmatched = join_items(annotations)
    parts = split_items(items, params.split, annotations, train_frac=params.train_frac, seed=params.seed)
    folder = find_image_folder(params.root, (item.image_name for item in items))
    names = (item.image_name for item in items)
    with open_executor(config.load(ExecutorParams, "executor")) as map_items:
        measured = measure_sizes(
            params.root / folder, names, decode=params.decode_images, cache=SIZES_CACHE, map_items=map_items
        )
        sizes = list(tqdm(measured, "measuring images", len(items)))
    conversions = list(convert_items(items, sizes, folder, check_boxes=params.check_boxes))

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
    write_overlays(REPORTS / "overlays.jpg", conversions, params.root)
    write_tables(REPORTS, count_categories(conversions, categories), conversions, params.root)
    print(summarise(accounts))


if __name__ == "__main__":
    run(main)
