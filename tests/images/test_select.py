"""Training sets as queries."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fashiongen.config import parse
from fashiongen.errors import ConfigError, TooFewImages
from fashiongen.images.manifest import CropRecord, ImageRecord
from fashiongen.images.select import QueryParams, describe, fits, select

ANY = {"label": None, "brand": None, "season": None, "min_score": 0.0, "min_side_px": 0, "draw": None, "seed": 7}
IMAGES, CROPS = ANY | {"source": "images"}, ANY | {"source": "crops"}
FULL_CROPS = CROPS | {"label": "full", "min_score": 0.5}
NOTHING = {"pin_id": "1", "board": "/a/", "title": "", "sha256": ""}
BOX = {"x_px": 0, "y_px": 0, "w_px": 8, "h_px": 8}

BRANDS, SEASONS, LABELS = ("Nerovia", "Kōmori"), ("SS26", "FW26"), ("upper", "lower", "full")
SPLITS = ("train", "held_out")
SCORES, SIDES_PX = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.integers(1, 6)
SHARED = {"brand": st.sampled_from(BRANDS), "season": st.sampled_from(SEASONS), "split": st.sampled_from(SPLITS)}
SHARED |= {"width_px": SIDES_PX, "height_px": SIDES_PX}
CROP_ROWS = st.fixed_dictionaries(SHARED | {"label": st.sampled_from(LABELS), "score": SCORES})
CONDITIONS = st.fixed_dictionaries(
    {
        "label": st.none() | st.sampled_from(LABELS),
        "brand": st.none() | st.sampled_from(BRANDS),
        "season": st.none() | st.sampled_from(SEASONS),
        "min_score": SCORES,
        "min_side_px": st.integers(0, 6),
    }
)


def image(n, **changes):
    known = {"brand": "A", "season": "SS26", "split": "train", "width_px": 8, "height_px": 8}
    return ImageRecord(file=f"{n:04d}.jpg", **NOTHING, **known | changes)


def crop(n, **changes):
    known = {"brand": "A", "season": "SS26", "split": "train", "width_px": 8, "height_px": 8}
    known |= {"label": "full", "score": 0.9, "mask": "ok", "mask_certainty": 0.8}
    known |= {"cutout_width_px": 4, "cutout_height_px": 8, "cutout_sha256": f"cutout {n}"}
    return CropRecord(file=f"{n:04d}.png", source=f"{n:04d}.jpg", **BOX, **NOTHING, **known | changes)


def query(values, **changes):
    return QueryParams.model_validate({**values, **changes})


def choose(asked, rows):
    return select(asked, **{"images": [], "crops": [], asked.source: rows})


def files(rows):
    return [row.file for row in rows]


@given(st.lists(CROP_ROWS, max_size=30), CONDITIONS)
def test_what_is_asked_together_is_what_each_alone_would_give(rows, conditions):
    """The oracle intersects one set per condition; only the train split is in the first."""
    given_crops = [crop(n, **row) for n, row in enumerate(rows)]
    expected = {n for n, row in enumerate(rows) if row["split"] == "train"}
    for name in ("label", "brand", "season"):
        if conditions[name] is not None:
            expected &= {n for n, row in enumerate(rows) if row[name] == conditions[name]}
    expected -= {n for n, row in enumerate(rows) if row["score"] < conditions["min_score"]}
    for side in ("width_px", "height_px"):
        expected -= {n for n, row in enumerate(rows) if row[side] < conditions["min_side_px"]}
    asked = query(CROPS, **conditions)
    assert {int(row.file[:4]) for row in given_crops if fits(row, asked)} == expected
    if expected:
        assert files(choose(asked, given_crops[::-1])) == [f"{n:04d}.png" for n in sorted(expected)]
    else:
        with pytest.raises(TooFewImages, match="no crops of the train split fit"):
            choose(asked, given_crops)


@given(st.lists(CROP_ROWS, min_size=1, max_size=30), CONDITIONS, st.data())
def test_a_row_that_meets_every_condition_is_found(rows, conditions, data):
    """One row is made to fit, so that every example chooses something; the order of the rows does not matter."""
    place = data.draw(st.integers(0, len(rows) - 1))
    given_values = {name: value for name, value in conditions.items() if value is not None}
    side_px = max(given_values["min_side_px"], 1)
    named = {name: given_values[name] for name in ("label", "brand", "season") if name in given_values}
    rows[place] |= named | {"split": "train", "score": conditions["min_score"]}
    rows[place] |= {"width_px": side_px, "height_px": side_px}
    crops = [crop(n, **row) for n, row in enumerate(rows)]
    found = files(choose(query(CROPS, **conditions), crops))
    assert f"{place:04d}.png" in found
    assert found == files(choose(query(CROPS, **conditions), crops[::-1]))


def test_a_query_for_images_asks_for_brand_season_and_size():
    rows = [image(1), image(2, brand="B"), image(3, brand="B", season="FW26"), image(4, height_px=7)]
    assert files(choose(query(IMAGES, brand="B"), rows)) == ["0002.jpg", "0003.jpg"]
    assert files(choose(query(IMAGES, brand="B", season="FW26"), rows)) == ["0003.jpg"]
    assert files(choose(query(IMAGES, brand="A", min_side_px=8), rows)) == ["0001.jpg"]


def test_a_query_takes_its_rows_from_its_own_source():
    there = {"images": [image(1)], "crops": [crop(2)]}
    assert files(select(query(IMAGES), **there)) == ["0001.jpg"]
    assert files(select(query(CROPS), **there)) == ["0002.png"]


def test_a_query_for_cutouts_takes_the_crops_whose_mask_is_ok_with_the_size_and_hash_of_the_cutout():
    failed = {"cutout_width_px": None, "cutout_height_px": None, "cutout_sha256": None}
    crops = [crop(0), crop(1, mask="torn", **failed), crop(2, mask=None, **failed), crop(3, label="upper")]
    [found] = select(query(ANY, source="cutouts", label="full"), images=[], crops=crops)
    assert (found.file, found.width_px, found.height_px, found.sha256) == ("0000.png", 4, 8, "cutout 0")
    with pytest.raises(TooFewImages, match="no cutouts of the train split"):
        select(query(ANY, source="cutouts", min_side_px=5), images=[], crops=crops)


def test_a_query_that_nothing_fits_says_what_was_asked_and_what_there_is():
    rows = [image(1, brand="Nerovia"), image(2, brand="Kōmori", split="held_out")]
    asked = "no images of the train split fit images, brand Nerovi, min_side_px 4: widen the query"
    with pytest.raises(TooFewImages, match=rf"{asked} \(there are brands: Kōmori, Nerovia; seasons: SS26\)"):
        choose(query(IMAGES, brand="Nerovi", min_side_px=4), rows)


@pytest.mark.slow
@given(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))),
    st.integers(0, 9),
    st.randoms(use_true_random=False),
)
def test_a_draw_by_count_is_so_many_of_what_fits_whatever_the_order_of_the_rows(n_and_count, seed, order):
    n, count = n_and_count
    rows = [image(place, brand="AB"[place % 2]) for place in range(2 * n)]
    shuffled = order.sample(rows, len(rows))
    asked = query(IMAGES, brand="B", draw={"count": count}, seed=seed)
    drawn = choose(asked, rows)
    assert drawn == choose(asked, shuffled) == sorted(drawn, key=lambda row: row.file)
    assert len(set(files(drawn))) == count
    assert {row.brand for row in drawn} == {"B"}


def test_another_seed_draws_other_rows():
    rows = [image(n) for n in range(100)]
    first, second = (choose(query(IMAGES, draw={"count": 30}, seed=seed), rows) for seed in (7, 8))
    assert first != second


def test_every_row_is_drawn_as_often_as_another():
    """Of 10 rows 3 are drawn by 2,000 seeds: each about 600 times; 4.5 standard deviations are 92."""
    rows, times = [image(n) for n in range(10)], dict.fromkeys(range(10), 0)
    for seed in range(2000):
        for row in choose(query(IMAGES, draw={"count": 3}, seed=seed), rows):
            times[int(row.file[:4])] += 1
    assert all(abs(drawn - 600) < 92 for drawn in times.values())


@given(st.integers(1, 200), st.integers(1, 100))
def test_a_draw_by_share_is_within_half_a_row_of_it_and_at_least_one(n, percents):
    rows = [image(place) for place in range(n)]
    drawn = len(choose(query(IMAGES, draw={"frac": percents / 100}), rows))
    assert abs(drawn - Fraction(percents, 100) * n) <= Fraction(1, 2) or drawn == 1


def test_a_draw_of_all_is_all():
    rows = [image(n) for n in range(10)]
    assert choose(query(IMAGES, draw={"count": 10}), rows) == choose(query(IMAGES, draw={"frac": 1}), rows) == rows


def test_a_draw_of_more_than_there_are_is_an_error():
    rows = [image(1), image(2), image(3, split="held_out")]
    with pytest.raises(TooFewImages, match="draws 3 of the 2 images that fit"):
        choose(query(IMAGES, draw={"count": 3}), rows)


def test_a_query_draws_as_many_as_another_gives():
    """`subset` of the study: as many images as there are crops labelled full that train."""
    there = {
        "images": [image(n) for n in range(20)],
        "crops": [crop(1), crop(2, label="lower"), crop(3), crop(4, split="held_out"), crop(5, score=0.4), crop(6)],
    }
    as_cropped = {"as_many_as": FULL_CROPS}
    as_a_third_of_them = {"as_many_as": FULL_CROPS | {"draw": {"frac": 1 / 3}}}
    as_a_chain = {"as_many_as": IMAGES | {"draw": as_cropped}}
    counts = [
        len(select(query(IMAGES, draw=draw), **there)) for draw in (as_cropped, as_a_third_of_them, as_a_chain, None)
    ]
    assert counts == [3, 1, 3, 20]


def test_a_draw_is_the_one_that_the_standard_library_makes():
    """So that a training set can be told from its params without this project."""
    rows = [image(n) for n in range(50)]
    names = random.Random(7).sample(files(rows), 20)
    assert files(choose(query(IMAGES, draw={"count": 20}), rows)) == sorted(names)


@pytest.mark.parametrize("changes", [{"label": "full"}, {"min_score": 0.5}])
def test_images_have_neither_label_nor_score(changes):
    with pytest.raises(ValidationError, match="images have no label and no score"):
        query(IMAGES, **changes)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"draw": {"frac": 1.5}}, r"draw\.frac\.frac: Input should be less than or equal to 1"),
        ({"draw": {"count": 0}}, r"draw\.count\.count: Input should be greater than 0"),
        ({"draw": {"as_many_as": "cropped"}}, r"draw\.as_many_as\.as_many_as: Input should be a valid dictionary"),
        ({"draw": {"count": 1, "frac": 1}}, r"draw: a draw is \{count: N\}, \{frac: 0 to 1\} or \{as_many_as: a query"),
        ({"draw": "half"}, r"draw: a draw is \{count: N\}"),
        ({"label": "shoes"}, "label: Input should be 'upper', 'lower' or 'full'"),
        ({"min_side_px": -1}, "min_side_px: Input should be greater than or equal to 0"),
    ],
)
def test_a_wrong_query_is_refused_in_one_fault(changes, fault):
    with pytest.raises(ConfigError, match=rf"^params\.yaml: q\.{fault}[^;]*$"):
        parse(QueryParams, {**CROPS, **changes}, "q")


def test_a_query_that_waits_for_itself_is_refused():
    """YAML's anchors can say so."""
    values = dict(IMAGES)
    values["draw"] = {"as_many_as": values}
    with pytest.raises(ConfigError, match="cyclic"):
        parse(QueryParams, values, "q")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (IMAGES, "images"),
        (FULL_CROPS | {"brand": "Nerovia"}, "crops, label full, brand Nerovia, min_score 0.5"),
        (IMAGES | {"draw": {"as_many_as": CROPS}}, "images, draw as many as (crops)"),
        (CROPS | {"min_side_px": 96, "draw": {"frac": 0.5}}, "crops, min_side_px 96, draw frac 0.5"),
    ],
)
def test_a_query_is_said_in_words(values, words):
    assert describe(query(values)) == words
