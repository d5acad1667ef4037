"""The network of the masks: the weights of this version, what it sees, and what it says."""

import numpy as np
import pytest
import torch

from fashiongen.crops.boxes import PixelBox
from fashiongen.crops.mask_network import SIZE, estimate_coverage, find_window, load_network, view


def test_a_window_is_the_box_with_a_fifth_of_its_longer_side_around_it():
    window, inside = find_window((50.0, 60.0, 40.0, 100.0), size=(400, 300))
    assert window == PixelBox(30, 40, 110, 180)
    assert inside == PixelBox(20, 20, 60, 120)


def test_a_window_ends_with_the_image():
    window, inside = find_window((-5.0, 0.0, 60.0, 100.0), size=(50, 100))
    assert (window, inside) == (PixelBox(0, 0, 50, 100), PixelBox(0, 0, 50, 100))


def test_it_sees_colours_and_box_at_one_size():
    image = np.zeros((256, 192, 3), np.uint8)
    image[..., 0] = 255
    seen = view(image, PixelBox(48, 64, 144, 192))
    assert tuple(seen.shape) == (4, *SIZE[::-1])
    assert seen[0].unique().tolist() == [0.5] and seen[1:3].unique().tolist() == [-0.5]
    assert (seen[3] > 0).nonzero().amin(0).tolist() == [32, 24]
    assert (seen[3] > 0).nonzero().amax(0).tolist() == [95, 71]


def test_a_mirrored_image_has_the_mirrored_coverage(dressed):
    """It sees an image both ways round; 192 x 256 px so that no rounding differs."""
    image = np.ascontiguousarray(dressed.image[:256, :192])
    ahead = estimate_coverage(image, PixelBox(40, 50, 150, 230)).garment
    back = estimate_coverage(np.ascontiguousarray(image[:, ::-1]), PixelBox(42, 50, 152, 230)).garment
    assert np.abs(ahead - back[:, ::-1]).max() < 1e-4


def test_probabilities_are_of_the_images_size_and_high_inside_of_the_garment(dressed):
    window, inside = find_window(dressed.bbox, size=(240, 360))
    coverage = estimate_coverage(dressed.image[window.rows, window.columns], inside)
    truth = dressed.mask[window.rows, window.columns]
    assert coverage.garment.shape == coverage.person.shape == truth.shape
    assert coverage.garment[truth].mean() > 0.85
    assert coverage.garment[~truth].mean() < 0.1


@pytest.mark.parametrize("sides", [(128, 96), (64, 48)])
def test_the_weights_are_finite_and_fit(sides):
    with torch.inference_mode():
        logits = load_network()(torch.zeros(1, 4, *sides))
    assert tuple(logits.shape) == (1, 2, *sides)
    assert logits.isfinite().all()
