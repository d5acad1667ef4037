"""Training sets as queries."""

import random

import pytest
from pydantic import ValidationError

from fashiongen.errors import ConfigError, TooFewImages
from fashiongen.images.manifest import CropRecord, ImageRecord
from fashiongen.images.select import QueryParams, resolve_count, select

WHERE = {"pin_id": "1", "board": "/a/", "title": "", "width_px": 8, "height_px": 8, "sha256": ""}
ALL_IMAGES = {
    "source": "images",
    "label": None,
    "brand": None,
    "season": None,
    "min_score": 0.0,
    "draw": None,
    "seed": 7,
}
FULL_CROPS = {**ALL_IMAGES, "source": "crops", "label": "full", "min_score": 0.5}


def image(n, brand="A", season="SS26", split="train"):
    return ImageRecord(file=f"{n:04d}.jpg", brand=brand, season=season, split=split, **WHERE)


def crop(n, label="full", score=0.9, split="train"):
    box = {"x_px": 0, "y_px": 0, "w_px": 8, "h_px": 8}
    known = {"brand": "A", "season": "SS26", "source": f"{n:04d}.jpg"}
    return CropRecord(file=f"{n:04d}.png", label=label, score=score, split=split, **known, **box, **WHERE)


def query(values, **changes):
    return QueryParams.model_validate({**values, **changes})


def files(rows):
    return [row.file for row in rows]


def test_only_the_train_split_trains():
    rows = [image(1), image(2, split="held_out"), image(3)]
    assert files(select(rows, query(ALL_IMAGES), None)) == ["0001.jpg", "0003.jpg"]


@pytest.mark.parametrize(
    ("changes", "expected"), [({"brand": "B"}, [2, 3]), ({"season": "FW26"}, [3]), ({}, [1, 2, 3])]
)
def test_a_query_asks_for_brand_and_season(changes, expected):
    rows = [image(1), image(2, brand="B"), image(3, brand="B", season="FW26")]
    assert files(select(rows, query(ALL_IMAGES, **changes), None)) == [f"{n:04d}.jpg" for n in expected]


def test_a_query_for_crops_asks_for_label_and_score():
    rows = [crop(1), crop(2, label="upper"), crop(3, score=0.4), crop(4, score=0.5)]
    assert files(select(rows, query(FULL_CROPS), None)) == ["0001.png", "0004.png"]


def test_a_draw_is_seeded_and_blind_to_the_order_of_rows():
    rows = [image(n) for n in range(100)]
    shuffled = random.Random(0).sample(rows, 100)
    drawn = select(rows, query(ALL_IMAGES), 30)
    assert len(drawn) == 30
    assert drawn == select(shuffled, query(ALL_IMAGES), 30) == sorted(drawn, key=lambda row: row.file)
    assert drawn != select(rows, query(ALL_IMAGES, seed=8), 30)


def test_a_draw_of_all_is_all():
    rows = [image(n) for n in range(10)]
    assert select(rows, query(ALL_IMAGES), 10) == rows


def test_a_draw_of_more_than_there_are_is_an_error():
    with pytest.raises(TooFewImages, match="draws 3 of the 2 images that fit"):
        select([image(1), image(2), image(3, split="held_out")], query(ALL_IMAGES), 3)


def test_a_variant_draws_as_many_as_another_has():
    """`subset` of the study: as many images as there are crops labelled full that train."""
    images = [image(n) for n in range(20)]
    crops = [crop(1), crop(2, label="lower"), crop(3), crop(4, split="held_out"), crop(5)]
    queries = {
        "cropped": query(FULL_CROPS),
        "original": query(ALL_IMAGES),
        "subset": query(ALL_IMAGES, draw={"as_many_as": "cropped"}),
        "sketch": query(ALL_IMAGES, draw={"count": 4}),
        "sketch_too": query(FULL_CROPS, draw={"as_many_as": "sketch"}),
        "like_original": query(ALL_IMAGES, draw={"as_many_as": "original"}),
    }
    counts = {name: resolve_count(name, queries, images, crops) for name in queries}
    assert counts == {
        "cropped": None,
        "original": None,
        "subset": 3,
        "sketch": 4,
        "sketch_too": 4,
        "like_original": 20,
    }


@pytest.mark.parametrize("other", ["nobody", "a", "b"])
def test_a_draw_without_a_size_is_an_error(other):
    """A variant that is not there, a variant that waits for itself, and two that wait for each other."""
    queries = {
        "a": query(ALL_IMAGES, draw={"as_many_as": other}),
        "b": query(ALL_IMAGES, draw={"as_many_as": "a"}),
    }
    with pytest.raises(ConfigError, match="as_many_as"):
        resolve_count("a", queries, [], [])


@pytest.mark.parametrize("changes", [{"label": "full"}, {"min_score": 0.5}])
def test_images_have_neither_label_nor_score(changes):
    with pytest.raises(ValidationError, match="images have no label and no score"):
        query(ALL_IMAGES, **changes)
