"""What is said of a brand."""

import pytest

from fashiongen.report.trend_words import (
    choose_shown,
    describe_changes,
    describe_leads,
    judge,
    title_measure,
    write_value,
)


@pytest.fixture
def komori(report_data):
    (found,) = (one for one in report_data.trends if one.brand == "Kōmori")
    return found


@pytest.mark.parametrize(
    ("measure", "title"),
    [
        ("lightness", "lightness"),
        ("oklab_a", "green to red"),
        ("red_share", "share of red"),
        ("dots_frac", "garments with dots"),
        ("floral_frac", "floral garments"),
        ("patterned_frac", "patterned garments"),
        ("length_to_waist", "length to waist"),
    ],
)
def test_a_measure_has_a_name_that_people_use(measure, title):
    assert title_measure(measure) == title


def test_shares_are_percents_and_other_values_are_not():
    assert write_value("red_share", 0.254) == "25 %"
    assert write_value("dots_frac", 1.0) == "100 %"
    assert write_value("lightness", 0.254) == "0.25"


def test_what_changed_is_said_the_surest_first_and_what_did_not_is_not(komori):
    assert describe_changes(komori) == [
        "Lightness: falls from 0.80 in SS26 to 0.25 in FW26.",
        "Garments with dots: comes and goes, from 50 % in SS26 to 50 % in FW26.",
    ]


def test_a_lead_is_told_from_both_sides(komori):
    (of_follower,) = describe_leads("Kōmori", komori.leads)
    (of_leader,) = describe_leads("Atelier Nord", komori.leads)
    numbers = "by a season in lightness (correlation of the changes 0.94, 0.70 to 0.99)."
    assert of_follower == f"Follows Atelier Nord {numbers}"
    assert of_leader == f"Kōmori follows {numbers}"
    (later,) = describe_leads("Kōmori", [komori.leads[0].model_copy(update={"lag_seasons": 2})])
    assert later.startswith("Follows Atelier Nord by 2 seasons")


def test_measures_that_changed_are_shown_beside_those_that_always_are(komori, report_data):
    always = ["lightness", "chroma", "patterned_frac", "length_to_waist"]
    assert choose_shown(komori) == [*always, "dots_frac"]
    assert choose_shown(report_data.trends[0]) == always


def test_a_forecast_that_beats_no_baseline_is_said_to_be_no_better(komori):
    verdicts = {name: judge(row) for name, row in komori.forecasts.items()}
    assert verdicts == {"lightness": "better than the baselines", "patterned_frac": "no better than last season"}
