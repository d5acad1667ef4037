"""The rows of a brand's seasons."""

import pytest

from fashiongen.files import write_csv
from fashiongen.report.season_table import (
    distances_table,
    forecasts_table,
    name_colours,
    seasons_table,
    write_interval,
)
from fashiongen.trends.records import ChangeRecord, ForecastRecord, LeadRecord, SeriesRecord, SwatchRecord
from fashiongen.trends.results import read_trends


@pytest.fixture
def komori(report_data):
    (found,) = (one for one in report_data.trends if one.brand == "Kōmori")
    return found


def test_a_season_has_its_measures_with_intervals_and_its_largest_colours(komori):
    table = seasons_table("Kōmori", komori.seasons)
    assert table.caption == "Kōmori, season by season"
    titles = ["season", "garments", "lightness", "chroma", "patterned", "length to waist", "largest colours"]
    assert [column.title for column in table.columns] == titles
    spring, autumn = table.rows
    interval = "0.50 (0.40 to 0.60)"
    named = "marine 50 %, eggshell 38 %, scarlet 12 %"
    assert spring == ("SS26", "41", interval, "0.500 (0.400 to 0.600)", interval, "0.5 (0.4 to 0.6)", named)
    assert autumn == ("FW26", "3", "0.50", "0.500", "0.50", "0.5", named)


def test_colours_of_one_name_are_one(komori):
    """Three blacks that the palette tells apart are told as one, and leave room for other names."""
    first = komori.seasons[0].palette[0]
    shares = {"almost black": [0.3, 0.2, 0.1], "marine": [0.25], "dove": [0.1], "scarlet": [0.05]}
    palette = [first.model_copy(update={"name": name, "share": share}) for name, of in shares.items() for share in of]
    assert name_colours(palette) == "almost black 60 %, marine 25 %, dove 10 %"


def test_all_brands_together_have_a_caption(report_data):
    assert seasons_table("", report_data.trends[0].seasons).caption == "all brands, season by season"


def test_a_forecast_stands_beside_the_last_season_and_says_how_it_did(komori, report_data):
    table = forecasts_table(komori)
    assert [column.title for column in table.columns][:3] == ["measure", "last season", "SS27"]
    assert table.rows == (
        ("lightness", "0.50", "0.45 (0.30 to 0.60)", "0.50", "1.00", "better than the baselines"),
        ("patterned garments", "50 %", "45 % (30 % to 60 %)", "1.20", "1.00", "no better than last season"),
    )
    assert forecasts_table(report_data.trends[0]) is None


def test_two_brands_have_their_distance_with_its_interval(report_data):
    table = distances_table(report_data.distances)
    both = "0.75 (0.50 to 1.00)"
    assert table.rows == (("Atelier Nord and Kōmori", "0.75", both, both),)
    assert distances_table([]) is None


@pytest.mark.parametrize(("low", "high", "text"), [(None, None, "0.1"), (0.0, 0.25, "0.1 (0.0 to 0.2)")])
def test_a_value_stands_before_its_interval(low, high, text):
    row = SeriesRecord(brand="", season="SS26", measure="chroma", value=0.1, low=low, high=high, garments=9)
    assert write_interval(row, 1) == text


def test_trends_are_read_as_they_were_written(tmp_path, report_data, made_up):
    made_up.write_trends(tmp_path, tmp_path)
    assert read_trends(tmp_path, tmp_path / "trends/garments", tmp_path / "proposals") == list(report_data.trends)
    assert [one.seasons[0].palette for one in read_trends(tmp_path)] == [
        one.seasons[0].palette for one in report_data.trends
    ]


def test_no_season_is_no_brand(tmp_path):
    for name, record in (
        ("series", SeriesRecord),
        ("palettes", SwatchRecord),
        ("changes", ChangeRecord),
        ("leads", LeadRecord),
        ("forecasts", ForecastRecord),
    ):
        write_csv(tmp_path / f"{name}.csv", record, [])
    assert read_trends(tmp_path) == []
