"""Make a labelled tree and boards out of street photographs."""

from collections import Counter
from pathlib import Path

import numpy as np
from tqdm import tqdm

from fashiongen import config
from fashiongen.files import write_bytes
from fashiongen.folders import fresh_folder
from fashiongen.sources.boards import deal, draw, lay_out, pin_again, tell_truth, write_boards, write_truth
from fashiongen.sources.categories import CATEGORY_TYPES
from fashiongen.sources.deepfashion_tree import LabelledImage, image_file, split_officially, write_tree
from fashiongen.sources.encoding import encode
from fashiongen.sources.street.ccp import find_mapped, find_tagged, read_tags
from fashiongen.sources.street.garments import label_photographs
from fashiongen.sources.street.params import StreetParams
from fashiongen.sources.street.pins import copy_pictures, pin_photographs
from stages.entry import run

STREET = Path("data/street")
CCP = STREET / "ccp"


def main() -> None:
    params = config.load(StreetParams, "street", STREET / "params.yaml")
    tags = read_tags(CCP)
    write_labelled_tree(fresh_folder(STREET / "deepfashion"), params, tags)
    write_pinned_boards(fresh_folder(STREET / "boards"), fresh_folder(STREET / "truth"), params, tags)


def write_labelled_tree(root: Path, params: StreetParams, tags: tuple[str, ...]) -> None:
    """A, the tree in DeepFashion's format: an item folder for each photograph, since each shows another garment."""
    photographs = find_mapped(CCP)
    partition = split_officially(len(photographs), params.partition, np.random.default_rng(params.seed))
    rows: list[LabelledImage] = []
    bare: list[str] = []
    labelled = label_photographs(
        photographs, tags, long_side_px=params.long_side_px, min_part_frac=params.min_part_frac
    )
    for name, image, garment in tqdm(labelled, total=len(photographs), desc="labelled photographs"):
        if garment is None:
            bare.append(name)
            continue
        path = f"img/Street_{name}_{garment.category}/img_{len(rows) + 1:08d}.jpg"
        write_bytes(image_file(root, path), encode(image, "jpg", params.jpeg_quality))
        rows.append(LabelledImage(path, garment.category, garment.box_xyxy, partition[len(rows)]))
    write_tree(root, rows)
    types = Counter(CATEGORY_TYPES[row.category] for row in rows)
    print(f"{len(rows)} labelled {dict(sorted(types.items()))}; {len(bare)} without a listed garment: {bare}")


def write_pinned_boards(folder: Path, truth: Path, params: StreetParams, tags: tuple[str, ...]) -> None:
    """B, the boards of a stand-in site, and the truth about what is planted on them."""
    rng = np.random.default_rng(params.seed)
    planting = params.planting
    photographs = tqdm(find_tagged(CCP), desc="pinned photographs")
    pictures = list(pin_photographs(photographs, tags, folder / "site"))
    repeated = draw(pictures, planting.repeated_frac, rng)
    near = draw([p for p in pictures if p not in repeated], planting.near_frac, rng)
    copies = copy_pictures(near, folder / "site", quality=planting.near_quality, scale=planting.near_scale)
    boards = pin_again(deal(pictures, len(params.boards), rng), {p: p for p in repeated} | copies, rng)
    site_boards = lay_out(params.boards, boards, planting, rng)
    write_boards(folder, [(entry.brand, entry.season) for entry in params.boards], site_boards)
    write_truth(truth / "pins.csv", tell_truth(params.boards, boards, site_boards, copies))
    print(f"{sum(map(len, boards))} pins: {len(repeated)} repeated, {len(copies)} near-duplicates")


if __name__ == "__main__":
    run(main)
