import numpy as np
import pytest

from fashiongen.trends.records import SeriesRecord
from fashiongen.trends.timeline import build_timelines


def row(season, value, *, brand="Nord", measure="lightness", garments=9):
    return SeriesRecord(
        brand=brand, season=season, measure=measure, value=value, low=None, high=None, garments=garments
    )


def read(timeline):
    return [str(season) for season in timeline.seasons], timeline.values.tolist()


def test_values_follow_in_time_whatever_the_order_of_the_rows(params):
    (timeline,) = build_timelines([row("SS25", 0.3), row("FW23", 0.1), row("FW24", 0.25), row("SS24", 0.2)], params)
    assert read(timeline) == (["FW23", "SS24", "FW24", "SS25"], [0.1, 0.2, 0.25, 0.3])
    assert (timeline.per_year, str(timeline.following)) == (2, "FW25")


@pytest.mark.parametrize(
    ("shown", "following"),
    [
        (["FW22", "FW23", "FW24"], "FW25"),
        (["Resort 2025", "SS25", "Pre-Fall 2025", "FW25"], "Resort 2026"),
        (["Pre-Fall 2024", "Resort 2025"], "Pre-Fall 2025"),
    ],
)
def test_the_next_season_is_of_a_part_of_the_year_that_the_brand_shows_in(params, shown, following):
    (timeline,) = build_timelines([row(season, 0.5) for season in shown], params)
    assert [str(season) for season in timeline.seasons] == shown
    assert str(timeline.following) == following


def test_a_season_that_is_missing_or_has_few_garments_is_a_gap_with_a_straight_line_over_it(params):
    rows = [row("SS22", 0.0), row("FW22", 0.9, garments=2), row("FW23", 0.3)]
    (timeline,) = build_timelines(rows, params)
    assert [str(season) for season in timeline.seasons] == ["SS22", "FW22", "SS23", "FW23"]
    assert np.isnan(timeline.values).tolist() == [False, True, True, False]
    assert timeline.filled == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_brands_and_measures_are_apart_and_what_has_too_few_garments_is_left_out(params):
    rows = [row("SS22", 0.1), row("SS22", 0.2, brand="A"), row("SS22", 0.3, measure="chroma")]
    timelines = build_timelines([*rows, row("SS22", 0.4, brand="Rare", garments=3), row("archive", 0.5)], params)
    assert {(one.brand, one.measure): one.values.tolist() for one in timelines} == {
        ("Nord", "lightness"): [0.1],
        ("A", "lightness"): [0.2],
        ("Nord", "chroma"): [0.3],
    }


def test_what_winters_and_summers_differ_by_each_year_is_taken_out(params):
    seasons = ["SS22", "FW22", "SS23", "FW23", "SS24", "FW24"]
    rows = [row(season, value) for season, value in zip(seasons, [0.8, 0.2, 0.9, 0.3, 1.0, 0.4], strict=True)]
    (timeline,) = build_timelines(rows, params)
    assert timeline.adjusted == pytest.approx(np.linspace(0.475, 0.725, 6))  # 0.05 a season, around the mean of all
    (of_winters,) = build_timelines([row("FW22", 0.1), row("FW23", 0.5)], params)
    assert of_winters.adjusted == pytest.approx([0.1, 0.5])
