"""A segmentation depends on the image, the box and the params alone."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
import torch

from fashiongen.crops.mask_network import Coverage, find_window
from fashiongen.crops.segment import segment_garment
from tests.crops.conftest import Dressed


@pytest.fixture
def set_threads():
    """Sets the number of threads of OpenCV and of PyTorch."""

    def set_both(threads: int) -> None:
        cv2.setNumThreads(threads)
        torch.set_num_threads(threads)

    before = cv2.getNumThreads(), torch.get_num_threads()
    yield set_both
    cv2.setNumThreads(before[0])
    torch.set_num_threads(before[1])


def test_repeats_threads_and_other_random_numbers_change_no_bit(cutout_params, set_threads):
    pictures = [Dressed(seed=seed) for seed in range(4)]

    def segment(picture: Dressed) -> bytes:
        found = segment_garment(picture.image, picture.bbox, cutout_params())
        return found.alpha.tobytes() + np.float64(found.certainty).tobytes()

    set_threads(1)
    alone = [segment(picture) for picture in pictures]
    cv2.setRNGSeed(99)
    set_threads(4)
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


def test_bare_arms_are_cut_away(cutout_params):
    """A face above the garment, and an arm of its colour across it."""
    picture = Dressed()
    skin = np.random.default_rng(1).normal((205, 160, 135), 5, picture.image.shape).astype(np.uint8)
    bare = np.zeros_like(picture.mask)
    bare[30:72, 105:135] = True  # face and neck
    bare[120:230, 92:104] = True  # an arm
    image = np.where(bare[..., None], skin, picture.image)
    arm = bare & picture.mask
    found = segment_garment(image, picture.bbox, cutout_params())
    assert (found.alpha > 0.5)[arm[found.window.rows, found.window.columns]].mean() < 0.15


@pytest.mark.parametrize("keep_skin", [True, False])
def test_a_mask_is_of_the_person_in_the_box_if_asked_for(cutout_params, monkeypatch, keep_skin):
    """The network is sure: the garment is the gown's upper half, the person the whole gown."""
    picture = Dressed()
    gown = picture.mask.copy()
    gown[180:] = False

    def know(image, box):
        window, _ = find_window(picture.bbox, size=(240, 360))
        planes = (
            cv2.resize(mask[window.rows, window.columns].astype(np.float32), image.shape[1::-1]).clip(0.001, 0.999)
            for mask in (gown, picture.mask)
        )
        return Coverage(*planes)

    monkeypatch.setattr("fashiongen.crops.segment.estimate_coverage", know)
    found = segment_garment(picture.image, picture.bbox, cutout_params(keep_skin=keep_skin))
    truth = (picture.mask if keep_skin else gown)[found.window.rows, found.window.columns]
    mask = found.alpha > 0.5
    assert np.count_nonzero(mask & truth) / np.count_nonzero(mask | truth) > 0.96
