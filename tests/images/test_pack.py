"""Files as one array."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import v2

from fashiongen.errors import CorruptImage
from fashiongen.images import pack
from fashiongen.images.pack import LONGEST, Frame, fit_frame, pack_images


def noise(width, height, seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


@settings(max_examples=80)
@given(width=st.integers(4, 90), height=st.integers(4, 90), side=st.integers(4, 40))
def test_cover_is_the_resize_and_centre_crop_of_torchvision(width, height, side):
    image = noise(width, height)
    expected = v2.CenterCrop(side)(v2.Resize(side)(image))
    np.testing.assert_array_equal(np.asarray(fit_frame(image, Frame(side, side), "cover")), np.asarray(expected))


@settings(max_examples=80)
@given(width=st.integers(4, 90), height=st.integers(4, 90), side=st.integers(4, 20))
def test_cover_fills_a_portrait_frame_without_distortion(width, height, side):
    """torchvision scales one side of the image to that of the frame, the one that leaves the other long enough."""
    image, frame = noise(width, height), Frame(2 * side, side)
    scaled = (2 * side, 2 * side * width // height) if width * 2 > height else (side * height // width, side)
    expected = v2.CenterCrop((2 * side, side))(v2.Resize(scaled)(image))
    np.testing.assert_array_equal(np.asarray(fit_frame(image, frame, "cover")), np.asarray(expected))


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
@pytest.mark.parametrize("frame", [Frame(12, 6), Frame(6, 12), Frame(9, 9)])
def test_an_image_of_the_frames_size_stays_as_it_is(frame, fit):
    image = noise(frame.width_px, frame.height_px)
    np.testing.assert_array_equal(np.asarray(fit_frame(image, frame, fit)), np.asarray(image))


def test_contain_shows_the_whole_image_between_white_bars():
    image = Image.new("RGB", (30, 60), "black")
    square = np.asarray(fit_frame(image, Frame(20, 20), "contain"))
    assert (square[:, 5:15] == 0).all()
    assert (square[:, :5] == 255).all()
    assert (square[:, 15:] == 255).all()


def test_stretch_fills_the_square_with_the_whole_image():
    image = Image.new("RGB", (64, 8), "red")
    image.paste("blue", (32, 0, 64, 8))
    square = np.asarray(fit_frame(image, Frame(16, 16), "stretch"))
    assert (square[:, :7] == (255, 0, 0)).all()
    assert (square[:, 9:] == (0, 0, 255)).all()


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
def test_shrinking_is_antialiased(fit):
    """A fine checkerboard becomes its mean, not one of its two values."""
    board = (np.indices((256, 256)).sum(axis=0) % 2 * 255).astype(np.uint8)
    square = np.asarray(fit_frame(Image.fromarray(board).convert("RGB"), Frame(16, 16), fit))
    assert abs(square.astype(int) - 127).max() <= 3


def test_files_are_packed_in_order_as_rgb_planes(tmp_path):
    images = [noise(8, 8, seed) for seed in range(20)]
    paths = [tmp_path / f"{n}.png" for n in range(20)]
    for image, path in zip(images, paths, strict=True):
        image.save(path)
    packed = pack_images(paths, frame=Frame(8, 8), fit="cover")
    assert packed.dtype == np.uint8
    np.testing.assert_array_equal(packed, np.stack([np.asarray(image).transpose(2, 0, 1) for image in images]))


def test_no_files_are_an_empty_array():
    assert pack_images([], frame=Frame(8, 4), fit="cover").shape == (0, 3, 8, 4)


def test_a_corrupt_file_is_named(tmp_path):
    noise(8, 8).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    with pytest.raises(CorruptImage, match=r"b\.png"):
        pack_images([tmp_path / "a.png", tmp_path / "b.png"], frame=Frame(8, 8), fit="cover")


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
@pytest.mark.parametrize("size", [(4, 60_000), (60_000, 4), (1, 30_000)])
def test_a_strip_fits_a_frame_in_little_memory(fit, size, monkeypatch):
    """Scaled as a whole to cover this frame, the first would have 3.8 million x 256 px."""
    strip, scaled = Image.new("RGB", size, (200, 60, 80)), []
    resize = Image.Image.resize

    def measure(image, to, *arguments, **options):
        scaled.append(to[0] * to[1])
        return resize(image, to, *arguments, **options)

    monkeypatch.setattr(Image.Image, "resize", measure)
    found = np.asarray(fit_frame(strip, Frame(256, 256), fit))
    assert found.shape == (256, 256, 3)
    assert (found == (200, 60, 80)).all(axis=2).sum() >= (256 if fit == "contain" else 256 * 256)
    assert max(scaled) <= LONGEST * 256 * 256


def read_anonymous_mib():
    """Memory of this process that no file stands behind."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) / 1024


def test_packed_images_lie_in_a_file_without_a_name(tmp_path, monkeypatch):
    """96 MB of them: what the process holds itself does not grow by as much."""
    monkeypatch.setattr(pack, "CHECKPOINTS", tmp_path / "kept")
    Image.new("RGB", (64, 64), (200, 30, 40)).save(tmp_path / "a.png")
    before = read_anonymous_mib()
    packed = pack_images([tmp_path / "a.png"] * 500, frame=Frame(256, 256), fit="cover")
    assert packed.nbytes == 500 * 3 * 256 * 256
    assert packed[499, :, 7, 9].tolist() == [200, 30, 40]
    assert read_anonymous_mib() - before < 48
    assert list((tmp_path / "kept").iterdir()) == []


def test_no_images_are_an_empty_array():
    assert pack_images([], frame=Frame(8, 4), fit="cover").shape == (0, 3, 8, 4)
