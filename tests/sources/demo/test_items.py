import io
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import pytest
from PIL import Image

from fashiongen.sources.categories import CATEGORY_TYPES
from fashiongen.sources.demo.items import draw_item, plan_items

pytestmark = pytest.mark.slow


def test_types_have_the_requested_proportions(params):
    labelled = params.labelled.model_copy(update={"images": 400})
    counts = Counter()
    for item in plan_items(labelled, params.seed):
        counts[CATEGORY_TYPES[item.category]] += item.shots
    assert counts == {"upper": 180, "lower": 80, "full": 140}


def test_items_have_their_own_names_and_a_few_shots_of_a_garment_of_their_category(params):
    items = plan_items(params.labelled.model_copy(update={"images": 400}), params.seed)
    assert len({item.name for item in items}) == len(items)
    assert all(item.garment.cut.type == CATEGORY_TYPES[item.category] for item in items)
    assert Counter(item.shots for item in items).keys() <= {1, 2, 3, 4}
    assert all(len(f"img/{item.name}/img_00000001.jpg") < 71 for item in items)


def test_the_same_seed_draws_the_same_bytes_and_another_seed_others(params):
    item, other = plan_items(params.labelled, params.seed)[0], plan_items(params.labelled, params.seed + 1)[0]
    first, second = draw_item(item, params.labelled), draw_item(item, params.labelled)
    assert first == second
    assert first[0].content != draw_item(other, params.labelled)[0].content


def test_other_processes_draw_the_same_bytes(params):
    items = plan_items(params.labelled, params.seed)[:4]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        elsewhere = list(pool.map(partial(draw_item, params=params.labelled), items))
    assert elsewhere == [draw_item(item, params.labelled) for item in items]


def test_the_long_side_is_the_requested_one_and_boxes_are_inside(shots, params):
    for shot in shots:
        with Image.open(io.BytesIO(shot.content)) as image:
            assert image.size == shot.size and max(image.size) == params.labelled.long_side_px
        x1, y1, x2, y2 = shot.box
        assert 0 <= x1 < x2 <= shot.size[0] and 0 <= y1 < y2 <= shot.size[1]


@pytest.mark.parametrize(("kind", "least"), [("upper", 0.10), ("lower", 0.05), ("full", 0.08)])
def test_a_labelled_garment_fills_much_of_its_picture(shots, kind, least):
    for shot in shots:
        if CATEGORY_TYPES[shot.category] == kind:
            x1, y1, x2, y2 = shot.box
            assert (x2 - x1) * (y2 - y1) / (shot.size[0] * shot.size[1]) > least, shot.path
