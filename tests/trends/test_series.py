"""Seasons summed up: means, intervals that cover what they say, palettes of colours that are worn."""

import numpy as np
import pytest

from fashiongen.trends import series
from fashiongen.trends.counts import count_trends
from fashiongen.trends.records import ALL, PATTERN_KINDS, GarmentRecord
from fashiongen.trends.seasons import parse_season
from fashiongen.trends.series import MEASURES, bootstrap_mean, group_garments, join_palettes, sum_up_palettes, summarise
from tests.trends.conftest import crop_record


def garment(number=0, **changes):
    values = {
        "file": f"{number:03d}.png",
        "brand": "Nord",
        "season": "SS26",
        "season_from": "catalogue",
        "label": "full",
        "score": 0.9,
        "palette": "#1f2a44 1.00",
        "colour": "navy",
        "families": "blue 1.00",
        "lightness": 0.3,
        "chroma": 0.05,
        "oklab_a": 0.0,
        "oklab_b": -0.05,
        "contrast": 0.01,
        "pattern": "plain",
        "pattern_certainty": 0.9,
        "height_to_width": 2.0,
        "hem_to_waist": 1.0,
        "length_to_waist": 5.0,
        "length": "midi",
        "widths": " ".join(["1.00"] * 8),
    }
    return GarmentRecord.model_validate(values | changes)


def read(rows, brand, season, measure):
    (row,) = (row for row in rows if (row.brand, row.season, row.measure) == (brand, season, measure))
    return row


def test_a_brands_seasons_follow_in_time_and_all_brands_come_first():
    garments = [garment(season=season, brand=brand) for season in ("FW26", "SS26", "Resort 2026") for brand in "BA"]
    groups = group_garments([*garments, garment(season="archive"), garment(season="")])
    assert [(brand, str(season)) for brand, season in groups] == [
        (brand, season) for brand in (ALL, "A", "B") for season in ("Resort 2026", "SS26", "FW26")
    ]
    assert {len(members) for (brand, _), members in groups.items() if brand == ALL} == {2}


def test_ways_to_write_a_season_are_one_season():
    groups = group_garments([garment(season=season) for season in ("SS26", "S/S 2026", "Spring/Summer '26")])
    assert [(brand, str(season), len(members)) for (brand, season), members in groups.items()] == [
        (ALL, "SS26", 3),
        ("Nord", "SS26", 3),
    ]


def test_means_are_those_of_the_garments(params):
    labels, patterns = ["full", "full", "upper", "lower"], ["dots", "plain", "checks", "plain"]
    garments = [
        garment(lightness=number / 10, pattern=pattern, label=label)
        for number, (label, pattern) in enumerate(zip(labels, patterns, strict=True))
    ]
    rows = list(summarise(group_garments(garments), params))
    assert {row.measure for row in rows} == set(MEASURES)
    values = {measure: read(rows, "Nord", "SS26", measure).value for measure in MEASURES}
    assert (values["lightness"], values["patterned_frac"]) == (0.15, 0.5)
    assert [values[f"{label}_frac"] for label in ("full", "upper", "lower")] == [0.5, 0.25, 0.25]
    printed = {kind: values[f"{kind}_frac"] for kind in PATTERN_KINDS if kind != "plain"}
    assert {kind: share for kind, share in printed.items() if share} == {"checks": 0.25, "dots": 0.25}


@pytest.mark.parametrize("count", [1, 4, 5, 40])
def test_a_season_of_few_garments_has_no_interval(params, count):
    rows = list(summarise(group_garments([garment(lightness=n / count) for n in range(count)]), params))
    row = read(rows, "Nord", "SS26", "lightness")
    assert row.garments == count
    if count < params.min_garments:
        assert row.low is row.high is None
    else:
        assert row.low < row.value < row.high


def test_garments_that_are_alike_leave_no_doubt(params):
    row = read(list(summarise(group_garments([garment()] * 9), params)), "Nord", "SS26", "lightness")
    assert row.low == row.value == row.high == 0.3


def test_another_brand_changes_no_interval(params):
    of_nord = [garment(lightness=n / 9) for n in range(9)]
    alone, together = (
        read(list(summarise(group_garments(garments), params)), "Nord", "SS26", "lightness")
        for garments in (of_nord, [*(garment(brand="A", lightness=0.9) for _ in range(7)), *of_nord])
    )
    assert alone == together


def test_intervals_cover_the_true_mean_as_often_as_they_say(params):
    """Of 400 seasons of 40 garments; a binomial share of 0.95 lies within 0.92 and 0.98 in 99 of 100 such tests."""
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        low, high = bootstrap_mean(rng.normal(0.5, 0.1, 40), params, rng)
        covered += low <= 0.5 <= high
    assert 0.91 <= covered / 400 <= 0.98


def test_the_interval_of_many_is_that_of_resamples(params, monkeypatch):
    values = np.random.default_rng(0).exponential(0.2, 5_000)
    normal = bootstrap_mean(values, params, np.random.default_rng(0))
    monkeypatch.setattr(series, "MANY", len(values))
    assert normal == pytest.approx(bootstrap_mean(values, params, np.random.default_rng(0)), abs=5e-4)


def test_many_garments_are_summed_up_like_some_of_them(params):
    """Each second one is red: so are about half of those that are taken."""
    pair = [garment(palette="#b41e28 1.00", lightness=0.4), garment(palette="#1f2a44 1.00", lightness=0.2)]
    many = {(ALL, parse_season("SS26")): pair * 1_250}
    assert [one.share for one in join_palettes(pair * 20_000, params)] == pytest.approx([0.5, 0.5], abs=0.01)
    row = read(list(summarise(many, params)), ALL, "SS26", "lightness")
    assert (row.value, row.garments) == (0.3, 2_500)
    assert row.high - row.low == pytest.approx(2 * 1.96 * 0.1 / 50, abs=2e-4)


def test_a_palette_counts_each_garment_alike_and_has_colours_that_are_worn(params):
    palettes = ["#1f2a44 1.00", "#1f2a44 0.50, #f4f0e6 0.50", "#7f3020 1.00"]
    found = join_palettes([garment(palette=palette) for palette in palettes], params)
    assert [one.share for one in found] == pytest.approx([0.5, 1 / 3, 1 / 6])
    rows = list(sum_up_palettes(group_garments([garment(palette=palette) for palette in palettes]), params))
    of_nord = [row for row in rows if row.brand == "Nord"]
    assert [row.colour for row in of_nord] == ["#1f2a44", "#7f3020", "#f4f0e6"]
    assert [row.rank for row in of_nord] == [1, 2, 3]


def test_colours_of_many_are_some_of_theirs(params):
    rng = np.random.default_rng(0)
    colours = ["#" + bytes(rng.integers(0, 256, 3, dtype=np.uint8)).hex() for _ in range(60)]
    rows = list(sum_up_palettes(group_garments([garment(palette=f"{colour} 1.00") for colour in colours]), params))
    assert {row.colour for row in rows} <= set(colours)
    assert sum(row.share for row in rows if row.brand == ALL) == pytest.approx(1, abs=0.01)
    assert len([row for row in rows if row.brand == ALL]) <= params.season_colours


def test_what_was_left_out_is_counted(params):
    crops = [crop_record(mask=mask) for mask in ("ok", "ok", "ok", "torn", None, "ok")]
    garments = [garment(), garment(season="FW26", season_from="pin"), garment(season="archive", season_from="none")]
    assert count_trends(crops, garments, group_garments(garments), params) == {
        "garments": 3,
        "without_cutout": 2,
        "too_small": 1,
        "season_from_pin": 1,
        "without_season": 1,
        "brands": 1,
        "seasons": 2,
        "brand_seasons": 2,
        "brand_seasons_without_interval": 2,
    }
