"""Colours to OKLab and back, and their names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashiongen.trends.colours import name_colour, to_hex, to_oklab_points

LEVEL = st.integers(0, 255)


@given(st.tuples(LEVEL, LEVEL, LEVEL))
def test_a_colour_comes_back_from_oklab(levels):
    (point,) = to_oklab_points(np.array([levels]) / 255)
    assert to_hex(tuple(point)) == "#" + bytes(levels).hex()


@pytest.mark.parametrize(
    ("levels", "words"),
    [((0, 0, 0), "black"), ((255, 255, 255), "white"), ((1, 21, 62), "navy"), ((192, 114, 133), "dusty rose")],
)
def test_a_colour_has_the_name_that_people_gave_it(levels, words):
    """The values are those of the survey's list."""
    (point,) = to_oklab_points(np.array([levels]) / 255)
    assert name_colour(point) == words


@given(st.tuples(LEVEL, LEVEL, LEVEL))
def test_no_name_offends_or_says_little(levels):
    (point,) = to_oklab_points(np.array([levels]) / 255)
    words = name_colour(point)
    assert words != "dark"
    assert not any(part in words for part in ("puke", "poo", "snot", "vomit"))
    assert " " in words or not words.endswith("ish")
