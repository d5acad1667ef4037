"""Draw the demo's two inputs: a tree in DeepFashion's format, and boards with the site that shows them."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from fashiongen import config
from fashiongen.errors import WorkerLost
from fashiongen.folders import fresh_folder
from fashiongen.runtime.workers import KILLED
from fashiongen.sources.demo.boards import write_pinned_boards
from fashiongen.sources.demo.items import Shot, draw_item, plan_items
from fashiongen.sources.demo.labelled_tree import write_labelled_tree
from fashiongen.sources.demo.originals import Original, OriginalPlan, draw_original, draw_unlike
from fashiongen.sources.demo.pages import plan_originals
from fashiongen.sources.demo.params import DemoParams
from stages.entry import run

DEMO = Path("data/demo")


def main() -> None:
    """Write data/demo/deepfashion, data/demo/boards and data/demo/truth."""
    params = config.load(DemoParams, "demo", DEMO / "params.yaml")
    try:
        shots, originals = draw_images(params)
    except BrokenProcessPool:
        raise WorkerLost(f"a process that draws images died; {KILLED}") from None
    tree, boards, truth = (fresh_folder(DEMO / name) for name in ("deepfashion", "boards", "truth"))
    write_labelled_tree(tree, truth / "defects.json", shots, params.defects, params.partition, seed=params.seed)
    write_pinned_boards(boards, truth / "pins.csv", originals, params.boards, seed=params.seed)


def draw_images(params: DemoParams) -> tuple[list[Shot], list[Original]]:
    """The labelled images and the originals of the pins, drawn by one process per core."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        items = plan_items(params.labelled, params.seed)
        drawn = pool.map(partial(draw_item, params=params.labelled), items, chunksize=4)
        shots = [shot for item in tqdm(drawn, total=len(items), desc="labelled items") for shot in item]
        plans = plan_originals(params.boards, params.seed)

        def draw(todo: Iterable[OriginalPlan]) -> Iterator[Original]:
            return pool.map(draw_original, todo, chunksize=4)

        unlike = draw_unlike(plans, params.boards.min_hamming_distance, draw)
        return shots, list(tqdm(unlike, total=len(plans), desc="pins"))


if __name__ == "__main__":
    run(main)
