"""The twelve statistics against pycocotools, and what happens where there is nothing to measure."""

import contextlib
import io
import json

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from fashiongen.coco.detection import Detection
from fashiongen.coco.evaluation import evaluate_detections
from fashiongen.coco.evaluation_records import STATISTICS
from fashiongen.errors import BadInput

NAMES = {1: "upper", 2: "lower", 3: "full"}


def write_truth(path, boxes):
    """`boxes`: one (category_id, x, y, width, height) an image."""
    content = {
        "info": {},
        "images": [{"id": at, "width": 300, "height": 300, "file_name": f"{at}.jpg"} for at in range(len(boxes))],
        "categories": [{"id": category_id, "name": name} for category_id, name in NAMES.items()],
        "annotations": [
            {
                "id": at + 1,
                "image_id": at,
                "category_id": category_id,
                "bbox": bbox,
                "area": bbox[2] * bbox[3],
                "iscrowd": 0,
            }
            for at, (category_id, *bbox) in enumerate(boxes)
        ],
    }
    path.write_text(json.dumps(content))
    return path


def random_truth(rng, images, largest=180):
    extents = rng.integers(10, largest, size=(images, 2))
    corners = rng.integers(0, 100, size=(images, 2))
    return [
        (int(rng.integers(1, 4)), *map(int, corner), *map(int, extent))
        for corner, extent in zip(corners, extents, strict=True)
    ]


def perfect(boxes):
    return [Detection(at, category_id, tuple(bbox), 0.9) for at, (category_id, *bbox) in enumerate(boxes)]


def noisy(rng, boxes):
    """Shifted true boxes, wrong labels and boxes from nowhere, under random scores."""
    detections = []
    for at, (category_id, *bbox) in enumerate(boxes):
        shifted = tuple(float(value) for value in np.array(bbox) + rng.normal(0, 6, size=4))
        detections.append(Detection(at, category_id, (*shifted[:2], *map(abs, shifted[2:])), float(rng.random())))
        if rng.random() < 0.5:
            box = (*rng.uniform(0, 100, size=2), *rng.uniform(5, 200, size=2))
            detections.append(Detection(at, int(rng.integers(1, 4)), tuple(map(float, box)), float(rng.random())))
    return detections


def pycocotools_statistics(path, detections):
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(path))
        rows = [{**detection._asdict(), "bbox": list(detection.bbox)} for detection in detections]
        evaluated = COCOeval(truth, truth.loadRes(rows), "bbox")
        evaluated.evaluate()
        evaluated.accumulate()
        evaluated.summarize()
    return dict(zip(STATISTICS, evaluated.stats, strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_the_statistics_are_those_of_pycocotools(tmp_path, seed):
    rng = np.random.default_rng(seed)
    boxes = random_truth(rng, 60)
    path, detections = write_truth(tmp_path / "val.json", boxes), noisy(rng, boxes)
    assert evaluate_detections(path, detections).metrics == pytest.approx(pycocotools_statistics(path, detections))


def crowded_world(rng, path, *, images, most):
    """Several objects of a category in an image, crowds, equal scores and equal overlaps; and detections on them."""
    grid = 4 if images < 20 else 1  # boxes and scores on a grid are often equal
    annotations, detections = [], []
    for image_id in rng.permutation(images * 3)[:images].tolist():
        for _ in range(int(rng.integers(0, 6))):
            bbox = [int(value) * grid for value in (*rng.integers(0, 30, 2), *rng.integers(1, 40, 2))]
            category, crowd = int(rng.integers(1, 4)), int(rng.random() < 0.2)
            area = bbox[2] * bbox[3] * rng.choice([1.0, 0.6])  # of a polygon in the box
            of_image = {"image_id": image_id, "category_id": category, "iscrowd": crowd}
            annotations.append({"id": len(annotations) + 1, "bbox": bbox, "area": float(area), **of_image})
            for _ in range(int(rng.integers(0, most))):
                moved = (np.array(bbox) + rng.integers(-2, 3, 4) * grid).clip(1)
                label = category if rng.random() < 0.8 else int(rng.integers(1, 4))
                detections.append(Detection(image_id, label, tuple(map(float, moved)), round(rng.random(), 1)))
    names = [{"id": category_id, "name": name} for category_id, name in NAMES.items()]
    files = [{"id": at, "width": 300, "height": 300, "file_name": f"{at}.jpg"} for at in range(images * 3)]
    path.write_text(json.dumps({"images": files, "annotations": annotations, "categories": names}))
    return [detections[index] for index in rng.permutation(len(detections))]


@pytest.mark.parametrize(("images", "most"), [(4, 3), (15, 12), (60, 6), (3, 120)])
@pytest.mark.parametrize("seed", range(6))
def test_they_are_pycocotools_where_images_are_crowded_and_values_equal(tmp_path, images, most, seed):
    """Also where an image has more than a hundred detections of a category."""
    path = tmp_path / "val.json"
    detections = crowded_world(np.random.default_rng(seed), path, images=images, most=most)
    known = {name: value for name, value in pycocotools_statistics(path, detections).items() if value != -1}
    assert evaluate_detections(path, detections).metrics == pytest.approx(known, abs=1e-12)


def test_the_truth_itself_scores_one_in_everything(tmp_path):
    boxes = random_truth(np.random.default_rng(0), 60)
    scores = evaluate_detections(write_truth(tmp_path / "val.json", boxes), perfect(boxes))
    assert list(scores.metrics) == list(STATISTICS)
    assert all(value == pytest.approx(1) for value in scores.metrics.values())
    assert all(point.precision == pytest.approx(1) for point in scores.pr_curve)


def test_detections_only_where_no_object_is_score_zero_in_everything(tmp_path):
    """Of a category, objects and detections lie in different images."""
    boxes = random_truth(np.random.default_rng(0), 60)
    path = write_truth(tmp_path / "val.json", boxes)
    others = [Detection(at, 1 + category_id % 3, tuple(bbox), 0.9) for at, (category_id, *bbox) in enumerate(boxes)]
    assert set(evaluate_detections(path, others).metrics.values()) == {0}
    known = {name: value for name, value in pycocotools_statistics(path, others).items() if value != -1}
    assert evaluate_detections(path, others).metrics == pytest.approx(known)


def test_no_detection_scores_zero_in_everything(tmp_path):
    path = write_truth(tmp_path / "val.json", random_truth(np.random.default_rng(0), 60))
    scores = evaluate_detections(path, [])
    assert set(scores.metrics.values()) == {0}
    assert [scores.per_class[name]["AP"] for name in NAMES.values()] == [0, 0, 0]


def test_a_scale_without_an_object_has_no_statistic(tmp_path):
    boxes = [(3, 10, 10, 150, 250), (1, 20, 20, 120, 110)]
    scores = evaluate_detections(write_truth(tmp_path / "val.json", boxes), perfect(boxes))
    absent = {"AP_small", "AP_medium", "AR_small", "AR_medium"}
    assert set(STATISTICS) - set(scores.metrics) == absent


def test_a_category_without_an_object_has_no_row_and_no_curve(tmp_path):
    boxes = [(3, 10, 10, 150, 250), (1, 20, 20, 120, 110)]
    scores = evaluate_detections(write_truth(tmp_path / "val.json", boxes), perfect(boxes))
    assert list(scores.per_class) == ["upper", "full"]
    assert {point.category for point in scores.pr_curve} == {"upper", "full"}


def test_ap_is_the_mean_over_the_categories_and_images_are_counted(tmp_path):
    rng = np.random.default_rng(5)
    boxes = random_truth(rng, 60)
    scores = evaluate_detections(write_truth(tmp_path / "val.json", boxes), noisy(rng, boxes))
    for statistic in ("AP", "AP50"):
        mean = np.mean([row[statistic] for row in scores.per_class.values()])
        assert scores.metrics[statistic] == pytest.approx(mean)
    assert sum(row["images"] for row in scores.per_class.values()) == 60


def test_the_curve_holds_the_precision_that_ap50_is_the_mean_of(tmp_path):
    rng = np.random.default_rng(6)
    boxes = random_truth(rng, 60)
    scores = evaluate_detections(write_truth(tmp_path / "val.json", boxes), noisy(rng, boxes))
    for category, row in scores.per_class.items():
        points = [point for point in scores.pr_curve if point.category == category]
        assert [point.recall for point in points] == pytest.approx(np.linspace(0, 1, 101))
        assert np.mean([point.precision for point in points]) == pytest.approx(row["AP50"])


@pytest.fixture
def partly(tmp_path):
    """A truth of 60 images, detections on all of them, the ids of some, and a truth of these alone."""
    rng = np.random.default_rng(7)
    boxes = random_truth(rng, 60)
    path, detections = write_truth(tmp_path / "val.json", boxes), noisy(rng, boxes)
    chosen = rng.permutation(60)[:20].tolist()
    content = json.loads(path.read_text())
    for table, key in (("images", "id"), ("annotations", "image_id")):
        content[table] = [row for row in content[table] if row[key] in chosen]
    (tmp_path / "part.json").write_text(json.dumps(content))
    return path, detections, chosen, tmp_path / "part.json"


def test_some_images_score_what_a_file_of_them_alone_scores(partly):
    """Detections on the others are no false alarms, and their objects are not missed."""
    path, detections, chosen, part = partly
    on_them = [detection for detection in detections if detection.image_id in chosen]
    found, expected = evaluate_detections(path, detections, image_ids=chosen), evaluate_detections(part, on_them)
    assert found.metrics == pytest.approx(expected.metrics)
    assert found.pr_curve == expected.pr_curve
    assert found.metrics["AP"] != pytest.approx(evaluate_detections(path, detections).metrics["AP"], abs=1e-3)


def test_of_some_images_only_these_are_counted(partly):
    path, detections, chosen, part = partly
    on_them = [detection for detection in detections if detection.image_id in chosen]
    expected = evaluate_detections(part, on_them).per_class
    assert evaluate_detections(path, detections, image_ids=chosen).per_class == expected


def test_without_ids_all_images_are_meant(partly):
    path, detections, _, _ = partly
    assert evaluate_detections(path, detections, image_ids=range(60)) == evaluate_detections(path, detections)


@pytest.mark.parametrize("content", ["[]", '{"images": [{"id": 1}]}', '{"annotations": [], "images": []}', "42"])
def test_a_file_without_annotations_is_refused_by_name(tmp_path, content):
    path = tmp_path / "val.json"
    path.write_text(content)
    with pytest.raises(BadInput, match=r"val\.json"):
        evaluate_detections(path, [])
