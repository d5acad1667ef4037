"""Make a labelled tree and boards out of street photographs."""

from collections import Counter
from pathlib import Path

import numpy as np
from tqdm import tqdm

from fashiongen import config
from fashiongen.files import write_bytes
from fashiongen.folders import fresh_folder
from fashiongen.sources.categories import CATEGORY_TYPES
from fashiongen.sources.deepfashion_tree import LabelledImage, image_file, split_officially, write_tree
from fashiongen.sources.encoding import encode
from fashiongen.sources.street.boards import write_pinned_boards
from fashiongen.sources.street.ccp import find_mapped, find_tagged, read_tags
from fashiongen.sources.street.garments import label_photographs
from fashiongen.sources.street.params import StreetParams
from fashiongen.sources.street.pins import pin_photographs
from stages.entry import run

STREET = Path("data/street")
CCP = STREET / "ccp"


def main() -> None:
    """Write data/street/deepfashion, data/street/boards and data/street/truth."""
    params = config.load(StreetParams, "street", STREET / "params.yaml")
    tags = read_tags(CCP)
    tree, boards, truth = (fresh_folder(STREET / name) for name in ("deepfashion", "boards", "truth"))
    write_labelled_tree(tree, params, tags)
    photographs = tqdm(find_tagged(CCP), desc="pinned photographs")
    pins = list(pin_photographs(photographs, tags, boards / "site"))
    rows = write_pinned_boards(boards, truth / "pins.csv", pins, params)
    rules = Counter(row.rule for row in rows)
    print(f"{len(rows)} pins: {rules['name']} repeated, {rules['near']} near-duplicates")


def write_labelled_tree(root: Path, params: StreetParams, tags: tuple[str, ...]) -> None:
    """The tree in DeepFashion's format: an item folder for each photograph, since each shows another garment."""
    photographs = find_mapped(CCP)
    partition = split_officially(len(photographs), params.partition, np.random.default_rng(params.seed))
    rows: list[LabelledImage] = []
    without: list[str] = []
    labelled = label_photographs(
        photographs, tags, long_side_px=params.long_side_px, min_part_frac=params.min_part_frac
    )
    for name, image, garment in tqdm(labelled, total=len(photographs), desc="labelled photographs"):
        if garment is None:
            without.append(name)
            continue
        path = f"img/Street_{name}_{garment.category}/img_{len(rows) + 1:08d}.jpg"
        write_bytes(image_file(root, path), encode(image, "jpg", params.jpeg_quality))
        rows.append(LabelledImage(path, garment.category, garment.box_xyxy, partition[len(rows)]))
    write_tree(root, rows)
    types = Counter(CATEGORY_TYPES[row.category] for row in rows)
    print(f"{len(rows)} labelled {dict(sorted(types.items()))}; {len(without)} without a listed garment: {without}")


if __name__ == "__main__":
    run(main)
