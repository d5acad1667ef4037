"""What each kind of error costs: closed forms of single errors, and a whole set beside the figures of tidecv."""

import json

import numpy as np
import pytest

from fashiongen.coco.detection import Detection
from fashiongen.coco.error_costs import KINDS, measure_error_costs

UPPER, LOWER, FULL = 1, 2, 3
BOX, HALF, TOUCHING, ELSEWHERE = (0, 0, 100, 100), (0, 0, 40, 100), (0, 0, 20, 100), (300, 300, 50, 50)
BEYOND = 51 / 101  # the precision of 1 at COCO's recalls 0, 0.01, ..., 0.5, and 0 beyond


@pytest.fixture
def measure(tmp_path):
    """The errors and the costs by kind, of objects (image, category, box) and detections (…, score)."""

    def measure(objects, found):
        images = sorted({row[0] for row in (*objects, *found)})
        path = tmp_path / "val.json"
        path.write_text(
            json.dumps(
                {
                    "images": [{"id": number, "file_name": f"{number}.jpg"} for number in images],
                    "categories": [{"id": number, "name": str(number)} for number in (UPPER, LOWER, FULL)],
                    "annotations": [
                        {"id": number, "image_id": image, "category_id": category, "bbox": [float(v) for v in box]}
                        for number, (image, category, box) in enumerate(objects, 1)
                    ],
                }
            )
        )
        detections = [
            Detection(image, category, tuple(map(float, box)), score) for image, category, box, score in found
        ]
        costs = measure_error_costs(path, detections)
        assert tuple(row.error for row in costs) == KINDS
        return {row.error: (row.errors, row.AP50) for row in costs if row.errors or row.AP50}

    return measure


def test_a_perfect_detector_makes_no_error(measure):
    assert measure([(1, UPPER, BOX), (2, LOWER, BOX)], [(1, UPPER, BOX, 0.9), (2, LOWER, BOX, 0.1)]) == {}


def test_an_object_that_nothing_is_near_is_missed(measure):
    """One of two is found, so AP50 is 51 / 101; without the other it is 1. Its image may have no detection at all."""
    objects, found = [(1, UPPER, BOX), (2, UPPER, BOX)], [(1, UPPER, BOX, 0.9)]
    assert measure(objects, found) == {"missed": (1, pytest.approx(1 - BEYOND))}
    assert measure(objects, []) == {"missed": (2, 0)}  # of no object there is no AP


def test_a_box_that_fits_badly_is_a_localisation_and_its_object_is_not_missed(measure):
    objects, found = [(1, UPPER, BOX), (2, UPPER, BOX)], [(1, UPPER, BOX, 0.9), (2, UPPER, HALF, 0.8)]
    assert measure(objects, found) == {"localisation": (1, pytest.approx(1 - BEYOND))}


def test_another_category_in_the_right_place_is_a_classification(measure):
    """Upper: one of two is found. Full has detections and no object, so it counts as 0 until the error is right."""
    objects, found = [(1, UPPER, BOX), (2, UPPER, BOX)], [(1, UPPER, BOX, 0.9), (2, FULL, BOX, 0.8)]
    assert measure(objects, found) == {"classification": (1, pytest.approx(1 - BEYOND / 2))}


def test_another_category_that_fits_badly_is_both(measure):
    objects, found = [(1, UPPER, BOX)], [(1, UPPER, BOX, 0.9), (1, LOWER, HALF, 0.8)]
    assert measure(objects, found) == {"both": (1, pytest.approx(1 / 2))}


def test_a_second_detection_of_an_object_is_a_duplicate(measure):
    """It is surer than the second object's, so the precision there is 2 / 3 until it goes."""
    objects = [(1, UPPER, BOX), (2, UPPER, BOX)]
    found = [(1, UPPER, BOX, 0.9), (1, UPPER, BOX, 0.8), (2, UPPER, BOX, 0.7)]
    assert measure(objects, found) == {"duplicate": (1, pytest.approx(50 / 101 / 3))}


def test_a_detection_on_nothing_is_background(measure):
    objects = [(1, UPPER, BOX), (3, UPPER, BOX)]
    found = [(1, UPPER, BOX, 0.9), (1, UPPER, ELSEWHERE, 0.8), (2, UPPER, BOX, 0.75), (3, UPPER, BOX, 0.7)]
    assert measure(objects, found) == {"background": (2, pytest.approx(50 / 101 / 2))}


def test_of_several_errors_on_one_object_only_the_surest_is_put_right(measure):
    """The classification is the surer one: an oracle of places mends nothing, and removes the worse box."""
    objects = [(1, UPPER, BOX), (2, UPPER, BOX)]
    found = [(1, UPPER, BOX, 0.9), (2, LOWER, BOX, 0.8), (2, UPPER, HALF, 0.7)]
    costs = measure(objects, found)
    assert costs["localisation"] == (1, 0)
    assert costs["classification"] == (1, pytest.approx(1 - BEYOND / 2))
    assert "missed" not in costs


def test_only_the_hundred_surest_detections_of_an_image_count(measure):
    found = [(1, UPPER, BOX, 1 - number / 1000) for number in range(150)]
    assert measure([(1, UPPER, BOX)], found)["duplicate"] == (99, 0)


def test_a_random_set_costs_what_tidecv_says(measure):
    """tidecv 1.0.1 gave these figures for the set below: 58 objects, 118 detections, AP50 14.40."""
    rng = np.random.default_rng(11)
    objects, found = [], []
    for image in range(1, 41):
        for _ in range(int(rng.integers(0, 4))):
            box = rng.integers(0, 100, 4) + np.array([0, 0, 20, 20])
            category = int(rng.integers(1, 4))
            objects.append((image, category, box))
            for spread in rng.choice([2, 15, 40], int(rng.integers(0, 4))):
                moved = box + rng.integers(-spread, spread + 1, 4)
                moved[2:] = np.maximum(moved[2:], 4)
                named = category if rng.random() < 0.7 else int(rng.integers(1, 4))
                found.append((image, named, moved, float(rng.random())))
        for _ in range(int(rng.integers(0, 3))):
            named, box = int(rng.integers(1, 4)), rng.integers(0, 200, 4) + np.array([0, 0, 10, 10])
            found.append((image, named, box, float(rng.random())))
    assert (len(objects), len(found)) == (58, 118)
    assert measure(objects, found) == {
        "classification": (5, pytest.approx(0.005824, abs=1e-6)),
        "localisation": (35, pytest.approx(0.236347, abs=1e-6)),
        "both": (7, pytest.approx(0.008437, abs=1e-6)),
        "duplicate": (8, pytest.approx(0.001828, abs=1e-6)),
        "background": (39, pytest.approx(0.077635, abs=1e-6)),
        "missed": (18, pytest.approx(0.048766, abs=1e-6)),
    }
