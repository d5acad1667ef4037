"""Many images are cropped in threads; what comes out is in their order."""

import numpy as np
import pytest
from PIL import Image

from fashiongen.coco.detection import Detection
from fashiongen.crops.batch import write_crops
from fashiongen.crops.params import CropParams
from fashiongen.errors import CorruptImage
from fashiongen.files import sha256_file
from fashiongen.images.manifest import ImageRecord

PARAMS = CropParams(
    label="full", min_score=0.5, padding_frac=0.0, aspect=None, cutout=None, workers=2, checkpoint_every_s=60
)
IMAGES = 40  # more than may wait for the two workers


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


def crop(images, folder):
    detected = (detections(number) for number in range(IMAGES))
    return list(write_crops(images, detected, source=folder / "images", target=folder / "crops", params=PARAMS))


def test_each_image_comes_in_its_order_with_its_crop_or_none(images, tmp_path):
    results = crop(images, tmp_path)
    assert [result.detections for result in results] == [detections(number) for number in range(IMAGES)]
    assert [result.crop.source if result.crop else None for result in results] == [
        image.file if number % 3 else None for number, image in enumerate(images)
    ]
    crops = [result.crop for result in results if result.crop]
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
    results = write_crops(rows, detected, source=tmp_path / "images", target=tmp_path / "crops", params=params)
    gown, failed = (result.crop for result in results)
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
        crop(images, tmp_path)
