"""Forecasts: known answers, an independent implementation, closed forms, intervals that cover what they say."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.api import ExponentialSmoothing

from fashiongen.trends.forecasts import (
    BASELINES,
    SMOOTHINGS,
    can_forecast,
    forecast_timelines,
    smooth,
    try_out,
)
from fashiongen.trends.seasons import Season
from fashiongen.trends.timeline import Timeline, step_season

# Saudi Arabia's oil production from 1996 to 2007, in millions of tonnes (Hyndman, Athanasopoulos 2014, table 7.1, whose
# simple exponential smoothing has alpha 0.89, and forecasts 484.8).
OIL = [446.7, 454.5, 455.7, 423.6, 456.3, 440.6, 425.3, 485.1, 506.0, 526.8, 514.3, 494.2]


RATES = np.linspace(1e-4, 1 - 1e-4, 4_000)


def search_level(values, rate):
    """The squares of simple exponential smoothing at a rate, and its forecast."""
    of_data, of_first = 0.0, 1.0  # the level is the one, and the other times the first level
    errors, slopes = [], []
    for value in values:
        errors.append(value - of_data)
        slopes.append(-of_first)
        of_data, of_first = of_data + rate * (value - of_data), of_first * (1 - rate)
    errors, slopes = np.array(errors), np.array(slopes)
    first = -(errors @ slopes) / (slopes @ slopes)
    return ((errors + slopes * first) ** 2).sum(), of_data + of_first * first


def timeline(values, *, measure="lightness", brand="Nord"):
    seasons = [Season(2020, 1)]
    while len(seasons) < len(values):
        seasons.append(step_season(seasons[-1], [1, 3]))
    return Timeline(brand, measure, seasons, np.array(values, float), 2)


class TestTheSmoothing:
    def test_gives_the_textbooks_forecast(self):
        forecast = smooth(np.array(OIL), 1, 0.8)
        assert forecast.model == "level"
        assert forecast.value == pytest.approx(496.5, abs=0.5)

    @pytest.mark.parametrize("seed", range(4))
    def test_of_a_level_has_the_least_squares_of_all(self, seed):
        """A search over all rates, each with its best first level, which is linear."""
        values = 0.5 + 0.05 * np.cumsum(np.random.default_rng(seed).normal(size=9)) * (seed % 2)
        values += 0.05 * np.random.default_rng(seed + 50).normal(size=9)
        forecast = smooth(values, 1, 0.8)
        assert forecast.model == "level"
        assert forecast.value == pytest.approx(min(map(partial(search_level, values), RATES))[1], abs=1e-3)

    def test_follows_a_line_and_is_surest_there(self):
        forecast = smooth(np.linspace(0.2, 0.75, 12) + 0.001 * np.array([1, -1] * 6), 2, 0.8)
        assert forecast.value == pytest.approx(0.8, abs=0.01)
        assert forecast.low < forecast.value < forecast.high < forecast.low + 0.05

    def test_sees_that_winters_are_darker(self):
        values = np.array([0.8, 0.3] * 7) + 0.02 * np.random.default_rng(1).normal(size=14)
        forecast = smooth(values, 2, 0.8)
        assert forecast.model == "seasonal"
        assert forecast.value == pytest.approx(0.8, abs=0.04)
        fitted = ExponentialSmoothing(pd.Series(values), seasonal="add", seasonal_periods=2).fit().forecast(1).iloc[0]
        assert forecast.value == pytest.approx(fitted, abs=0.02)

    def test_of_one_value_again_and_again_is_that_value(self):
        assert smooth(np.full(9, 0.4), 2, 0.8) == ("level", 0.4, 0.4, 0.4)

    def test_chooses_no_trend_where_there_is_none(self):
        rng = np.random.default_rng(5)
        chosen = [smooth(rng.normal(size=12), 2, 0.8).model for _ in range(12)]
        assert set(chosen) <= set(SMOOTHINGS)
        assert chosen.count("level") >= 8

    def test_intervals_cover_nearly_as_many_as_they_say(self):
        """Of twelve values the deviation is underestimated, so a little less than 80 % is covered."""
        rng = np.random.default_rng(6)
        series = rng.normal(size=(40, 13))
        forecasts = [smooth(one[:-1], 1, 0.8) for one in series]
        covered = np.mean([one.low <= truth <= one.high for one, truth in zip(forecasts, series[:, -1], strict=True)])
        assert 0.62 <= covered <= 0.88


class TestBaselines:
    def test_are_what_their_names_say(self):
        values = np.array([0.2, 0.6, 0.4, 0.5])
        guesses = {name: guess(values, 2) for name, guess in BASELINES.items()}
        assert guesses == pytest.approx({"mean": 0.425, "last": 0.5, "drift": 0.6, "a year ago": 0.4})


class TestTrials:
    def test_the_error_of_the_last_value_is_that_of_a_hand_calculation(self, params):
        values = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 3.0, 3.0])
        trial = try_out(values, 2, params.forecast)
        assert trial.forecasts == 2
        assert trial.mase["last"] == pytest.approx((3 / 1 + 0 / (7 / 5)) / 2)
        assert trial.mase["a year ago"] == pytest.approx((2 / 1 + 3 / (7 / 5)) / 2)

    def test_a_gap_counts_for_nothing_and_is_filled_without_what_comes_after(self, params):
        values = np.array([0.0, 1.0, 0.0, 1.0, 0.0, np.nan, 0.5])
        trial = try_out(values, 2, params.forecast)
        assert trial.forecasts == 1
        assert trial.mase["last"] == pytest.approx(0.5 / (4 / 5))  # the season before the gap, again

    @pytest.mark.parametrize("seasons", [5, 6])
    def test_the_fewest_seasons_that_params_allow_have_a_forecast(self, seasons):
        assert smooth(np.linspace(0.2, 0.6, seasons), 2, 0.8).value > 0.3


class TestForecasts:
    def test_of_a_line_beat_the_last_season_and_of_noise_do_not(self, params):
        rng = np.random.default_rng(3)
        line = timeline(np.linspace(0.2, 0.7, 12) + 0.004 * rng.normal(size=12))
        walk = timeline(0.5 + 0.05 * np.cumsum(rng.normal(size=12)), measure="chroma")
        of_line, of_walk = forecast_timelines([line, walk], params.forecast)
        assert of_line.season == "SS26"
        assert of_line.value == pytest.approx(0.745, abs=0.02)
        assert of_line.mase < of_line.mase_last
        assert of_line.best_baseline == "drift"
        assert of_walk.mase > 0.8

    @pytest.mark.parametrize(
        "values",
        [
            [0.1, 0.2] * 3,
            [0.5] * 12,
            [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, np.nan],
            [0.1, np.nan, np.nan, np.nan, 0.3, 0.4, 0.5, 0.6, 0.7, 0.4, 0.8],
        ],
        ids=["few seasons", "all alike", "the last one missing", "many missing"],
    )
    def test_are_not_made_of_what_tells_too_little(self, params, values):
        assert not can_forecast(timeline(values), params.forecast)
        assert list(forecast_timelines([timeline(values)], params.forecast)) == []

    @pytest.mark.parametrize("measure", ["dots_frac", "red_share"])
    def test_of_what_hardly_anyone_wears_are_not_made(self, params, measure):
        rare = 0.01 + 0.01 * (np.arange(12) % 3)
        assert not can_forecast(timeline(rare, measure=measure), params.forecast)
        assert can_forecast(timeline(rare, measure="chroma"), params.forecast)

    def test_of_a_share_stay_between_none_and_all(self, params):
        rising = np.array([0.3, 0.45, 0.5, 0.62, 0.7, 0.78, 0.9, 0.97, 1.0])
        (row,) = forecast_timelines([timeline(rising, measure="dots_frac")], params.forecast)
        assert 0 <= row.low <= row.value <= row.high <= 1

    def test_have_no_value_that_cannot_be(self, params):
        falling = np.array([0.2, 0.17, 0.15, 0.12, 0.1, 0.08, 0.05, 0.03, 0.01])
        chroma, axis = (timeline(falling, measure=measure) for measure in ("chroma", "oklab_a"))
        of_chroma, of_axis = forecast_timelines([chroma, axis], params.forecast)
        assert of_chroma.low == 0 > of_axis.low
