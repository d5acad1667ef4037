"""Seasons as catalogues write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashiongen.trends.seasons import PARTS, Season, date_season, parse_season

SS, FW, RESORT, PRE_FALL = (PARTS.index(part) for part in ("SS", "FW", "Resort", "Pre-Fall"))


@pytest.mark.parametrize(
    ("text", "season"),
    [
        ("SS26", Season(2026, SS)),
        ("ss 2026", Season(2026, SS)),
        ("S/S '26", Season(2026, SS)),
        ("26SS", Season(2026, SS)),
        ("Spring 2019", Season(2019, SS)),
        ("Spring/Summer 2019", Season(2019, SS)),
        ("spring summer 2019 ready-to-wear", Season(2019, SS)),
        ("FW26", Season(2026, FW)),
        ("F/W 2026", Season(2026, FW)),
        ("AW25", Season(2025, FW)),
        ("Autumn/Winter 2025-26", Season(2025, FW)),
        ("Fall 2025/26", Season(2025, FW)),
        ("Fall Winter 98", Season(1998, FW)),
        ("Resort 2024", Season(2024, RESORT)),
        ("Cruise ’24", Season(2024, RESORT)),
        ("Pre-Fall 2024", Season(2024, PRE_FALL)),
        ("pre fall 24", Season(2024, PRE_FALL)),
    ],
)
def test_a_season_is_read_however_it_is_written(text, season):
    assert parse_season(text) == season


@pytest.mark.parametrize(
    "text",
    ["", "2026", "SS", "archive", "best looks of 2024", "SS25 FW26", "SS 2024 2026", "glass 24", "saws 24", "SS1"],
)
def test_what_names_no_season_or_several_is_none(text):
    assert parse_season(text) is None


def test_seasons_sort_in_the_order_of_their_sale():
    texts = ["FW26", "SS26", "Pre-Fall 2026", "Resort 2026", "FW25"]
    assert sorted(texts, key=parse_season) == ["FW25", "Resort 2026", "SS26", "Pre-Fall 2026", "FW26"]


@given(st.integers(1970, 2069), st.sampled_from(range(len(PARTS))))
def test_what_a_season_is_written_as_is_read_again(year, place):
    assert parse_season(str(Season(year, place))) == Season(year, place)


@given(st.text(max_size=40))
def test_any_text_is_a_season_or_none(text):
    found = parse_season(text)
    assert found is None or 1900 <= found.year < 2100


@pytest.mark.parametrize(
    ("pinned_on", "season"),
    [
        ("2025-02-01", Season(2025, FW)),
        ("2025-08-31", Season(2025, FW)),
        ("2025-09-01", Season(2026, SS)),
        ("2025-12-31", Season(2026, SS)),
        ("2026-01-31", Season(2026, SS)),
        ("", None),
    ],
)
def test_a_day_has_the_season_of_the_last_shows(pinned_on, season):
    assert date_season(pinned_on) == season


@given(st.dates(), st.dates())
def test_later_days_have_no_earlier_season(one, other):
    earlier, later = sorted([one, other])
    assert date_season(earlier.isoformat()) <= date_season(later.isoformat())
