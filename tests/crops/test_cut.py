"""Crops hold real pixels only: the box, what surrounds it, and never more than the image."""

import hashlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fashiongen.coco.detection import Detection
from fashiongen.crops.cut import crop_box, cut_crop
from fashiongen.crops.params import CropParams
from fashiongen.errors import CorruptImage
from fashiongen.images.manifest import ImageRecord


def params(padding_frac=0.0, aspect=None, cutout=None):
    return CropParams(
        label="full",
        min_score=0.5,
        padding_frac=padding_frac,
        aspect=aspect,
        cutout=cutout,
        checkpoint_every_s=60,
    )


@pytest.mark.parametrize(
    ("bbox", "options", "expected"),
    [
        ((10, 20, 30, 40), {}, (10, 20, 40, 60)),
        ((10.4, 20.4, 30.2, 40.2), {}, (11, 21, 41, 61)),
        ((10, 20, 30, 40), {"padding_frac": 0.1}, (7, 16, 43, 64)),
        ((40, 20, 30, 60), {"aspect": 1.0}, (25, 20, 85, 80)),
        ((40, 40, 60, 20), {"aspect": 1.0}, (40, 20, 100, 80)),
        ((0, 20, 20, 60), {"aspect": 1.0}, (0, 20, 60, 80)),  # moved inside at the left
        ((90, 20, 10, 60), {"aspect": 1.0}, (40, 20, 100, 80)),  # and at the right
        ((40, 0, 30, 150), {"aspect": 1.0}, (0, 0, 100, 150)),  # wider than the image: all of its width
        ((-5, -5, 20, 30), {}, (0, 0, 20, 30)),
        ((50.2, 50.2, 0.1, 0.1), {}, (50, 50, 51, 51)),
    ],
)
def test_the_box_is_padded_widened_and_kept_inside(bbox, options, expected):
    floats = tuple(float(value) for value in bbox)
    assert crop_box(floats, size=(100, 150), params=params(**options)) == expected


@pytest.mark.slow
@given(
    st.tuples(*[st.floats(-50, 400)] * 2, *[st.floats(0.01, 500)] * 2),
    st.floats(0, 1),
    st.one_of(st.none(), st.floats(0.2, 5)),
)
def test_every_crop_has_pixels_and_only_the_images(bbox, padding_frac, aspect):
    left, top, right, bottom = crop_box(bbox, size=(300, 200), params=params(padding_frac, aspect))
    assert 0 <= left < right <= 300
    assert 0 <= top < bottom <= 200


@given(st.floats(60, 200), st.floats(60, 200), st.floats(5, 50), st.floats(5, 50), st.floats(0.5, 2))
def test_the_aspect_is_met_where_the_image_has_room(x, y, width, height, aspect):
    left, top, right, bottom = crop_box((x, y, width, height), size=(300, 300), params=params(aspect=aspect))
    assert right - left == pytest.approx(aspect * (bottom - top), abs=0.5 + 0.5 * aspect + 1e-6)
    assert left <= x + 1
    assert right >= x + width - 1


@pytest.fixture
def source(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, size=(150, 100, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "abc.png")
    record = ImageRecord(
        file="abc.png",
        pin_id="7",
        brand="Maison",
        board="/maison/ss26/",
        season="SS26",
        title="Look 1",
        width_px=100,
        height_px=150,
        sha256="0" * 64,
        split="held_out",
    )
    return record, tmp_path, pixels


def test_a_crop_is_the_images_own_pixels(source):
    record, folder, pixels = source
    crop = cut_crop(record, folder, Detection(1, 3, (10.0, 20.0, 30.0, 40.0), 0.9), params())
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(crop.png))), pixels[20:60, 10:40])


def test_its_record_tells_box_size_hash_and_origin(source):
    record, folder, _ = source
    detection = Detection(1, 3, (10.004, 20.0, 30.0, 40.0), 0.91234567)
    row, png, _, _ = cut_crop(record, folder, detection, params(padding_frac=0.1))
    assert (row.file, row.source, row.label, row.score) == ("abc.png", "abc.png", "full", 0.912346)
    assert (row.x_px, row.y_px, row.w_px, row.h_px) == (10.0, 20.0, 30.0, 40.0)
    assert (row.width_px, row.height_px) == Image.open(io.BytesIO(png)).size == (36, 48)
    assert row.sha256 == hashlib.sha256(png).hexdigest()
    assert (row.pin_id, row.brand, row.season, row.split) == ("7", "Maison", "SS26", "held_out")


def test_a_file_that_is_no_image_is_named(source):
    record, folder, _ = source
    (folder / "abc.png").write_text("not one")
    with pytest.raises(CorruptImage, match=r"abc\.png"):
        cut_crop(record, folder, Detection(1, 3, (10.0, 20.0, 30.0, 40.0), 0.9), params())
