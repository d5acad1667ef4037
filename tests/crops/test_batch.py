"""Many images are cropped by several processes; what comes out is in their order."""

import numpy as np
import pytest
from PIL import Image

from fashiongen.coco.detection import Detection
from fashiongen.crops.batch import choose_garments, write_crops
from fashiongen.crops.params import CropParams
from fashiongen.errors import CorruptImage
from fashiongen.executor.engine import map_locally
from fashiongen.files import sha256_file
from fashiongen.images.manifest import ImageRecord

PARAMS = CropParams(label="full", min_score=0.5, padding_frac=0.0, aspect=None, cutout=None, checkpoint_every_s=60)
IMAGES = 40


def record(name):
    origin = {"pin_id": name, "brand": "A", "board": "/b/", "season": "SS26", "title": ""}
    return ImageRecord(file=name, **origin, width_px=20, height_px=30, sha256=name, split="train")


@pytest.fixture
def images(tmp_path):
    (tmp_path / "images").mkdir()
    for number in range(IMAGES):
        pixels = np.random.default_rng(number).integers(0, 256, (30, 20, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"images/{number:02}.png")
    return [record(f"{number:02}.png") for number in range(IMAGES)]


def detections(number):
    """Every third image has nothing that is sure enough."""
    return (Detection(number, 3, (2.0, 3.0, 10.0, 20.0), 0.9 if number % 3 else 0.1),)


def crop(images, detected, folder, params=PARAMS):
    garments = choose_garments(images, detected, params)
    places = {"source": folder / "images", "target": folder / "crops"}
    return list(write_crops(garments, **places, params=params, map_items=map_locally))


def test_each_image_with_a_garment_has_its_crop_in_its_order(images, tmp_path):
    crops = crop(images, [detections(number) for number in range(IMAGES)], tmp_path)
    assert [one.source for one in crops] == [image.file for number, image in enumerate(images) if number % 3]
    assert [one.sha256 for one in crops] == [sha256_file(tmp_path / "crops/images" / one.file) for one in crops]
    with Image.open(tmp_path / "crops/images/01.png") as first, Image.open(tmp_path / "images/01.png") as source:
        assert first.tobytes() == source.crop((2, 3, 12, 23)).tobytes()


def test_the_cutout_lies_beside_the_crop_and_the_mask_on_it(dressed, cutout_params, tmp_path):
    """Of the second image, of noise, only the mask is written."""
    (tmp_path / "images").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, dressed.image.shape, np.uint8)
    for name, pixels in (("gown.png", dressed.image), ("noise.png", noise)):
        Image.fromarray(pixels).save(tmp_path / "images" / name)
    rows = [record("gown.png"), record("noise.png")]
    detected = [(Detection(number, 3, dressed.bbox, 0.9),) for number in range(2)]
    params = PARAMS.model_copy(update={"cutout": cutout_params(), "padding_frac": 0.1})
    gown, failed = crop(rows, detected, tmp_path, params)
    cutout = tmp_path / "crops/cutouts" / gown.file
    with Image.open(cutout) as image, Image.open(tmp_path / "crops/masks" / gown.file) as mask:
        assert (image.mode, mask.mode) == ("RGBA", "L")
        assert image.size == (gown.cutout_width_px, gown.cutout_height_px)
        assert mask.size == (gown.width_px, gown.height_px)
        assert (np.asarray(mask) > 0).sum() == pytest.approx((np.asarray(image)[..., 3] > 0).sum(), rel=0.02)
    assert (gown.mask, gown.cutout_sha256) == ("ok", sha256_file(cutout))
    assert failed.mask != "ok"
    assert (failed.cutout_width_px, failed.cutout_height_px, failed.cutout_sha256) == (None, None, None)
    assert (tmp_path / "crops/masks" / failed.file).is_file()
    assert not (tmp_path / "crops/cutouts" / failed.file).exists()


def test_an_image_that_does_not_decode_ends_the_cropping(images, tmp_path):
    (tmp_path / "images/10.png").write_bytes(b"no image")
    with pytest.raises(CorruptImage, match=r"10\.png"):
        crop(images, [detections(number) for number in range(IMAGES)], tmp_path)
