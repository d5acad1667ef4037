"""Series as shapes, in closed form."""

import re

import pytest

from fashiongen.report.series_picture import HEIGHT, MARGIN, WIDTH, draw_series
from fashiongen.trends.records import SeriesRecord


def rows(values, reach=0.1):
    return [
        SeriesRecord(
            brand="Nord",
            season="SS26",
            measure="lightness",
            value=value,
            low=None if reach is None else value - reach,
            high=None if reach is None else value + reach,
            garments=9,
        )
        for value in values
    ]


def points_of(path):
    return [tuple(map(float, pair.split())) for pair in re.fullmatch(r"M(.*?)Z?", path)[1].split("L")]


def test_a_line_goes_from_edge_to_edge_and_upwards_where_values_rise():
    picture = draw_series(rows([0.2, 0.4, 0.6]), None)
    xs, ys = zip(*picture.points, strict=True)
    assert xs == pytest.approx([MARGIN, WIDTH / 2, WIDTH - MARGIN], abs=0.1)
    assert ys[0] > ys[1] > ys[2]
    assert points_of(picture.line) == list(picture.points)
    assert (picture.fan, picture.forecast) == ("", "")


def test_values_lie_where_the_edges_say():
    picture = draw_series(rows([0.2, 0.4, 0.6]), None)
    for (_, y), value in zip(picture.points, (0.2, 0.4, 0.6), strict=True):
        assert y == pytest.approx(HEIGHT * (picture.high - value) / (picture.high - picture.low), abs=0.1)
    assert picture.low < 0.1 and picture.high > 0.7


def test_a_band_spans_the_intervals_and_ends_where_there_is_none():
    series = [*rows([0.2, 0.4]), *rows([0.5], reach=None), *rows([0.6])]
    first, second = draw_series(series, None).bands
    assert len(points_of(first)) == 4 and len(points_of(second)) == 2
    assert draw_series(rows([0.2, 0.3], reach=None), None).bands == []


def test_the_fan_opens_from_the_last_season_to_the_ends_of_the_forecast(made_up):
    forecast = made_up.make_forecast("lightness")
    picture = draw_series(rows([0.2, 0.4]), forecast)
    last, high, low = points_of(picture.fan)
    assert last == picture.points[-1]
    assert high[0] == low[0] == WIDTH - MARGIN
    assert high[1] < points_of(picture.forecast)[1][1] < low[1]


@pytest.mark.parametrize("values", [[0.4], [0.0, 0.0], [0.3, 0.3, 0.3]])
def test_one_season_or_equal_values_have_a_picture(values):
    picture = draw_series(rows(values, reach=None), None)
    assert all(0 <= y <= HEIGHT and 0 <= x <= WIDTH for x, y in picture.points)
