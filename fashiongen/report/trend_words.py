"""What changed at a brand, whom it follows and what comes next, in words."""

from collections.abc import Iterable, Sequence

from fashiongen.report.names import share
from fashiongen.trends.records import OF_COLOURS, OF_GARMENTS, ChangeRecord, ForecastRecord, LeadRecord, is_share
from fashiongen.trends.results import BrandTrends

ALWAYS_SHOWN = ("lightness", "chroma", "patterned_frac", "length_to_waist")
MOST_SHOWN = 8  # measures of a brand
TITLES = {
    "oklab_a": "green to red",
    "oklab_b": "blue to yellow",
    "patterned_frac": "patterned garments",
    "stripes_frac": "garments with stripes",
    "checks_frac": "garments with checks",
    "dots_frac": "garments with dots",
    "other_frac": "garments with other patterns",
    "height_to_width": "height to width",
    "hem_to_waist": "hem to waist",
    "length_to_waist": "length to waist",
}
ONE_SEASON = 1


def title_measure(measure: str) -> str:
    """A measure's name, as in `height to width`, `floral garments`, `share of red`."""
    if measure in TITLES:
        return TITLES[measure]
    if measure.endswith(OF_COLOURS):
        return f"share of {measure.removesuffix(OF_COLOURS)}"
    if measure.endswith(OF_GARMENTS):
        return f"{measure.removesuffix(OF_GARMENTS)} garments"
    return measure.replace("_", " ")


def write_value(measure: str, value: float) -> str:
    """A value of a measure: shares in percents, others with two digits."""
    return share(round(value, 2)) if is_share(measure) else f"{value:.2f}"


def write_range(row: ForecastRecord) -> str:
    """A forecast with its interval, as in `0.36 (0.30 to 0.42)`."""
    low, high = write_value(row.measure, row.low), write_value(row.measure, row.high)
    return f"{write_value(row.measure, row.value)} ({low} to {high})"


def choose_shown(trends: BrandTrends) -> list[str]:
    """The measures that are shown of a brand: some always, and those that changed most surely."""
    changed = [row.measure for row in list_changed(trends.changes) if row.measure not in ALWAYS_SHOWN]
    return [*ALWAYS_SHOWN, *changed][:MOST_SHOWN]


def list_changed(changes: Iterable[ChangeRecord]) -> list[ChangeRecord]:
    """Those with a change, the surest first."""
    return sorted((row for row in changes if row.change != "none"), key=lambda row: min(row.p_trend, row.p_seasons))


def describe_changes(trends: BrandTrends) -> list[str]:
    """A sentence for each measure that changed, the surest first."""
    return [_describe_change(row, trends) for row in list_changed(trends.changes)]


def _describe_change(row: ChangeRecord, trends: BrandTrends) -> str:
    title = title_measure(row.measure).capitalize()
    first, last = trends.seasons[0].season, trends.seasons[-1].season
    if row.change != "varies":
        ends = write_value(row.measure, row.first), write_value(row.measure, row.last)
        return f"{title}: {row.change} from {ends[0]} in {first} to {ends[1]} in {last}."
    series = sorted(trends.read_series(row.measure), key=lambda one: one.value)
    lowest, highest = series[0], series[-1]
    return (
        f"{title}: comes and goes, from {write_value(row.measure, lowest.value)} in {lowest.season} "
        f"to {write_value(row.measure, highest.value)} in {highest.season}."
    )


def describe_leads(brand: str, leads: Sequence[LeadRecord]) -> list[str]:
    """A sentence for each brand that this one follows, or that follows it."""
    return [_describe_lead(brand, row) for row in leads]


def _describe_lead(brand: str, row: LeadRecord) -> str:
    later = "a season" if row.lag_seasons == ONE_SEASON else f"{row.lag_seasons} seasons"
    who = f"Follows {row.leader}" if row.follower == brand else f"{row.follower} follows"
    return (
        f"{who} by {later} in {title_measure(row.measure)} "
        f"(correlation of the changes {row.correlation:.2f}, {row.low:.2f} to {row.high:.2f})."
    )


def judge(row: ForecastRecord) -> str:
    """How forecasts like this one did in the seasons that are known."""
    return "better than the baselines" if row.beats_baselines else "no better than last season"
