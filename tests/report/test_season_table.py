"""The rows of a brand's seasons."""

import pytest

from fashiongen.files import write_csv
from fashiongen.report.read import read_seasons
from fashiongen.report.season_table import seasons_table, write_interval
from fashiongen.trends.records import SeriesRecord, SwatchRecord


def test_a_season_has_its_measures_with_intervals_and_its_largest_colours(report_data):
    table = seasons_table("Kōmori", report_data.brands["Kōmori"])
    assert table.caption == "Kōmori, season by season"
    titles = ["season", "garments", "lightness", "chroma", "patterned", "height to width", "largest colours"]
    assert [column.title for column in table.columns] == titles
    spring, autumn = table.rows
    interval = "0.50 (0.40 to 0.60)"
    named = "marine 50 %, eggshell 38 %, scarlet 12 %"
    assert spring == ("SS26", "41", interval, "0.500 (0.400 to 0.600)", interval, interval, named)
    assert autumn == ("FW26", "3", "0.50", "0.500", "0.50", "0.50", named)


def test_all_brands_together_have_a_caption(report_data):
    assert seasons_table("", report_data.brands[""]).caption == "all brands, season by season"


@pytest.mark.parametrize(("low", "high", "text"), [(None, None, "0.1"), (0.0, 0.25, "0.1 (0.0 to 0.2)")])
def test_a_value_stands_before_its_interval(low, high, text):
    row = SeriesRecord(brand="", season="SS26", measure="chroma", value=0.1, low=low, high=high, garments=9)
    assert write_interval(row, 1) == text


def test_seasons_are_read_as_they_were_written(tmp_path, report_data, made_up):
    made_up.write_seasons(tmp_path, tmp_path / "garments")
    assert read_seasons(tmp_path, tmp_path / "garments") == list(report_data.seasons)
    assert [one.palette for one in read_seasons(tmp_path)] == [one.palette for one in report_data.seasons]


def test_no_season_is_no_row(tmp_path):
    write_csv(tmp_path / "series.csv", SeriesRecord, [])
    write_csv(tmp_path / "palettes.csv", SwatchRecord, [])
    assert read_seasons(tmp_path) == []
