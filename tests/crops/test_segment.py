"""A segmentation depends on the image, the box and the params alone."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from fashiongen.crops.segment import segment_garment
from tests.crops.conftest import Dressed


@pytest.fixture
def opencv_threads():
    before = cv2.getNumThreads()
    yield cv2.setNumThreads
    cv2.setNumThreads(before)


def test_repeats_threads_and_other_random_numbers_change_no_bit(cutout_params, opencv_threads):
    pictures = [Dressed(seed=seed) for seed in range(4)]

    def segment(picture: Dressed) -> bytes:
        found = segment_garment(picture.image, picture.bbox, cutout_params())
        return found.alpha.tobytes() + np.float64(found.certainty).tobytes()

    opencv_threads(1)
    alone = [segment(picture) for picture in pictures]
    cv2.setRNGSeed(99)
    opencv_threads(4)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(segment, [*pictures, *pictures[::-1]]))
    assert together == [*alone, *alone[::-1]]


def test_a_larger_image_gives_the_same_outline(cutout_params):
    small, large = Dressed(), Dressed(width=720, height=1080)
    for picture in (small, large):
        found = segment_garment(picture.image, picture.bbox, cutout_params())
        truth = picture.mask[found.window.rows, found.window.columns]
        mask = found.alpha > 0.5
        assert np.count_nonzero(mask & truth) / np.count_nonzero(mask | truth) > 0.96


def test_an_images_gray_levels_are_enough(cutout_params):
    picture = Dressed()
    gray = np.repeat(picture.image[..., :1], 3, axis=2)
    found = segment_garment(gray, picture.bbox, cutout_params())
    truth = picture.mask[found.window.rows, found.window.columns]
    mask = found.alpha > 0.5
    assert np.count_nonzero(mask & truth) / np.count_nonzero(mask | truth) > 0.9


def test_bare_arms_are_cut_away_unless_asked_for(cutout_params):
    """A face above the garment, and an arm of its colour across it."""
    picture = Dressed()
    skin = np.random.default_rng(1).normal((205, 160, 135), 5, picture.image.shape).astype(np.uint8)
    bare = np.zeros_like(picture.mask)
    bare[30:72, 105:135] = True  # face and neck
    bare[120:230, 92:104] = True  # an arm
    image = np.where(bare[..., None], skin, picture.image)
    arm = bare & picture.mask
    kept = {}
    for keep_skin in (False, True):
        found = segment_garment(image, picture.bbox, cutout_params(keep_skin=keep_skin))
        kept[keep_skin] = (found.alpha > 0.5)[arm[found.window.rows, found.window.columns]].mean()
    assert kept[False] < 0.15
    assert kept[True] > kept[False]
