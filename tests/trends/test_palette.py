"""Palettes of planted colours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fashiongen.trends.palette import extract_palette

SETTINGS = {"colours": 5, "merge_distance": 0.06, "seed": 7}
NAVY, CREAM, RED = (0.25, -0.01, -0.08), (0.95, 0.0, 0.03), (0.55, 0.2, 0.1)


def points_of(*parts):
    """Points around planted colours: a colour and a number for each."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(colour, 0.004, (count, 3)) for colour, count in parts])


def test_planted_colours_are_found_with_their_shares():
    found = extract_palette(points_of((NAVY, 600), (CREAM, 300), (RED, 100)), **SETTINGS)
    assert [one.share for one in found] == pytest.approx([0.6, 0.3, 0.1])
    for one, planted in zip(found, (NAVY, CREAM, RED), strict=True):
        assert one.oklab == pytest.approx(planted, abs=0.002)


def test_weights_stand_for_repeated_points():
    points = np.array([NAVY, CREAM, RED] * 2)
    found = extract_palette(points, np.array([5.0, 2, 1, 1, 1, 0]), **SETTINGS)
    assert [one.share for one in found] == pytest.approx([0.6, 0.3, 0.1])


def test_one_colour_is_a_palette_of_one():
    assert extract_palette(np.array([RED] * 9), **SETTINGS) == [(pytest.approx(RED), 1.0)]


def test_identical_points_are_one_colour_though_none_are_joined():
    found = extract_palette(np.array([RED, NAVY] * 30), colours=5, merge_distance=0.0, seed=7)
    assert [one.share for one in found] == [0.5, 0.5]


def test_shades_of_one_colour_are_joined():
    shades = np.array([NAVY]) + np.linspace(-0.02, 0.02, 500)[:, None] * [1, 0, 0]
    (one,) = extract_palette(shades, **SETTINGS)
    assert one.oklab == pytest.approx(NAVY, abs=0.002)


@given(arrays(float, st.tuples(st.integers(1, 60), st.just(3)), elements=st.floats(0, 1)), st.integers(1, 6))
def test_any_points_have_a_palette_whose_shares_are_a_whole(points, colours):
    found = extract_palette(points, colours=colours, merge_distance=0.06, seed=7)
    assert 1 <= len(found) <= colours
    assert sum(one.share for one in found) == pytest.approx(1)
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)
    assert found == extract_palette(points, colours=colours, merge_distance=0.06, seed=7)
