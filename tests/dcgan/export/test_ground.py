"""The ground that becomes transparent: over white nothing changes; a garment keeps its colour and its white parts."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fashiongen.dcgan.export.ground import FAINT, NEAR_WHITE, clear_ground

COLOURS = [(0, 0, 0), (200, 30, 40), (250, 180, 200), (20, 60, 200), (90, 140, 60)]


def over(rgba, ground):
    """The image on a ground of one colour."""
    share = rgba[..., 3:] / 255
    return rgba[..., :3] * share + np.array(ground) * (1 - share)


def draw_disc(colour, *, hole=False):
    """A disc with soft edges on white, and how far each pixel is covered; a hole shows the white within."""
    fine = np.zeros((512, 256), np.uint8)
    cv2.circle(fine, (128, 256), 100, 255, -1)
    if hole:
        cv2.circle(fine, (128, 256), 30, 0, -1)
    coverage = cv2.resize(fine, (32, 64), interpolation=cv2.INTER_AREA) / 255
    image = coverage[..., None] * np.array(colour) + (1 - coverage[..., None]) * 255
    return np.rint(image).astype(np.uint8), coverage


@pytest.mark.parametrize("colour", COLOURS)
def test_a_soft_edge_becomes_its_coverage_and_keeps_its_colour(colour):
    image, coverage = draw_disc(colour)
    rgba = clear_ground(image)
    contrast = 255 - min(colour)
    assert np.abs(rgba[..., 3] / 255 - coverage).max() <= NEAR_WHITE / contrast + 0.05
    assert np.abs(rgba[..., :3].astype(int) - colour)[rgba[..., 3] > 64].max() <= 4


@pytest.mark.parametrize("ground", [(0, 0, 0), (30, 120, 60)])
def test_on_a_dark_ground_no_white_rim_is_left(ground):
    image, coverage = draw_disc((200, 30, 40))
    ideal = coverage[..., None] * np.array((200, 30, 40)) + (1 - coverage[..., None]) * np.array(ground)
    assert np.abs(over(clear_ground(image), ground) - ideal).max() <= 2 * NEAR_WHITE


def test_white_within_the_garment_stays():
    image, _ = draw_disc((200, 30, 40), hole=True)
    rgba = clear_ground(image)
    assert rgba[32, 16].tolist() == [255, 255, 255, 255]
    assert rgba[0, 0, 3] == 0


def test_a_faint_speck_on_the_ground_goes_and_a_dark_one_stays():
    image, _ = draw_disc((200, 30, 40))
    image[3:5, 3:5], image[60:62, 3:5] = 225, 90
    rgba = clear_ground(image)
    assert not rgba[:10, :10, 3].any()
    assert np.abs(over(rgba, (255, 255, 255))[60:62, 3:5] - 90).max() <= 1


def test_a_faint_garment_is_no_speck():
    image, coverage = draw_disc((225, 220, 215))
    assert (clear_ground(image)[..., 3][coverage == 1] == 255).all()


@given(arrays(np.uint8, (9, 7, 3), elements=st.sampled_from([0, 30, 128, 200, 236, 250, 255])))
def test_over_white_every_image_is_what_it_was(image):
    rgba = clear_ground(image)
    change = np.abs(over(rgba, (255, 255, 255)) - image).max(axis=2)
    assert (change[rgba[..., 3] > 0] <= 1).all()
    assert change.max() < FAINT


def test_of_a_white_image_nothing_is_left():
    assert not clear_ground(np.full((8, 8, 3), 255, np.uint8))[..., 3].any()


def test_an_image_without_white_is_whole():
    image = np.full((8, 8, 3), (200, 30, 40), np.uint8)
    assert (clear_ground(image) == np.dstack([image, np.full((8, 8), 255, np.uint8)])).all()
