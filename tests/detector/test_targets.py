"""COCO files become targets in corners, and what cannot be trained on is named."""

import json

import numpy as np
import pytest

from fashiongen.detector.data.targets import hash_listing, read_targets
from fashiongen.errors import BadInput, MissingInput


def test_boxes_are_corners_and_images_are_ordered(world, data):
    content = json.loads(world.read_text())
    assert [target.image.image_id for target in data.targets] == list(range(1, 25))
    assert data.categories == {1: "upper", 2: "lower", 3: "full"}
    for row, target in zip(content["annotations"], data.targets, strict=True):
        x, y, width, height = row["bbox"]
        assert np.array_equal(target.boxes_xyxy, [[x, y, x + width, y + height]])
        assert target.labels.tolist() == [row["category_id"]]


def rewritten(world, tmp_path, change):
    content = json.loads(world.read_text())
    change(content)
    path = tmp_path / "train.json"
    path.write_text(json.dumps(content))
    return path


def test_an_image_without_an_annotation_is_left_out(world, tmp_path):
    path = rewritten(world, tmp_path, lambda content: content["annotations"].pop(0))
    assert [target.image.image_id for target in read_targets(path, world.parent).targets] == list(range(2, 25))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["annotations"][3].update(bbox=[1, 2, 0, 5]),
        lambda content: content["annotations"][3].pop("bbox"),
        lambda content: content["annotations"][3].update(image_id=999),
        lambda content: content.pop("images"),
        lambda content: content.update(annotations=[]),
        lambda content: content["images"][0].update(file_name="../outside.png"),
    ],
)
def test_a_file_that_cannot_be_trained_on_is_refused_by_name(world, tmp_path, change):
    with pytest.raises(BadInput, match=r"train\.json"):
        read_targets(rewritten(world, tmp_path, change), world.parent)


def test_missing_images_are_counted_and_the_first_is_named(world, tmp_path):
    with pytest.raises(MissingInput, match=r"24 of its images.*img_0001\.png"):
        read_targets(world, tmp_path)


def test_the_listing_changes_with_a_file(world, data, tmp_path):
    before = hash_listing(data.images)
    assert hash_listing(data.images) == before
    assert hash_listing(data.images[1:]) != before
