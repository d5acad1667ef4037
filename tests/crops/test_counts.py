"""Every image is counted once: as a crop, as too weak, or as without the label."""

import pytest

from fashiongen.coco.detection import Detection
from fashiongen.crops.counts import count_crops, count_masks, require_crops
from fashiongen.crops.params import CropParams
from fashiongen.errors import TooFewImages
from fashiongen.images.manifest import CropRecord, ImageRecord

PARAMS = CropParams(label="full", min_score=0.5, padding_frac=0.0, aspect=None, cutout=None, checkpoint_every_s=60)


def image(name, brand):
    origin = {"pin_id": name, "brand": brand, "board": "/b/", "season": "SS26", "title": ""}
    return ImageRecord(file=name, **origin, width_px=1, height_px=1, sha256=name, split="train")


def detection(category_id, score):
    return Detection(1, category_id, (0.0, 0.0, 1.0, 1.0), score)


def test_images_crops_and_reasons_add_up():
    images = [image("a", "Z"), image("b", "Z"), image("c", "A"), image("d", "A")]
    found = [(detection(1, 0.9), detection(3, 0.8)), (detection(3, 0.2),), (detection(2, 0.9),), ()]
    assert count_crops(images, found, PARAMS) == {
        "images": 4,
        "crops": 1,
        "below_min_score_full": 1,
        "without_full": 2,
        "strongest_label": {"full": 1, "lower": 1, "nothing": 1, "upper": 1},
        "by_brand": {"A": {"images": 2, "crops": 0}, "Z": {"images": 2, "crops": 1}},
    }


def test_no_image_is_no_crop():
    assert count_crops([], [], PARAMS)["crops"] == 0


def test_a_score_that_no_crop_reaches_is_named_with_the_highest_there_is():
    """The highest score is rounded down: as min_score it leaves its crop."""
    found = [(detection(1, 0.99), detection(3, 0.30009)), (detection(3, 0.2),), ()]
    with pytest.raises(TooFewImages, match=r"^crop\.min_score 0\.5 leaves no crop: lower it \(the highest .* 0\.3\)$"):
        require_crops(found, PARAMS)
    require_crops(found, PARAMS.model_copy(update={"min_score": 0.3}))


@pytest.mark.parametrize("found", [[], [()], [(detection(1, 0.9),), ()]])
def test_a_label_that_is_found_nowhere_is_named(found):
    with pytest.raises(TooFewImages, match=rf"^crop\.label full leaves no crop: .* in {len(found)} images; choose"):
        require_crops(found, PARAMS)


def test_masks_are_counted_by_verdict_and_not_at_all_where_cutouts_are_off():
    crops = [CropRecord.model_construct(mask=verdict) for verdict in ("ok", "torn", "ok")]
    assert count_masks(crops) == {"ok": 2, "torn": 1}
    assert count_masks([CropRecord.model_construct(mask=None)]) == {}
