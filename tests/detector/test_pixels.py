"""Scaled images keep their aspect, their colours and their promise about both sides."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fashiongen.detector.data.pixels import read_scaled, rescale, scaled_size
from fashiongen.errors import CorruptImage


@pytest.mark.parametrize(
    ("size", "expected"),
    [((600, 1000), (800, 1333)), ((480, 640), (800, 1067)), ((300, 200), (1200, 800)), ((300, 100), (1333, 444))],
)
def test_sides_follow_detectrons_rule(size, expected):
    assert scaled_size(size, short_side_px=800, long_side_px=1333) == expected


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_no_side_passes_its_limit(height, width):
    scaled = scaled_size((height, width), short_side_px=96, long_side_px=128)
    assert 1 <= min(scaled) <= 96
    assert max(scaled) <= 128


def test_an_image_at_the_wanted_size_is_read_as_it_is(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, size=(40, 30, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "image.png")
    scaled = read_scaled(tmp_path / "image.png", short_side_px=30, long_side_px=40)
    assert np.array_equal(scaled.pixels.permute(1, 2, 0).numpy(), pixels)
    assert (scaled.size, scaled.original_size, scaled.scale_xy) == ((40, 30), (40, 30), (1.0, 1.0))


def test_scales_are_those_of_the_rounded_sides(tmp_path):
    Image.new("RGB", (31, 100)).save(tmp_path / "image.png")
    scaled = read_scaled(tmp_path / "image.png", short_side_px=50, long_side_px=50)
    assert scaled.size == (50, 16)
    assert scaled.scale_xy == (16 / 31, 0.5)


def test_a_file_that_is_no_image_is_refused_by_name(tmp_path):
    (tmp_path / "image.jpg").write_text("not one")
    with pytest.raises(CorruptImage, match=r"image\.jpg"):
        read_scaled(tmp_path / "image.jpg", short_side_px=50, long_side_px=50)


def test_an_image_at_its_scale_is_not_scaled_again(tmp_path):
    Image.new("RGB", (31, 100)).save(tmp_path / "image.png")
    scaled = read_scaled(tmp_path / "image.png", short_side_px=20, long_side_px=90)
    assert rescale(scaled, short_side_px=20, long_side_px=90) is scaled


@pytest.mark.parametrize("short_side_px", [12, 20, 33])
def test_another_scale_has_the_sides_that_the_file_would_have(tmp_path, short_side_px):
    """They follow from the file's size, not from the sides rounded before."""
    ramp = np.linspace(0, 255, 61 * 37).reshape(61, 37)
    Image.fromarray(np.stack([ramp, ramp, ramp], axis=2).astype(np.uint8)).save(tmp_path / "image.png")
    scaled = read_scaled(tmp_path / "image.png", short_side_px=33, long_side_px=50)
    again = rescale(scaled, short_side_px=short_side_px, long_side_px=50)
    expected = read_scaled(tmp_path / "image.png", short_side_px=short_side_px, long_side_px=50)
    assert (again.size, again.scale_xy) == (expected.size, expected.scale_xy)
    assert again.original_size == (61, 37)
    torch.testing.assert_close(again.pixels.float(), expected.pixels.float(), rtol=0, atol=6)


def test_a_far_larger_jpeg_is_scaled_to_what_the_whole_of_it_would_be(tmp_path):
    """It is decoded at a half, and nothing shows it but the time."""
    coarse = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((401, 603), Image.Resampling.BICUBIC).save(tmp_path / "image.jpg", quality=95)
    scaled = read_scaled(tmp_path / "image.jpg", short_side_px=100, long_side_px=140)
    with Image.open(tmp_path / "image.jpg") as image:
        whole = np.array(image.resize((93, 140), Image.Resampling.BILINEAR))
    assert (scaled.size, scaled.original_size) == ((140, 93), (603, 401))
    assert np.abs(scaled.pixels.permute(1, 2, 0).numpy().astype(float) - whole).mean() < 1.5
