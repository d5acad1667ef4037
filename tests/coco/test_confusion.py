"""Objects and detections are paired by overlap, the highest score first, whatever their categories."""

import json

import numpy as np
import pytest

from fashiongen.coco.confusion import match_categories
from fashiongen.coco.detection import Detection
from fashiongen.coco.evaluation_records import NOTHING
from fashiongen.errors import AnnotationError, MissingInput

UPPER, LOWER, FULL = 1, 2, 3
NAMES = {UPPER: "upper", LOWER: "lower", FULL: "full"}
BOX, SHIFTED, ELSEWHERE = (10, 10, 40, 40), (20, 10, 40, 40), (200, 200, 30, 30)  # the first two overlap by 30 / 50


def write_truth(path, images):
    """`images`: for each, from 1 on, its objects as (category_id, bbox)."""
    objects = [(image_id, *one) for image_id, of_image in enumerate(images, 1) for one in of_image]
    content = {
        "images": [{"id": number, "file_name": f"{number}.jpg"} for number in range(1, len(images) + 1)],
        "categories": [{"id": number, "name": name} for number, name in NAMES.items()],
        "annotations": [
            {"id": number, "image_id": image_id, "category_id": category_id, "bbox": list(bbox)}
            for number, (image_id, category_id, bbox) in enumerate(objects, 1)
        ],
    }
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def match(tmp_path):
    """The (actual, predicted) pairs, in alphabetical order."""

    def pairs(images, detections, *, min_score=0.5, min_iou=0.5):
        truth = write_truth(tmp_path / "val.json", images)
        confusions = match_categories(truth, detections, min_score=min_score, min_iou=min_iou)
        return sorted((pair.actual, pair.predicted) for pair in confusions)

    return pairs


def found(category_id, bbox, score=0.9, image_id=1):
    return Detection(image_id, category_id, tuple(map(float, bbox)), float(score))


def test_a_find_in_the_place_of_an_object_is_what_it_is_taken_for(match):
    assert match([[(UPPER, BOX)]], [found(UPPER, BOX)]) == [("upper", "upper")]
    assert match([[(UPPER, BOX)]], [found(FULL, BOX)]) == [("upper", "full")]


def test_an_object_without_a_find_and_a_find_without_an_object_are_paired_with_nothing(match):
    assert match([[(UPPER, BOX)]], []) == [("upper", NOTHING)]
    assert match([[(UPPER, BOX)]], [found(LOWER, ELSEWHERE)]) == [(NOTHING, "lower"), ("upper", NOTHING)]
    assert match([[]], [found(LOWER, BOX)]) == [(NOTHING, "lower")]


def test_an_object_is_found_once_and_by_the_surest(match):
    detections = [found(UPPER, BOX, 0.6), found(FULL, SHIFTED, 0.8)]
    assert match([[(UPPER, BOX)]], detections) == [(NOTHING, "upper"), ("upper", "full")]


def test_a_find_takes_the_object_that_it_overlaps_most(match):
    assert match([[(UPPER, BOX), (LOWER, SHIFTED)]], [found(FULL, SHIFTED)]) == [("lower", "full"), ("upper", NOTHING)]


def test_the_next_find_takes_what_is_left(match):
    """Both lie on the second object; the weaker one makes do with the first."""
    detections = [found(LOWER, SHIFTED, 0.8), found(FULL, SHIFTED, 0.9)]
    assert match([[(UPPER, BOX), (LOWER, SHIFTED)]], detections) == [("lower", "full"), ("upper", "lower")]


@pytest.mark.parametrize(
    ("min_iou", "pairs"), [(0.59, [("upper", "upper")]), (0.61, [(NOTHING, "upper"), ("upper", NOTHING)])]
)
def test_an_overlap_counts_from_its_limit_on(match, min_iou, pairs):
    """30 of 50 columns are common: 0.6."""
    assert match([[(UPPER, BOX)]], [found(UPPER, SHIFTED)], min_iou=min_iou) == pairs


def test_a_weak_find_is_none(match):
    detections = [found(UPPER, BOX, 0.49), found(LOWER, ELSEWHERE, 0.5)]
    assert match([[(UPPER, BOX)]], detections) == [(NOTHING, "lower"), ("upper", NOTHING)]


def test_images_are_apart(match):
    images = [[(UPPER, BOX)], [(LOWER, BOX)]]
    detections = [found(LOWER, BOX, image_id=2), found(FULL, BOX, 0.95, image_id=2)]
    assert match(images, detections) == [("lower", "full"), (NOTHING, "lower"), ("upper", NOTHING)]


def test_each_object_and_each_find_is_counted_once(match):
    rng = np.random.default_rng(0)

    def box():
        return *map(int, rng.integers(0, 40, 2)), *map(int, rng.integers(20, 60, 2))

    images = [[(int(rng.integers(1, 4)), box()) for _ in range(rng.integers(0, 4))] for _ in range(30)]
    finds = [found(int(rng.integers(1, 4)), box(), rng.random(), int(rng.integers(1, 31))) for _ in range(80)]
    pairs = match(images, finds, min_iou=0.3)
    objects = sorted(NAMES[category_id] for of_image in images for category_id, _ in of_image)
    sure = sorted(NAMES[one.category_id] for one in finds if one.score >= 0.5)
    assert sorted(actual for actual, _ in pairs if actual != NOTHING) == objects
    assert sorted(predicted for _, predicted in pairs if predicted != NOTHING) == sure
    assert (NOTHING, NOTHING) not in pairs
    assert sum(NOTHING not in pair for pair in pairs) > 5


def test_a_file_that_is_missing_or_no_coco_file_is_refused_by_name(tmp_path):
    (tmp_path / "val.json").write_text("{}")
    for name, error in (("val.json", AnnotationError), ("gone.json", MissingInput)):
        with pytest.raises(error, match=name):
            match_categories(tmp_path / name, [], min_score=0.5, min_iou=0.5)
