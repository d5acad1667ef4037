"""Draw the demo's two inputs: a tree in DeepFashion's format, and boards with the site that shows them."""

import os
from functools import partial
from pathlib import Path

from tqdm import tqdm

from fashiongen import config
from fashiongen.files import write_csv
from fashiongen.folders import fresh_folder
from fashiongen.runtime.workers import map_in_processes
from fashiongen.sources.demo.boards import write_pinned_boards
from fashiongen.sources.demo.items import Shot, draw_item, plan_items
from fashiongen.sources.demo.labelled_tree import write_labelled_tree
from fashiongen.sources.demo.originals import Original, draw_original, draw_unlike
from fashiongen.sources.demo.pages import list_pages, plan_originals
from fashiongen.sources.demo.params import DemoParams
from fashiongen.sources.demo.seasons import Shift, state_shift
from stages.entry import run

DEMO = Path("data/demo")
WORKERS = os.cpu_count() or 1


def main() -> None:
    """Write data/demo/deepfashion, data/demo/boards and data/demo/truth."""
    params = config.load(DemoParams, "demo", DEMO / "params.yaml")
    shots, originals = draw_images(params)
    tree, boards, truth = (fresh_folder(DEMO / name) for name in ("deepfashion", "boards", "truth"))
    write_labelled_tree(tree, truth / "defects.json", shots, params.defects, params.partition, seed=params.seed)
    write_pinned_boards(boards, truth / "pins.csv", originals, params.boards, seed=params.seed)
    shifts = [state_shift(page.brand, page.season) for page in list_pages(params.boards)]
    write_csv(truth / "shifts.csv", Shift, shifts)


def draw_images(params: DemoParams) -> tuple[list[Shot], list[Original]]:
    """The labelled images and the originals of the pins, drawn by one process per core."""
    draw_items = partial(draw_item, params=params.labelled)
    items = plan_items(params.labelled, params.seed)
    drawn = map_in_processes(draw_items, items, workers=WORKERS)
    shots = [shot for item in tqdm(drawn, total=len(items), desc="labelled items") for shot in item]
    plans = plan_originals(params.boards, params.seed)
    draw = partial(map_in_processes, draw_original, workers=WORKERS)
    unlike = draw_unlike(plans, params.boards.min_hamming_distance, draw)
    return shots, list(tqdm(unlike, total=len(plans), desc="pins"))


if __name__ == "__main__":
    run(main)
