"""Colours to OKLab and back, and their names."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from fashiongen.images.oklab import to_oklab
from fashiongen.trends.colours import find_nearest, name_colour, to_hex, to_oklab_points

LEVEL = st.integers(0, 255)


@given(st.tuples(LEVEL, LEVEL, LEVEL))
def test_a_colour_comes_back_from_oklab(levels):
    (point,) = to_oklab_points(np.array([levels], np.uint8))
    assert to_hex(point[None]) == ["#" + bytes(levels).hex()]


def test_levels_are_as_images_are():
    """`to_oklab` computes what is read from a table here."""
    levels = np.random.default_rng(0).integers(0, 256, (500, 3), np.uint8)
    image = torch.from_numpy(levels.T / 255)[:, :, None]
    assert to_oklab_points(levels) == pytest.approx(to_oklab(image)[:, :, 0].numpy().T, abs=2e-6)


def test_a_colour_that_no_screen_shows_is_clipped():
    assert to_hex(np.array([[1.1, 0, 0], [-0.1, 0, 0], [0.6, 0.4, 0.2]]))[:2] == ["#ffffff", "#000000"]


@given(arrays(float, (7, 3), elements=st.floats(0, 1)), arrays(float, (4, 3), elements=st.floats(0, 1)))
def test_the_nearest_is_at_the_least_distance(points, centres):
    distances = cdist(points, centres)
    found = distances[np.arange(7), find_nearest(points, centres)]
    assert found == pytest.approx(distances.min(axis=1), abs=1e-7)


@pytest.mark.parametrize(
    ("levels", "words"),
    [((0, 0, 0), "black"), ((255, 255, 255), "white"), ((1, 21, 62), "navy"), ((192, 114, 133), "dusty rose")],
)
def test_a_colour_has_the_name_that_people_gave_it(levels, words):
    """The values are those of the survey's list."""
    (point,) = to_oklab_points(np.array([levels], np.uint8))
    assert name_colour(point) == words


@given(st.tuples(LEVEL, LEVEL, LEVEL))
def test_no_name_offends_or_says_little(levels):
    (point,) = to_oklab_points(np.array([levels], np.uint8))
    words = name_colour(point)
    assert words != "dark"
    assert not any(part in words for part in ("puke", "poo", "snot", "vomit"))
    assert " " in words or not words.endswith("ish")
