"""Planted changes are found; of seasons that do not differ no more is reported than the rate that was asked for."""

import numpy as np

from fashiongen.trends.changes import find_changes
from fashiongen.trends.series import FOLLOWED, group_garments, summarise
from fashiongen.trends.timeline import build_timelines
from tests.trends.test_series import garment

SEASONS = [f"{part}{year}" for year in range(21, 27) for part in ("SS", "FW")]


def wardrobe(rng, means, *, brand="Nord", per_season=8, deviation=0.12):
    return [
        garment(
            brand=brand,
            season=season,
            lightness=float(np.clip(rng.normal(mean, deviation), 0, 1)),
            height_to_width=float(rng.uniform(1.5, 2.5)),
            hem_to_waist=float(rng.uniform(1, 2)),
            pattern="dots" if rng.random() < 0.4 else "plain",
        )
        for season, mean in zip(SEASONS, means, strict=True)
        for _ in range(per_season)
    ]


def find(garments, params):
    groups = group_garments(garments)
    timelines = [one for one in build_timelines(summarise(groups, params), params) if one.measure in FOLLOWED]
    return {(row.brand, row.measure): row for row in find_changes(groups, timelines, params)}


def test_what_falls_what_rises_and_what_comes_and_goes(params):
    rng = np.random.default_rng(0)
    garments = [
        *wardrobe(rng, np.linspace(0.8, 0.4, 12), brand="Falling"),
        *wardrobe(rng, np.linspace(0.3, 0.7, 12), brand="Rising"),
        *wardrobe(rng, [0.7, 0.2, 0.5, 0.8, 0.2, 0.4, 0.7, 0.15, 0.45, 0.75, 0.3, 0.6], brand="Turning"),
        *wardrobe(rng, [0.5] * 12, brand="Steady"),
    ]
    found = {key: row.change for key, row in find(garments, params).items() if row.change != "none" and key[0]}
    assert found == {
        ("Falling", "lightness"): "falls",
        ("Rising", "lightness"): "rises",
        ("Turning", "lightness"): "varies",
    }


def test_the_ends_and_the_tendency_are_those_of_the_seasons(params):
    row = find(wardrobe(np.random.default_rng(1), np.linspace(0.2, 0.8, 12), deviation=0.0), params)[
        "Nord", "lightness"
    ]
    assert (row.first, row.last, row.tau) == (0.2, 0.8, 1.0)
    assert row.p_trend < 1e-6


def test_where_nothing_changes_few_runs_report_anything(params):
    """Of twenty wardrobes without a change, at 5 %, more than four would be reported in one of 400 such tests."""
    alarms = 0
    for seed in range(20):
        rows = find(wardrobe(np.random.default_rng(100 + seed), [0.5] * 12), params).values()
        alarms += any(row.change != "none" for row in rows)
    assert alarms <= 4


def test_winters_that_are_darker_each_year_hide_no_tendency(params):
    means = np.linspace(0.7, 0.5, 12) - 0.2 * (np.arange(12) % 2)
    row = find(wardrobe(np.random.default_rng(1), means, deviation=0.0), params)["Nord", "lightness"]
    assert (row.change, row.tau) == ("falls", -1.0)


def test_two_seasons_or_seasons_of_few_garments_tell_nothing(params):
    rng = np.random.default_rng(2)
    two = [one for one in wardrobe(rng, np.linspace(0.2, 0.8, 12)) if one.season in SEASONS[:2]]
    assert find(two, params) == {}
    assert find(wardrobe(rng, np.linspace(0.2, 0.8, 12), per_season=3), params) == {}
