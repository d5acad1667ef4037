import numpy as np
import pytest

from fashiongen.sources.demo.outline import between, ellipse, mirrored, smooth, stroke, tube


def area(points):
    """The shoelace formula."""
    x, y = np.asarray(points).T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def test_a_spline_passes_through_its_points():
    points = [(0, 0), (1, 2), (3, 1), (4, 4)]
    curve = smooth(points, samples=5)
    assert curve[::5] == pytest.approx(np.array(points))


def test_a_spline_through_points_of_a_line_is_that_line():
    curve = smooth([(0, 0), (1, 2), (2, 4), (3, 6)])
    assert curve[:, 1] == pytest.approx(2 * curve[:, 0])


def test_a_tube_has_its_length_times_its_width_and_a_round_end_adds_half_a_disc():
    spine, radii = [(0, 0), (0, 1), (0, 2)], (0.1, 0.1, 0.1)
    assert area(tube(spine, radii)) == pytest.approx(2 * 0.2)
    assert area(tube(spine, radii, rounded=True)) == pytest.approx(2 * 0.2 + np.pi * 0.01 / 2, rel=0.01)


def test_an_ellipse_has_its_area_however_it_is_turned():
    for angle in (0.0, 0.7, 2.0):
        assert area(ellipse((3.0, 1.0), (2.0, 1.0), angle=angle, samples=200)) == pytest.approx(2 * np.pi, rel=1e-3)


def test_a_stroke_has_the_requested_width():
    assert area(stroke(np.array([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)]), 0.05)) == pytest.approx(np.sqrt(8) * 0.1)


def test_mirroring_twice_gives_the_points_back():
    points = np.array([(1.0, 2.0), (3.0, 4.0)])
    assert mirrored(mirrored(points)) == pytest.approx(points)
    assert mirrored(points)[0] == pytest.approx((-3, 4))


def test_a_blend_reaches_its_values_and_never_exceeds_them():
    heights, values = (0.0, 1.0, 2.0, 3.0), (1.0, 5.0, 5.0, 2.0)
    assert between(heights, heights, values) == pytest.approx(values)
    fine = between(np.linspace(-1, 4, 101), heights, values)
    assert fine.min() > 1 - 1e-9 and fine.max() < 5 + 1e-9
