"""Files as the world has them: their pixels are read, and right, whatever they say besides; or there is a reason."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin

from fashiongen.errors import CorruptImage
from fashiongen.images.reading.decode import read_image, read_reduced

SIZE = (24, 16)
RNG = np.random.default_rng(0)
PICTURE = Image.fromarray(RNG.integers(0, 256, (2, 3, 3), np.uint8)).resize(SIZE, Image.Resampling.NEAREST)
LOSSLESS = {"png": {}, "tif": {}, "tiff": {"compression": "tiff_lzw"}, "webp": {"lossless": True}}


def encode(image=PICTURE, form="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


@pytest.fixture
def read(tmp_path):
    """The pixels of a file with some bytes."""

    def call(content, name="a.bin"):
        (tmp_path / name).write_bytes(content)
        return np.asarray(read_image(tmp_path / name))

    return call


def exif_block(*entries):
    """TIFF tags as (tag, type, count, four bytes), whatever they are worth; little endian."""
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHI4s", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + body + bytes(4)


def orientation_entry(value):
    return (ExifTags.Base.Orientation, 3, 1, struct.pack("<HH", value, 0))


MISTYPED = {
    "Make as a rational": (ExifTags.Base.Make, 5, 1, b"\xff\xff\xff\xff"),
    "XResolution as text": (ExifTags.Base.XResolution, 2, 4, b"ten\0"),
    "a type that is none": (ExifTags.Base.Artist, 99, 1, bytes(4)),
    "a huge count": (ExifTags.Base.Software, 2, 0x7FFFFFFF, bytes(4)),
    "a tag of tags": (ExifTags.Base.ExifOffset, 2, 4, b"no\0\0"),
}


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("form", LOSSLESS)
def test_an_image_is_upright_in_every_format(tmp_path, form, value):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = value
    PICTURE.save(tmp_path / f"a.{form}", exif=exif, **LOSSLESS[form])
    turned = PICTURE.copy()
    turned.info["exif"] = exif.tobytes()
    expected = ImageOps.exif_transpose(turned)
    found = read_reduced(tmp_path / f"a.{form}", at_least_px=None)
    assert found.original_size == found.image.size == expected.size
    assert np.array_equal(np.asarray(found.image), np.asarray(expected))


@pytest.mark.parametrize("entry", MISTYPED.values(), ids=MISTYPED)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_mistyped_tag_does_not_hide_the_orientation(read, form, entry):
    upright = read(encode(form=form, quality=95))
    block = exif_block(orientation_entry(3), entry)
    content = encode(form=form, quality=95, exif=b"Exif\0\0" + block)
    assert np.array_equal(read(content), upright[::-1, ::-1])


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_is_none_leaves_the_image_as_it_is(read, value):
    content = encode(form="JPEG", exif=b"Exif\0\0" + exif_block(orientation_entry(value)))
    assert np.array_equal(read(content), read(encode(form="JPEG")))


def chunk(kind, body, checksum=None):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum or zlib.crc32(kind + body))


BOMB = zlib.compress(bytes(50_000_000))
CHUNKS = {
    "a large text": chunk(b"tEXt", b"Comment\0" + b"x" * 2_000_000),
    "a large compressed text": chunk(b"zTXt", b"Comment\0\0" + BOMB),
    "large XMP": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + BOMB),
    "a large profile": chunk(b"iCCP", b"profile\0\0" + BOMB),
    "a damaged profile": chunk(b"iCCP", b"profile\0\0" + b"damaged"),
    "a profile without a name": chunk(b"iCCP", b""),
    "a wrong checksum": chunk(b"tIME", bytes(7), checksum=1),
    "EXIF of a wrong checksum": chunk(b"eXIf", exif_block(orientation_entry(3)), checksum=1),
    "damaged EXIF": chunk(b"eXIf", b"MM\0"),
    "chromaticities of a wrong length": chunk(b"cHRM", bytes(3)),
    "a resolution of a wrong length": chunk(b"pHYs", bytes(2)),
    "gamma of no length": chunk(b"gAMA", b""),
    "frames of an animation": chunk(b"acTL", bytes(2)),
    "an unknown one": chunk(b"abCd", b"?"),
}


@pytest.mark.parametrize("extra", CHUNKS.values(), ids=CHUNKS)
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_chunk_beside_the_pixels_of_a_png_does_not_matter(read, extra, place):
    content = encode()
    start = 33 if place == "before" else content.rindex(b"IEND") - 4  # after the header, or before the end
    assert np.array_equal(read(content[:start] + extra + content[start:]), np.asarray(PICTURE))


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


SEGMENTS = {
    "a short JFIF": segment(0xE0, b"JFIF\0"),
    "a short Adobe": segment(0xEE, b"Adobe"),
    "a part of a profile": segment(0xE2, b"ICC_PROFILE\0"),
    "many pictures that are not there": segment(0xE2, b"MPF\0II*\0\x08\0\0\0\x01\0\xff\xff"),
    "Photoshop's": segment(0xED, b"Photoshop 3.0\x008BIM\x03\xed\xff"),
    "EXIF that is none": segment(0xE1, b"Exif\0\0II*\0"),
    "XMP that is no text": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + bytes(range(256))),
    "a comment": segment(0xFE, b"\xff" * 60_000),
    "fill bytes": b"\xff\xff\xff",
}


@pytest.mark.parametrize("extra", SEGMENTS.values(), ids=SEGMENTS)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_segment_beside_the_pixels_of_a_jpeg_does_not_matter(read, extra, mode):
    content = encode(PICTURE.convert(mode), "JPEG")
    expected = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    assert np.array_equal(read(content), expected)
    for start in (2, content.index(b"\xff\xdb")):  # at the beginning, and before the first table
        assert np.array_equal(read(content[:start] + extra + content[start:]), expected)


# Primaries and white of RGB spaces (x, y), and their gamma: Display P3 (with a plain gamma), Adobe RGB, ProPhoto.
SPACES = {
    "P3": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290), 2.2),
    "Adobe RGB": ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060), (0.3127, 0.3290), 2.19921875),
    "ProPhoto": ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), (0.3457, 0.3585), 1.8),
}
SRGB = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), (0.3127, 0.3290))
D50 = np.array([0.9642, 1.0, 0.8249])
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def to_pcs(red, green, blue, white):
    """The matrix from linear RGB to XYZ for D50 (Lindbloom's derivation, Bradford's adaptation)."""
    primaries, source = np.array([xyz(*point) for point in (red, green, blue)]).T, xyz(*white)
    matrix = primaries * np.linalg.solve(primaries, source)
    adapt = np.linalg.inv(BRADFORD) @ np.diag((BRADFORD @ D50) / (BRADFORD @ source)) @ BRADFORD
    return adapt @ matrix


def xyz(x, y):
    return np.array([x / y, 1.0, (1 - x - y) / y])


def make_profile(matrix, gamma, *, space=b"RGB ", name=b"test"):
    """A version 2 ICC profile of a matrix and a gamma."""

    def colour(values):
        return b"XYZ " + bytes(4) + b"".join(map(fixed, values))

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {b"wtpt": colour(D50), b"desc": b"desc" + bytes(4) + struct.pack(">I", len(name) + 1) + name + bytes(80)}
    tags |= {name: colour(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), matrix.T, strict=True)}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC", b"kTRC"), curve)
    return assemble(tags, kind=b"mntr" + space + b"XYZ ")


def assemble(tags, *, kind):
    """A version 2 ICC profile of some tags; `kind` is its class, its space and the space that it leads to."""
    start = 128 + 4 + 12 * len(tags)
    table, bodies = struct.pack(">I", len(tags)), b""
    for tag, body in tags.items():
        table += tag + struct.pack(">II", start + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    length = struct.pack(">I", start + len(bodies))
    head = length + bytes(4) + b"\x02\x10\0\0" + kind + bytes(12) + b"acsp" + bytes(28)
    return (head + b"".join(map(fixed, D50))).ljust(128, b"\0") + table + bodies


def fixed(number):
    """ICC's s15Fixed16Number."""
    return struct.pack(">i", round(number * 65536))


def to_srgb(pixels, matrix, gamma):
    """The closed form; the companding curve is that of IEC 61966-2-1."""
    linear = (pixels / 255.0) ** gamma @ (np.linalg.inv(to_pcs(*SRGB)) @ matrix).T
    linear = linear.clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
def test_colours_are_converted_from_their_profile(read, form, name):
    *space, gamma = SPACES[name]
    matrix = to_pcs(*space)
    image = Image.fromarray(np.random.default_rng(1).integers(40, 216, (16, 16, 3), np.uint8))
    options = {"lossless": True} if form == "WEBP" else {}
    found = read(encode(image, form, icc_profile=make_profile(matrix, gamma), **options))
    expected = to_srgb(np.asarray(image), matrix, gamma)
    assert np.abs(found - expected).max() <= 2
    assert np.abs(np.asarray(image) - expected).mean() > 4  # the profile matters


# Lab of a print's inks, each alone, and of its paper; the profile below adds up how the inks change the paper.
INKS = {"C": (60, -30, -40), "M": (50, 60, 0), "Y": (85, 0, 50), "K": (30, 0, 0)}
PAPER = (100, 0, 0)


def make_print_profile():
    """A CMYK profile of a table of two values per ink (lut8Type, ICC.1:2001-04, section 6.5.8)."""
    corners = []
    for amounts in np.ndindex(2, 2, 2, 2):
        lab = np.array(PAPER, dtype=float)
        for amount, ink in zip(amounts, INKS.values(), strict=True):
            lab += amount * (np.array(ink) - PAPER)
        corners.append(lab.clip((0, -127, -127), (100, 127, 127)))
    table = np.rint([[lab[0] * 2.55, lab[1] + 128, lab[2] + 128] for lab in corners]).astype(np.uint8).tobytes()
    ramp = bytes(range(256))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + b"".join(map(fixed, np.eye(3).ravel()))
    tags = {b"A2B0": lut + 4 * ramp + table + 3 * ramp, b"wtpt": b"XYZ " + bytes(4) + b"".join(map(fixed, D50))}
    return assemble(tags, kind=b"prtrCMYKLab ")


def lab_to_srgb(lab):
    """The closed form of CIE 15, from the white of D50."""
    y = (lab[0] + 16) / 116
    steps = np.array([y + lab[1] / 500, y, y - lab[2] / 200])
    pcs = D50 * np.where(steps > 6 / 29, steps**3, 3 * (6 / 29) ** 2 * (steps - 4 / 29))
    linear = (np.linalg.inv(to_pcs(*SRGB)) @ pcs).clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
@pytest.mark.parametrize("ink", "CMY")
def test_inks_are_converted_from_their_profile(read, form, ink):
    """A photograph prepared for print: without its profile cyan would be as bright as a screen's."""
    inks = tuple(255 if name == ink else 0 for name in INKS)
    image = Image.new("CMYK", (16, 16), inks)
    options = {"quality": 100} if form == "JPEG" else {}
    found = read(encode(image, form, icc_profile=make_print_profile(), **options))
    expected = lab_to_srgb(np.array(INKS[ink], dtype=float))
    assert np.abs(found - expected).max() <= 4
    assert np.abs(np.asarray(image.convert("RGB"), dtype=float) - expected).max() > 10  # the profile matters


def test_a_profile_is_not_known_by_its_name(read):
    """Editors call their linear space "Linear sRGB": read without its curve, a picture is far too dark."""
    matrix, image = to_pcs(*SRGB), Image.fromarray(np.random.default_rng(1).integers(40, 216, (16, 16, 3), np.uint8))
    found = read(encode(image, "PNG", icc_profile=make_profile(matrix, 1.0, name=b"built-in Linear sRGB")))
    assert np.abs(found - to_srgb(np.asarray(image), matrix, 1.0)).max() <= 2
    assert found.mean() > np.asarray(image).mean() + 30


def test_pixels_with_the_profile_of_srgb_itself_stay_as_they_are(read):
    image = Image.fromarray(np.random.default_rng(1).integers(0, 256, (16, 16, 3), np.uint8))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(read(encode(image, "PNG", icc_profile=profile)), np.asarray(image))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_what_is_written_again_carries_no_profile_and_no_tags(tmp_path, mode):
    *space, gamma = SPACES["P3"]
    exif = exif_block(orientation_entry(6))
    profile = make_profile(to_pcs(*space), gamma)
    (tmp_path / "a.png").write_bytes(encode(PICTURE.convert(mode), exif=exif, icc_profile=profile, dpi=(300, 300)))
    read_image(tmp_path / "a.png").crop((0, 0, 8, 8)).save(tmp_path / "b.png")
    with Image.open(tmp_path / "b.png") as written:
        assert written.info == {}
        assert not written.getexif()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "CMYK"])
@pytest.mark.parametrize(
    "profile",
    [b"damaged", b"", ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()],
    ids=["damaged", "empty", "sRGB"],
)
def test_a_profile_that_says_nothing_changes_nothing(read, mode, profile):
    form = "TIFF" if mode == "CMYK" else "PNG"
    image = PICTURE.convert(mode)
    assert np.array_equal(read(encode(image, form, icc_profile=profile)), read(encode(image, form)))


def test_a_profile_of_another_kind_of_pixels_is_ignored(read):
    gray = make_profile(to_pcs(*SRGB), 1.0, space=b"GRAY")
    assert np.array_equal(read(encode(icc_profile=gray)), np.asarray(PICTURE))


def test_a_transparent_pixel_has_its_colour_converted_and_shows_white_paper(read):
    *space, gamma = SPACES["ProPhoto"]
    profile = make_profile(to_pcs(*space), gamma)
    opaque = read(encode(Image.new("RGB", (4, 4), (200, 60, 80)), icc_profile=profile))
    half = read(encode(Image.new("RGBA", (4, 4), (200, 60, 80, 128)), icc_profile=profile))
    assert np.abs(half - (opaque.astype(float) * 128 / 255 + 255 * 127 / 255)).max() <= 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 0x8000, 0xFFFF]], np.uint16), [0, 128, 255]),
        (np.array([[0, 2**31 - 1, 2**30]], np.int32), [0, 128, 64]),
        (np.array([[0, 30_000, 65_535]], np.int32), [0, 117, 255]),
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[np.nan, 51.0, 255.0]], np.float32), [0, 51, 255]),
    ],
    ids=["16 bits", "32 bits", "16 of 32 bits", "shares", "levels"],
)
def test_deep_gray_is_scaled(read, values, expected):
    assert np.abs(read(encode(Image.fromarray(values), "TIFF"))[0, :, 0] - np.array(expected)).max() <= 1


def test_deep_gray_with_a_transparent_value_is_white_there(read):
    """Pillow writes no such file: its header, one row of big-endian values, and the value that is transparent."""
    header = struct.pack(">IIBBBBB", 3, 1, 16, 0, 0, 0, 0)
    row = zlib.compress(b"\0" + struct.pack(">HHH", 0x4000, 0x8000, 0x1234))
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tRNS", b"\x12\x34") + chunk(b"IDAT", row)
    assert read(content + chunk(b"IEND", b""))[0, :, 0].tolist() == [64, 128, 255]


def list_files():
    """A small file of each format and kind."""
    exif = b"Exif\0\0" + exif_block(orientation_entry(6), MISTYPED["Make as a rational"])
    profile = make_profile(to_pcs(*SPACES["P3"][:4]), 2.2)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "coat" * 40, zip=True)
    frames = {"save_all": True, "append_images": [PICTURE.rotate(180)]}
    return [
        encode(form="JPEG", exif=exif, icc_profile=profile, quality=80),
        encode(form="JPEG", progressive=True, comment="coat"),
        encode(PICTURE.convert("CMYK"), "JPEG"),
        encode(exif=exif[6:], icc_profile=profile, pnginfo=text),
        encode(PICTURE.convert("P"), transparency=0),
        encode(**frames),
        encode(form="WEBP", exif=exif, icc_profile=profile),
        encode(PICTURE.convert("RGBA"), "WEBP", lossless=True, **frames),
        encode(form="GIF", **frames),
        encode(form="TIFF", compression="tiff_lzw", icc_profile=profile),
        encode(PICTURE.convert("L"), "TIFF", compression="packbits"),
        encode(form="BMP"),
    ]


def mutate(content, random):
    """Some bytes changed, a piece lost, doubled or moved, or the end cut off."""
    data = bytearray(content)
    kind = random.integers(5)
    start, stop = sorted(random.integers(0, len(data), 2))
    if kind == 0:
        for place in random.integers(0, len(data), random.integers(1, 8)):
            data[place] = random.integers(256)
    elif kind == 1:
        del data[start : min(stop, start + 64)]
    elif kind == 2:
        data[stop:stop] = data[start : min(stop, start + 64)]
    elif kind == 3:
        data[start : start + 4] = struct.pack(">I", random.integers(2**32))
    else:
        del data[stop:]
    return bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(12))
def test_whatever_happens_to_a_file_there_are_pixels_or_a_reason(tmp_path, number):
    """8,000 mutations in all, metadata included; warnings of the decoder are errors in these tests."""
    random = np.random.default_rng(number)
    path, original = tmp_path / "a.bin", list_files()[number]
    outcomes = {"pixels": 0, "reason": 0}
    for _ in range(8_000 // 12):
        path.write_bytes(mutate(original, random))
        try:
            image = read_image(path)
            assert image.mode == "RGB"
            outcomes["pixels"] += 1
        except CorruptImage as error:
            assert str(error).startswith(f"{path}: does not decode (")
            assert len(str(error).splitlines()) == 1
            outcomes["reason"] += 1
    assert min(outcomes.values()) > 10, outcomes
