"""Garments that stand for a season: one of each planted kind."""

import io

import numpy as np
import pytest
from PIL import Image

from fashiongen.trends.examples import HEIGHT_PX, choose_examples, render_example
from tests.trends.conftest import plain
from tests.trends.test_series import garment


def kinds():
    """Ten red gowns, six navy coats and three cream skirts, each a little unlike the others."""
    rng = np.random.default_rng(0)
    planted = (("#b41e28", 3.0, 10), ("#1f2a44", 2.0, 6), ("#f4f0e6", 1.0, 3))
    return [
        garment(number, score=0.95, palette=f"{colour} 1.00", height_to_width=tall + float(rng.normal(0, 0.02)))
        for colour, tall, count in planted
        for number in range(count)
    ]


def test_there_is_one_of_each_kind_the_most_frequent_first(params):
    chosen = choose_examples(kinds(), params)
    assert [one.palette[:7] for one in chosen] == ["#b41e28", "#1f2a44", "#f4f0e6"]


def test_what_the_detector_is_less_sure_of_stands_for_nothing(params):
    doubtful = [garment(number, palette="#8a5636 1.00", height_to_width=1.2, score=0.8) for number in range(15)]
    chosen = choose_examples([*doubtful, *kinds()], params)
    assert {one.palette[:7] for one in chosen} == {"#b41e28", "#1f2a44", "#f4f0e6"}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_of_few_all_are_shown(params, count):
    assert choose_examples(kinds()[:count], params) == kinds()[:count]


def test_of_equal_ones_some_are_shown(params):
    assert choose_examples([garment()] * 9, params) == [garment()] * params.examples


def test_the_choice_is_always_the_same(params):
    assert choose_examples(kinds(), params) == choose_examples(kinds(), params)


def test_a_picture_is_small_and_has_no_ground(cut_out):
    record = cut_out(plain((31, 42, 68), 600, 300))
    with Image.open(io.BytesIO(render_example(cut_out.folder / record.file))) as image:
        assert (image.mode, image.height) == ("RGBA", HEIGHT_PX)
        assert image.getpixel((0, 0))[3] == 0
        assert image.getpixel((image.width // 2, image.height // 2)) == (31, 42, 68, 255)
