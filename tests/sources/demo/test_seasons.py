from datetime import timedelta

import numpy as np
import pytest

from fashiongen.sources.demo.boards import PINNED_WITHIN_DAYS
from fashiongen.sources.demo.brands import BRANDS
from fashiongen.sources.demo.pages import list_pages
from fashiongen.sources.demo.seasons import PLANS, SEASONS, date_show, shift_brand, state_shift
from fashiongen.sources.demo.wardrobe import choose_fabric, design_cut
from fashiongen.trends.seasons import date_season, parse_season

BY_ACCOUNT = {brand.account: brand for brand in BRANDS}
MANY = 600  # of which a share is within 0.06 of its expectation, by three standard deviations


def design_fabrics(account: str, season: str):
    rng = np.random.default_rng(3)
    brand = shift_brand(BY_ACCOUNT[account], season)
    return [choose_fabric(rng, brand) for _ in range(MANY)]


def mean_level(fabrics) -> float:
    return float(np.mean([np.mean(fabric.colours[0]) for fabric in fabrics]))


@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.parametrize("days", [0, PINNED_WITHIN_DAYS - 1])
def test_a_pin_is_dated_after_its_own_shows(season, days):
    day = (date_show(season) + timedelta(days=days)).date()
    assert date_season(day.isoformat()) == parse_season(season)


def test_seasons_are_in_the_order_of_time_and_each_brand_has_one_change():
    parsed = [parse_season(season) for season in SEASONS]
    assert parsed == sorted(parsed)
    assert set(PLANS) == set(BY_ACCOUNT)
    assert all(len(plan.values) == len(SEASONS) for plan in PLANS.values())


def test_the_last_seasons_are_shown_of_each_brand(params):
    pages = list_pages(params.boards.model_copy(update={"seasons": 3}))
    assert [page.season for page in pages] == [*SEASONS[-3:]] * len(BRANDS)
    assert len({page.url for page in pages}) == len(pages)


def test_maison_aurore_gets_darker_each_season():
    levels = [mean_level(design_fabrics("maisonaurore", season)) for season in SEASONS]
    assert np.all(np.diff(levels) < 0) and levels[-1] < 0.5 * levels[0]


@pytest.mark.parametrize("season", SEASONS)
def test_dots_come_and_go_at_casa_limonera_and_its_other_prints_stay(season):
    fabrics = design_fabrics("casalimonera", season)
    share = np.mean([fabric.pattern == "dots" for fabric in fabrics])
    assert share == pytest.approx(state_shift(BY_ACCOUNT["casalimonera"], season).value, abs=0.08)
    others = [fabric.pattern for fabric in fabrics if fabric.pattern != "dots"]
    if len(others) > 100:
        printed = np.mean([pattern not in ("plain", "ribs") for pattern in others])
        assert printed == pytest.approx(BY_ACCOUNT["casalimonera"].print_share, abs=0.12)


def test_the_hems_of_saltmarsh_rise_and_its_tops_stay_as_long():
    rng = np.random.default_rng(3)
    brands = [shift_brand(BY_ACCOUNT["saltmarshandwren"], season) for season in SEASONS]
    hems = [np.mean([design_cut(rng, "trench", hem_y=brand.hem_y).hem_y for _ in range(40)]) for brand in brands]
    assert np.all(np.diff(hems) < 0)
    assert design_cut(rng, "tee", hem_y=brands[0].hem_y).hem_y < 0.5


def test_nerovia_does_what_atelier_kohaku_did_a_season_before():
    leader, follower = (np.array(PLANS[account].values) for account in ("atelierkohaku", "nerovia"))
    assert np.array_equal(follower[1:], leader[:-1])
    steps = np.diff(leader)
    others = [np.corrcoef(steps[:-lag], steps[lag:])[0, 1] for lag in (1, 2, 3, 4)]
    assert np.abs(others).max() < 0.35  # else a copy at another lag would be as good
