"""Forecasts of the next season, each tested on the seasons that are known.

Exponential smoothing with additive errors (Hyndman, Koehler, Ord, Snyder 2008), without a trend, with one, with a
damped one, or with a season; statsmodels fits them, and the corrected information criterion (AICc) chooses. Beside it
stand four baselines (Hyndman, Athanasopoulos 2021, chapter 5.2).
"""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float
from numpy import ndarray
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.exponential_smoothing.ets import ETSModel, ETSResultsWrapper

from fashiongen.trends.params import ForecastParams
from fashiongen.trends.records import ForecastRecord, is_share
from fashiongen.trends.timeline import Timeline, fill_gaps

Values = Float[ndarray, " seasons"]
SMOOTHINGS: Final[Mapping[str, Mapping[str, str | bool]]] = {
    "level": {},
    "trend": {"trend": "add"},
    "damped trend": {"trend": "add", "damped_trend": True},
    "seasonal": {"seasonal": "add"},
}
FAST = 0.9  # a rate of smoothing at which the level is nearly the last value
SIGNED = ("oklab_a", "oklab_b")  # measures that can be negative
LEAST_DEVIATION = 1e-6  # of values; those of less are one value, which nothing has to be fitted to


class Forecast(NamedTuple):
    """The value of the next season, with the ends of its interval."""

    model: str  # a key of SMOOTHINGS
    value: float
    low: float
    high: float


class Trial(NamedTuple):
    """Forecasts of the seasons that are known, each made from those before it."""

    mase: Mapping[str, float]  # by method: `smoothing`, and the keys of BASELINES
    covered_frac: float  # of the values, that lie in the interval of the smoothing's forecast
    forecasts: int


def forecast_mean(values: Values, period: int) -> float:
    """The mean of all seasons."""
    return float(values.mean())


def forecast_last(values: Values, period: int) -> float:
    """The last season's value."""
    return float(values[-1])


def forecast_drift(values: Values, period: int) -> float:
    """The last value, and the mean change from season to season added."""
    return float(values[-1] + (values[-1] - values[0]) / (len(values) - 1))


def forecast_seasonal(values: Values, period: int) -> float:
    """The value of the same season a year ago."""
    return float(values[-period])


BASELINES: Final[Mapping[str, Callable[[Values, int], float]]] = {
    "mean": forecast_mean,
    "last": forecast_last,
    "drift": forecast_drift,
    "a year ago": forecast_seasonal,
}
SMOOTHING = "smoothing"


def smooth(values: Values, period: int, coverage: float) -> Forecast:
    """The forecast of the smoothing with the lowest AICc; `period` is the number of seasons in a year."""
    if np.ptp(values) < LEAST_DEVIATION:
        return Forecast("level", float(values[-1]), float(values[-1]), float(values[-1]))
    fits = {}
    for name, settings in SMOOTHINGS.items():
        if "seasonal" in settings and (period == 1 or len(values) < 2 * period + 2):
            continue
        seasonal = {"seasonal_periods": period} if "seasonal" in settings else {}
        model = ETSModel(pd.Series(values), error="add", **settings, **seasonal)
        if len(values) > len(model.param_names) + 2:  # else the criterion, which counts the deviation too, is infinite
            fits[name] = _fit(model)
    name = min(fits, key=lambda one: fits[one].aicc)
    end = len(values)
    row = fits[name].get_prediction(start=end, end=end).summary_frame(alpha=1 - coverage).to_numpy()[0]
    return Forecast(name, *(float(value) for value in row))


def _fit(model: ETSModel) -> ETSResultsWrapper:
    """The likelier of two fits, one begun near the mean of all values, one near the last: each can miss the best."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # of a model that AICc then rarely chooses
        warnings.simplefilter("ignore", RuntimeWarning)
        slow = model.fit(disp=False)
        start = np.where(np.array(model.param_names) == "smoothing_level", FAST, slow.params)
        fast = model.fit(start_params=start, disp=False)
    return fast if fast.llf > slow.llf else slow


def try_out(values: Values, period: int, params: ForecastParams) -> Trial:
    """Forecast each season from those before it alone, from the `first_seasons` on.

    MASE is the mean absolute error, each divided by the mean change from season to season before it (Hyndman, Koehler
    2006). A season that is NaN counts for nothing.
    """
    errors: dict[str, list[float]] = {name: [] for name in (SMOOTHING, *BASELINES)}
    covered: list[bool] = []
    for end in range(params.first_seasons, len(values)):
        before = fill_gaps(values[:end])
        scale = float(np.abs(np.diff(before)).mean())
        if np.isnan(values[end]) or scale < LEAST_DEVIATION:
            continue
        smoothed = smooth(before, period, params.coverage)
        guesses = {SMOOTHING: smoothed.value} | {name: guess(before, period) for name, guess in BASELINES.items()}
        for name, guessed in guesses.items():
            errors[name].append(abs(guessed - values[end]) / scale)
        covered.append(smoothed.low <= values[end] <= smoothed.high)
    if not covered:
        return Trial({}, 0.0, 0)
    return Trial(
        {name: float(np.mean(of_one)) for name, of_one in errors.items()}, float(np.mean(covered)), len(covered)
    )


def can_forecast(timeline: Timeline, params: ForecastParams) -> bool:
    """Whether there are enough seasons, most of them with a value, the last one included, and not all alike.

    A share of almost nothing, or of almost everything, is not forecast.
    """
    known = ~np.isnan(timeline.values)
    values = timeline.values[known]
    enough = len(values) >= params.min_seasons and known.mean() >= params.min_known_frac
    is_rare = is_share(timeline.measure) and not params.min_share <= values.mean() <= 1 - params.min_share
    return bool(enough and known[-1] and not is_rare and np.ptp(values) >= LEAST_DEVIATION)


def forecast_timelines(timelines: Iterable[Timeline], params: ForecastParams) -> Iterator[ForecastRecord]:
    """A row for each timeline that is long enough, and varies."""
    for timeline in timelines:
        if not can_forecast(timeline, params):
            continue
        forecast = smooth(timeline.filled, timeline.per_year, params.coverage)
        trial = try_out(timeline.values, timeline.per_year, params)
        if not trial.forecasts:
            continue
        best = min(BASELINES, key=lambda name: trial.mase[name])
        bounds = (-np.inf if timeline.measure in SIGNED else 0.0, 1.0 if is_share(timeline.measure) else np.inf)
        value, low, high = (round(float(np.clip(one, *bounds)), 4) for one in forecast[1:])
        yield ForecastRecord(
            brand=timeline.brand,
            measure=timeline.measure,
            season=str(timeline.following),
            model=forecast.model,
            value=value,
            low=low,
            high=high,
            trials=trial.forecasts,
            covered_frac=round(trial.covered_frac, 4),
            mase=round(trial.mase[SMOOTHING], 4),
            best_baseline=best,
            mase_mean=round(trial.mase["mean"], 4),
            mase_last=round(trial.mase["last"], 4),
            mase_drift=round(trial.mase["drift"], 4),
            mase_year_ago=round(trial.mase["a year ago"], 4),
            beats_baselines=trial.mase[SMOOTHING] < trial.mase[best],
        )
