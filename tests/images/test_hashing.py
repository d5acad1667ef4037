"""Perceptual hashes and thumbnails."""

import hashlib

import imagehash
import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn

from fashiongen.errors import CorruptImage, MissingInput
from fashiongen.executor.engine import map_locally
from fashiongen.images.hashing import describe_image, describe_images, perceptual_hash, read_thumbnail


def picture(seed, size=(240, 360)):
    """A smooth random picture: blobs of colour, as photographs have and noise has not."""
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (24, 16, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)


@pytest.mark.parametrize("side_bits", [8, 16])
@pytest.mark.parametrize("seed", range(5))
def test_a_hash_is_the_signs_of_the_low_frequencies(seed, side_bits):
    """By scipy's other DCT: the low corner of the transform of the 4x finer picture, against its median."""
    image = picture(seed).convert("L")
    fine = np.asarray(image.resize((side_bits * 4, side_bits * 4), Image.Resampling.LANCZOS), dtype=float)
    low = dctn(fine)[:side_bits, :side_bits]
    expected = int("".join("1" if bit else "0" for bit in (low > np.median(low)).ravel()), 2)
    assert perceptual_hash(image, side_bits=side_bits) == expected


def test_a_file_is_described(tmp_path):
    picture(0).save(tmp_path / "a.png")
    described = describe_image(tmp_path / "a.png")
    assert (described.width_px, described.height_px) == (240, 360)
    assert described.sha256 == hashlib.sha256((tmp_path / "a.png").read_bytes()).hexdigest()
    assert described.bytes == (tmp_path / "a.png").stat().st_size
    assert f"{described.phash:016x}" == str(imagehash.phash(picture(0)))


def test_a_thumbnail_is_the_means_of_the_whole_picture(tmp_path):
    """512 x 1024 px, reduced four times as far as a JPEG would be, and then to 128 x 128."""
    image = picture(0, (512, 1024))
    image.save(tmp_path / "a.png")
    blocks = np.asarray(image, dtype=float).reshape(128, 8, 128, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(read_thumbnail(tmp_path / "a.png"), blocks, atol=1)


def test_a_plain_border_counts_neither_in_a_hash_nor_in_a_thumbnail(tmp_path):
    image = picture(3, (200, 300))
    framed = Image.new("RGB", (216, 316), "white")
    framed.paste(image, (8, 8))
    image.save(tmp_path / "a.png")
    framed.save(tmp_path / "b.png")
    one, other = describe_image(tmp_path / "a.png"), describe_image(tmp_path / "b.png")
    assert one.phash == other.phash
    assert (other.width_px, other.height_px) == (216, 316)
    np.testing.assert_array_equal(read_thumbnail(tmp_path / "a.png"), read_thumbnail(tmp_path / "b.png"))


@pytest.mark.parametrize(("name", "options"), [("a.jpg", {"quality": 30}), ("a.webp", {"quality": 40}), ("a.png", {})])
def test_an_encoding_moves_few_bits(tmp_path, name, options):
    picture(1).resize((120, 180)).save(tmp_path / name, **options)
    picture(1).save(tmp_path / "b.png")
    one, other = describe_image(tmp_path / name), describe_image(tmp_path / "b.png")
    assert (one.phash ^ other.phash).bit_count() <= 2


def test_contrast_is_the_spread_of_the_luminance(tmp_path):
    """Half black and half white: a standard deviation of 127.5, the most there is."""
    image = Image.new("L", (10, 10))
    image.paste(255, (0, 0, 5, 10))
    image.save(tmp_path / "a.png")
    assert describe_image(tmp_path / "a.png").contrast == pytest.approx(127.5)


def test_many_files_come_in_order_with_the_corrupt_in_their_places(tmp_path):
    paths = [tmp_path / f"{n}.png" for n in range(6)]
    for n, path in enumerate(paths):
        picture(n).save(path)
    paths[3].write_bytes(b"no image")
    results = list(describe_images(paths, map_locally))
    assert [isinstance(result, CorruptImage) for result in results] == [n == 3 for n in range(6)]
    assert [r.phash for r in results if not isinstance(r, CorruptImage)] == [
        describe_image(path).phash for n, path in enumerate(paths) if n != 3
    ]


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(MissingInput):
        list(describe_images([tmp_path / "a.png"], map_locally))
