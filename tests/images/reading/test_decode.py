"""One way to read an image."""

import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image

from fashiongen.errors import CorruptImage, MissingInput
from fashiongen.images.reading import decode
from fashiongen.images.reading.decode import QUICK_FORMATS, read_image, read_reduced


def halves(left, right, size=(40, 20)):
    """An image of two colours side by side."""
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def pixel(image, x_frac, y_frac):
    return image.getpixel((int(x_frac * image.width), int(y_frac * image.height)))


def test_a_rotation_in_exif_is_applied(tmp_path):
    """Orientation 6: the camera's right-hand side is the bottom of the upright picture."""
    exif = Image.Exif()
    exif[0x0112] = 6
    halves("black", "white").save(tmp_path / "a.png", exif=exif)
    image = read_image(tmp_path / "a.png")
    assert image.size == (20, 40)
    assert pixel(image, 0.5, 0.1) == (0, 0, 0)
    assert pixel(image, 0.5, 0.9) == (255, 255, 255)


@pytest.mark.parametrize(("alpha", "expected"), [(0, (255, 255, 255)), (255, (200, 0, 0)), (51, (244, 204, 204))])
def test_transparency_shows_white_paper(tmp_path, alpha, expected):
    """Composition over white: alpha * colour + (1 - alpha) * 255."""
    Image.new("RGBA", (4, 4), (200, 0, 0, alpha)).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").getpixel((0, 0)) == expected


def test_a_palette_with_a_transparent_colour_is_white_there(tmp_path):
    Image.new("P", (4, 4), 0).save(tmp_path / "a.gif", transparency=0)
    assert read_image(tmp_path / "a.gif").getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_an_animation_gives_its_first_frame(tmp_path, name):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], lossless=True)
    assert read_image(tmp_path / name).getpixel((8, 8)) == (255, 0, 0)


@pytest.mark.parametrize("mode", ["L", "1", "CMYK", "YCbCr", "LA", "RGBA", "P"])
def test_every_mode_becomes_rgb(tmp_path, mode):
    name = tmp_path / ("a.tif" if mode in {"CMYK", "YCbCr"} else "a.png")
    Image.new("RGB", (8, 8), "white").convert(mode).save(name)
    image = read_image(name)
    assert image.mode == "RGB"
    assert np.asarray(image).min() >= 250


def test_gray_of_sixteen_bits_is_scaled_not_clipped(tmp_path):
    Image.fromarray(np.full((4, 4), 0x8000, np.uint16)).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").getpixel((0, 0)) == (128, 128, 128)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.gif"])
def test_a_file_cut_short_is_corrupt(tmp_path, name):
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)).save(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(CorruptImage, match=rf"{name}: does not decode \(.+\); replace the file or delete it$"):
        read_image(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"<html>403 Forbidden</html>", b"\xff\xd8\xff"])
def test_a_file_that_is_no_image_is_corrupt(tmp_path, content):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(CorruptImage, match=r"a\.jpg"):
        read_image(tmp_path / "a.jpg")


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(MissingInput, match=r"a\.jpg: no such file"):
        read_image(tmp_path / "a.jpg")


def png_header(width, height):
    """A PNG that claims a size and holds no pixels."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 9_000), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path, size):
    """The first passes Pillow's own limit by little, so that it warns; the second by far, so that it raises."""
    (tmp_path / "a.png").write_bytes(png_header(*size))
    with pytest.raises(CorruptImage, match="pixels"):
        read_image(tmp_path / "a.png")


def test_the_limit_is_ours_where_pillow_is_silent(tmp_path, monkeypatch):
    monkeypatch.setattr(decode, "MAX_PIXELS", 99)
    Image.new("RGB", (10, 10)).save(tmp_path / "a.png")
    with pytest.raises(CorruptImage, match="10x10 is over 99 pixels"):
        read_image(tmp_path / "a.png")


def gradient(size):
    """A picture in which every place has a colour of its own."""
    width, height = size
    across = np.broadcast_to(np.linspace(0, 255, width), (height, width))
    down = np.broadcast_to(np.linspace(0, 255, height)[:, None], (height, width))
    return Image.fromarray(np.stack([across, down, 255 - across], axis=-1).astype(np.uint8))


@pytest.mark.parametrize(
    ("at_least_px", "size"), [(99, (63, 100)), (101, (125, 200)), (400, (250, 400)), (900, (500, 800))]
)
def test_a_jpeg_is_decoded_smaller_but_not_below_what_is_asked(tmp_path, at_least_px, size):
    gradient((500, 800)).save(tmp_path / "image.jpg", quality=95)
    reduced = read_reduced(tmp_path / "image.jpg", at_least_px=at_least_px)
    assert (reduced.image.size, reduced.original_size) == (size, (500, 800))
    whole = read_image(tmp_path / "image.jpg").resize((40, 64), Image.Resampling.BOX)
    small = reduced.image.resize((40, 64), Image.Resampling.BOX)
    assert np.abs(np.asarray(whole, float) - np.asarray(small, float)).mean() < 2


def test_a_reduced_jpeg_stands_upright_too(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    gradient((800, 500)).save(tmp_path / "image.jpg", quality=95, exif=exif)
    reduced = read_reduced(tmp_path / "image.jpg", at_least_px=200)
    assert (reduced.image.size, reduced.original_size) == ((125, 200), (500, 800))


def test_a_format_that_cannot_be_reduced_is_read_whole(tmp_path):
    gradient((500, 800)).save(tmp_path / "image.png")
    assert read_reduced(tmp_path / "image.png", at_least_px=100).image.size == (500, 800)


@pytest.mark.parametrize("name", ["a.tif", "a.jp2", "a.avif", "a.tga", "a.ppm"])
def test_a_format_that_is_decoded_in_a_process_of_its_own_is_read_alike(tmp_path, name):
    """All but `QUICK_FORMATS`."""
    gradient((60, 40)).save(tmp_path / name)
    with Image.open(tmp_path / name) as image:
        assert image.format not in QUICK_FORMATS
    read = read_reduced(tmp_path / name, at_least_px=8)
    assert (read.image.mode, read.image.size, read.original_size) == ("RGB", (60, 40), (60, 40))
    assert np.abs(np.asarray(read.image, float) - np.asarray(gradient((60, 40)), float)).mean() < 4


@pytest.mark.parametrize(
    ("name", "options"), [("a.jp2", {}), ("a.tif", {"compression": "lzma"}), ("a.avif", {"speed": 10})]
)
def test_a_decoder_that_takes_too_long_is_ended(tmp_path, monkeypatch, name, options):
    """No limit of pixels tells how long these formats take."""
    Image.effect_noise((1200, 1200), 99).save(tmp_path / name, **options)
    monkeypatch.setattr(decode, "MAX_SECONDS", 1e-4)
    with pytest.raises(CorruptImage, match=rf"{name}: does not decode \(it takes too long\); replace the file"):
        read_image(tmp_path / name)


def test_a_postscript_program_is_not_run(tmp_path):
    """Pillow would have Ghostscript run it, for as long as the program wants."""
    (tmp_path / "a.jpg").write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n{} loop\n%%EOF\n"
    )
    with pytest.raises(CorruptImage, match="PostScript program, which is not run"):
        read_image(tmp_path / "a.jpg")
