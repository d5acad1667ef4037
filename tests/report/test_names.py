"""Names and numbers as the page writes them."""

import pytest

from fashiongen.images.select import QueryParams
from fashiongen.report.names import backbone_name, decimal, outcome_name, percent, query_words, significant, spell


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("resnet18", "ResNet-18"),
        ("resnext101", "ResNeXt-101"),
        ("resnext101_32x8d", "ResNeXt-101 32x8d"),
        ("vit", "vit"),
    ],
)
def test_backbones_are_written_as_papers_write_them(key, name):
    assert backbone_name(key) == name


@pytest.mark.parametrize(
    ("key", "name"), [("saved", "saved"), ("saved_736x", "saved: 736x"), ("failed_http_404", "failed: http 404")]
)
def test_outcomes_are_told_in_words(key, name):
    assert outcome_name(key) == name


@pytest.mark.parametrize(
    ("value", "text"), [(12.34567, "12.35"), (0.000123456, "0.0001235"), (0.0, "0"), (-0.00001234, "-1.234e-05")]
)
def test_a_number_of_unknown_size_keeps_four_digits(value, text):
    assert significant(value) == text


def test_what_is_not_there_is_a_dash():
    assert decimal(None, 3) == percent(0, 0) == "–"


ASKED = {"label": None, "brand": None, "season": None, "min_score": 0, "min_side_px": 0, "draw": None, "seed": 7}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"source": "images"}, "whole images"),
        ({"source": "crops"}, "crops"),
        (
            {"source": "crops", "label": "full", "brand": "Aurore", "season": "FW26", "min_score": 0.5},
            "crops labelled full of Aurore, FW26, with a score from 0.5",
        ),
        (
            {"source": "images", "min_side_px": 200, "draw": {"frac": 0.5}},
            "whole images, their shorter side from 200 px, 50 % of them, drawn at random",
        ),
        ({"source": "crops", "draw": {"count": 1200}}, "crops, 1,200 of them, drawn at random"),
        (
            {"source": "images", "draw": {"as_many_as": ASKED | {"source": "crops", "label": "full"}}},
            "whole images, drawn at random, as many as there are crops labelled full",
        ),
    ],
)
def test_a_query_is_told_in_words(asked, words):
    assert query_words(QueryParams.model_validate(ASKED | asked)) == words


def test_small_numbers_are_words():
    assert [spell(number) for number in (0, 1, 3, 12, 13, 1300)] == ["no", "one", "three", "twelve", "13", "1,300"]
