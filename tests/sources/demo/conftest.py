"""A small demo, drawn once for all tests of this folder."""

from pathlib import Path

import pytest

from fashiongen import config
from fashiongen.sources.demo.boards import write_pinned_boards
from fashiongen.sources.demo.items import draw_item, plan_items
from fashiongen.sources.demo.labelled_tree import write_labelled_tree
from fashiongen.sources.demo.originals import draw_original, draw_unlike
from fashiongen.sources.demo.pages import plan_originals
from fashiongen.sources.demo.params import DemoParams

PARAMS_FILE = Path(__file__).parents[3] / "data/demo/params.yaml"


@pytest.fixture(scope="session")
def params() -> DemoParams:
    """The demo's own numbers, with far fewer and smaller images."""
    values = config.section(config.read_yaml(PARAMS_FILE), "demo")
    values["labelled"] |= {"images": 24, "long_side_px": 150}
    values["boards"] |= {"seasons": 2, "drawings_per_board": 3, "more_ideas_drawings": 4, "more_ideas_per_board": 3}
    values["boards"] |= {"sides_px": [[120, 180], [150, 200]], "repeated_frac": 0.12, "near_duplicate_frac": 0.12}
    return config.parse(DemoParams, values, "demo", PARAMS_FILE)


@pytest.fixture(scope="session")
def shots(params):
    """The labelled images."""
    items = plan_items(params.labelled, params.seed)
    return [shot for item in items for shot in draw_item(item, params.labelled)]


@pytest.fixture(scope="session")
def originals(params):
    """The pictures behind the pins, drawn in this process."""
    plans = plan_originals(params.boards, params.seed)
    return list(draw_unlike(plans, params.boards.min_hamming_distance, lambda plans: map(draw_original, plans)))


@pytest.fixture(scope="session")
def demo(params, shots, originals, tmp_path_factory) -> Path:
    """The folder that the stage would write."""
    root = tmp_path_factory.mktemp("demo")
    truth = root / "truth"
    write_labelled_tree(
        root / "deepfashion", truth / "defects.json", shots, params.defects, params.partition, seed=params.seed
    )
    write_pinned_boards(root / "boards", truth / "pins.csv", originals, params.boards, seed=params.seed)
    return root
