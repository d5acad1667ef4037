"""Distances between brands, and who follows whom."""

import numpy as np
import pytest
from scipy.stats import energy_distance as one_dimensional
from scipy.stats import pearsonr

from fashiongen.trends.brands import correlate, energy_distance, find_leads, measure_distances
from fashiongen.trends.records import ALL, ChangeRecord
from fashiongen.trends.series import group_garments
from tests.trends.test_changes import SEASONS, wardrobe
from tests.trends.test_forecasts import timeline

# Thirteen values and one before them; those of winters and of summers are alike on average.
TURNS = 0.2 * np.array([0.1, 0.9, 0.3, -0.6, -0.9, 0.6, -0.3, -0.7, -0.1, -0.4, 0.4, 0.1, 0.7, -0.2])


class TestTheEnergyDistance:
    def test_of_many_points_is_scipys_square(self):
        """SciPy has the biased one, in one dimension, as a root; the bias goes with the number of points."""
        rng = np.random.default_rng(0)
        one, other = rng.normal(0, 1, (1500, 1)), rng.normal(0.7, 1, (1500, 1))
        value, _ = energy_distance(one, other, 0.95)
        assert value == pytest.approx(one_dimensional(one[:, 0], other[:, 0]) ** 2, abs=0.003)

    def test_of_one_wardrobe_is_zero_on_average_and_its_interval_covers_that(self):
        rng = np.random.default_rng(1)
        pairs = [energy_distance(rng.normal(size=(12, 4)), rng.normal(size=(9, 4)), 0.95) for _ in range(300)]
        assert np.mean([value for value, _ in pairs]) == pytest.approx(0, abs=0.03)
        assert np.mean([abs(value) <= reach for value, reach in pairs]) > 0.9

    def test_the_interval_is_that_of_leaving_out_one_garment_after_the_other(self):
        rng = np.random.default_rng(2)
        one, other = rng.normal(size=(7, 3)), rng.normal(0.5, 1, (5, 3))
        variance = 0.0
        for part, distance_without in (
            (one, lambda place: energy_distance(np.delete(one, place, axis=0), other, 0.95)[0]),
            (other, lambda place: energy_distance(one, np.delete(other, place, axis=0), 0.95)[0]),
        ):
            left = np.array([distance_without(place) for place in range(len(part))])
            variance += (len(part) - 1) / len(part) * ((left - left.mean()) ** 2).sum()
        assert energy_distance(one, other, 0.95)[1] == pytest.approx(1.959964 * variance**0.5)


def test_brands_that_differ_are_far_from_each_other_and_brands_that_do_not_are_near(params):
    rng = np.random.default_rng(3)
    means = {"Dark": [0.2] * 12, "Light": [0.8] * 12, "Twin": [0.8] * 12}
    garments = [one for brand, levels in means.items() for one in wardrobe(rng, levels, brand=brand)]
    rows = list(measure_distances(group_garments(garments), params))
    assert len(rows) == 3 * len(SEASONS)
    assert all(row.low <= row.distance <= row.high for row in rows)
    far = [row.distance for row in rows if "Dark" in (row.brand, row.other)]
    near = [row.distance for row in rows if "Dark" not in (row.brand, row.other)]
    assert min(far) > max(near)
    assert ALL not in {row.brand for row in rows} | {row.other for row in rows}


def lines(**series):
    return [timeline(values, brand=brand) for brand, values in series.items()]


def find_all(timelines, params, still=()):
    """The leads of brands that all change, but for the `still` ones."""
    changes = [
        ChangeRecord(
            brand=one.brand,
            measure=one.measure,
            first=0,
            last=0,
            change="none" if one.brand in still else "varies",
            tau=0,
            p_trend=1,
            p_seasons=0.01,
        )
        for one in timelines
    ]
    return list(find_leads(timelines, changes, params))


def test_who_does_a_season_later_what_another_did_is_found_and_nobody_else(params):
    rng = np.random.default_rng(4)
    noise = [0.02 * rng.normal(size=12) for _ in range(4)]
    brands = {
        "Leader": 0.5 + TURNS[2:] + noise[0],
        "Copier": 0.5 + TURNS[1:-1] + noise[1],
        "Late": 0.5 + TURNS[:-2] + noise[2],
        "Other": 0.5 + 0.2 * rng.normal(size=12),
    }
    found = {(row.leader, row.follower, row.lag_seasons) for row in find_all(lines(**brands), params) if row.is_found}
    assert found == {("Leader", "Copier", 1), ("Leader", "Late", 2), ("Copier", "Late", 1)}


def test_two_brands_that_rise_do_not_follow_each_other(params):
    rng = np.random.default_rng(5)
    rising = {name: np.linspace(0.2, 0.8, 12) + 0.03 * rng.normal(size=12) for name in "ABC"}
    assert not any(row.is_found for row in find_all(lines(**rising), params))


def test_what_chance_finds_is_rare(params):
    """Of twenty groups of brands that have nothing to do with each other."""
    rng = np.random.default_rng(6)
    alarms = [
        any(row.is_found for row in find_all(lines(**{name: rng.normal(size=12) for name in "ABCDE"}), params))
        for _ in range(20)
    ]
    assert np.mean(alarms) <= 0.2


def test_the_correlation_of_independent_steps_is_scipys():
    """One series is not correlated with itself, so all its values count."""
    one = np.array([1.0, 1, -1, -1, 1, 1, -1, -1, 1])
    one[-1] = 0
    pairs = np.stack([one, one + np.random.default_rng(0).normal(size=9)], axis=1)
    expected = pearsonr(pairs[:, 0], pairs[:, 1], alternative="greater")
    both_sides = pearsonr(pairs[:, 0], pairs[:, 1])
    found = correlate(pairs, 0.95)
    assert found[0] == pytest.approx(expected.statistic)
    assert found[1:3] == pytest.approx(tuple(both_sides.confidence_interval(0.95)), abs=0.05)
    assert found[3] == pytest.approx(expected.pvalue, rel=0.4)


def test_seasons_that_only_one_of_them_has_are_left_out(params):
    leader, follower = lines(Leader=0.5 + TURNS[2:], Copier=0.5 + TURNS[1:-1])
    follower.values[4] = np.nan
    rows = {(row.leader, row.lag_seasons): row for row in find_all([leader, follower], params)}
    assert rows["Leader", 1].steps == 8
    assert rows["Leader", 1].correlation > 0.95
    few = lines(Leader=TURNS[:5], Copier=TURNS[:5])
    assert find_all(few, params) == []


def test_a_brand_that_does_not_change_neither_leads_nor_follows(params):
    """Its small steps are the leader's, a season later: they are within what chance makes."""
    brands = lines(Leader=0.5 + TURNS[2:], Copier=0.5 + TURNS[1:-1], Still=0.5 + 0.001 * TURNS[1:-1])
    tested = {(row.leader, row.follower) for row in find_all(brands, params, still={"Still"})}
    assert tested == {("Leader", "Copier"), ("Copier", "Leader")}
