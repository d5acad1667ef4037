"""Many images are cropped by several processes; what comes out is in their order."""

import os
import signal
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashiongen.coco.detection import Detection
from fashiongen.crops import batch
from fashiongen.crops.batch import choose_garments, write_crops
from fashiongen.crops.params import CropParams
from fashiongen.errors import BadInput, CorruptImage, MissingInput
from fashiongen.executor.engine import map_locally
from fashiongen.files import sha256_file
from fashiongen.images.collection import add_images
from fashiongen.images.manifest import ImageRecord
from fashiongen.images.pack import Frame, pack_images
from fashiongen.images.shards import read_content

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


@pytest.fixture
def sharded(images, tmp_path):
    return shard_images(images, tmp_path)


def shard_images(images, tmp_path):
    """The rows of the images, which lie in shards of twelve in the folder `sharded`."""
    files = add_images(
        [tmp_path / "images" / row.file for row in images],
        tmp_path / "sharded/images",
        images_per_shard=12,
        map_items=map_locally,
    )
    return [row.model_copy(update={"file": files[tmp_path / "images" / row.file]}) for row in images]


def describe(crop):
    """A crop's row without the shard of its files."""
    names = {"file": Path(crop.file).name, "source": Path(crop.source).name}
    return crop.model_copy(update=names)


def test_crops_of_images_in_shards_are_in_shards_of_the_same_names(images, dressed, tmp_path, cutout_params):
    """The same crops, masks and cut-outs, byte for byte. There are cut-outs of two images only, of two shards."""
    # The other images are noise, of so few pixels that by chance their colours tell some of them.
    params = PARAMS.model_copy(update={"cutout": cutout_params(working_side_px=64, min_certainty=0.8)})
    detected = [detections(number) for number in range(IMAGES)]
    for number in (1, 25):
        Image.fromarray(dressed.image).save(tmp_path / f"images/{number:02}.png")
        detected[number] = (Detection(number, 3, dressed.bbox, 0.9),)
    sharded = shard_images(images, tmp_path)
    alone = crop(images, detected, tmp_path, params)
    found = crop(sharded, detected, tmp_path / "sharded", params)
    assert [describe(one) for one in found] == alone
    assert [one.source for one in alone if one.mask == "ok"] == ["01.png", "25.png"]
    for one, row in zip(alone, found, strict=True):
        assert Path(row.file).parent == Path(row.source).parent
        for folder in ("images", "masks", "cutouts"):
            path = tmp_path / "crops" / folder / one.file
            inside = tmp_path / "sharded/crops" / folder / row.file
            if path.exists():
                assert read_content(inside) == path.read_bytes()
            else:
                with pytest.raises(MissingInput):
                    read_content(inside)
    shards = {folder: len(list((tmp_path / "sharded/crops" / folder).iterdir())) for folder in ("images", "cutouts")}
    assert shards == {"images": 4, "cutouts": 2}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_worker_and_the_number_of_workers_change_no_shard(sharded, tmp_path, monkeypatch, workers):
    """The worker dies in the middle of the second shard, and another one writes it."""
    detected = [detections(number) for number in range(IMAGES)]
    crop(sharded, detected, tmp_path / "sharded")
    mark, cut = tmp_path / "killed", batch.cut_crop

    def die_once(image, *arguments):
        if image.file == "000001.zip/16.png" and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return cut(image, *arguments)

    monkeypatch.setattr(batch, "cut_crop", die_once)
    places = {"source": tmp_path / "sharded/images", "target": tmp_path / "again", "params": PARAMS}
    list(
        write_crops(
            choose_garments(sharded, detected, PARAMS), **places, map_items=partial(map_locally, workers=workers)
        )
    )
    assert mark.exists()
    whole, again = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (tmp_path / "sharded/crops", tmp_path / "again")
    )
    assert again == whole


def test_crops_in_shards_are_packed_as_those_in_files(images, sharded, tmp_path):
    detected = [detections(number) for number in range(IMAGES)]
    packed = []
    for rows, folder in ((images, tmp_path), (sharded, tmp_path / "sharded")):
        crops = crop(rows, detected, folder)
        paths = [folder / "crops/images" / one.file for one in crops]
        packed.append(pack_images(paths, frame=Frame(32, 16), fit="cover"))
    assert np.array_equal(*packed)


def test_a_shard_that_cannot_be_read_ends_the_cropping(sharded, tmp_path):
    (tmp_path / "sharded/images/000002.zip").write_bytes(b"no zip file")
    with pytest.raises(BadInput, match=r"000002\.zip: no zip file that can be read"):
        crop(sharded, [detections(number) for number in range(IMAGES)], tmp_path / "sharded")
    assert len(list((tmp_path / "sharded/crops/images").iterdir())) <= 3
