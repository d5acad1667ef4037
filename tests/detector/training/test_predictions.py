"""The report shows the worst predictions and the best, each with all its boxes and what is wrong with them."""

import itertools

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.ops import box_iou

from fashiongen.coco.error_costs import measure_error_costs
from fashiongen.coco.evaluation_records import Prediction
from fashiongen.detector.training.predictions import (
    LONG_SIDE_PX,
    SHOWN_BOXES,
    choose_worst_and_best,
    judge_prediction,
    measure_agreement,
    write_predictions,
)
from fashiongen.files import read_json
from fashiongen.images.reading.decode import read_image


def other(target):
    """A category that is not the target's."""
    return 1 + int(target.labels[0]) % 3


def test_agreement_is_torchvisions_iou(data, found_at):
    for target, shift in itertools.product(data.targets[:5], (0.0, 3.5, 9.0)):
        (detection,) = found_at(target, shift=shift)
        x, y, width, height = detection.bbox
        expected = box_iou(torch.tensor([[x, y, x + width, y + height]]), torch.from_numpy(target.boxes_xyxy)).item()
        assert measure_agreement(target, [detection]) == pytest.approx(expected)


def test_agreement_is_zero_for_a_wrong_label_or_nothing(data, found_at):
    target = data.targets[0]
    assert measure_agreement(target, found_at(target, category_id=other(target))) == 0
    assert measure_agreement(target, ()) == 0


def test_the_worst_come_first_and_the_best_last(data, found_at):
    targets = data.targets[:6]
    found = [found_at(target, shift=shift) for target, shift in zip(targets, [4, 0, 9, 2, 1, 15], strict=True)]
    assert choose_worst_and_best(targets, found, each=2) == [5, 2, 4, 1]
    assert choose_worst_and_best(targets, found, each=5) == [5, 2, 0, 3, 4, 1]


def test_of_the_mistakes_the_surest_are_the_worst(data, found_at):
    targets = data.targets[:4]
    scores = (0.3, 0.9, None, 0.5)
    found = [
        () if score is None else found_at(target, category_id=other(target), score=score)
        for target, score in zip(targets, scores, strict=True)
    ]
    assert choose_worst_and_best(targets, found, each=4) == [1, 3, 0, 2]


def test_each_box_has_the_verdict_that_the_table_of_errors_counts(world, data, found_at):
    """Of any detections: the verdicts of all images are as many of a kind as there are errors of it."""
    rng = np.random.default_rng(0)
    found = []
    for target in data.targets:
        count = int(rng.integers(0, 7))
        shifts, labels = rng.choice([0.0, 3.0, 12.0, 200.0], count), rng.integers(1, 4, count).tolist()
        scores = sorted(rng.uniform(size=count), reverse=True)
        found.append(
            [
                found_at(target, shift=shift, category_id=label, score=score)[0]
                for shift, label, score in zip(shifts, labels, scores, strict=True)
            ]
        )
    judged = [
        judge_prediction(target, boxes, data.categories, size_px=(64, 96))
        for target, boxes in zip(data.targets, found, strict=True)
    ]
    verdicts = [box.verdict for prediction in judged for box in prediction.found]
    assert len(set(verdicts)) > 4
    flat = [detection for of_image in found for detection in of_image]
    counted = {row.error: row.errors for row in measure_error_costs(world, flat) if row.error != "missed"}
    assert {kind: verdicts.count(kind) for kind in counted} == counted
    assert verdicts.count("correct") == len(flat) - sum(counted.values())


def test_an_image_has_its_labels_and_its_best_boxes(data, found_at):
    target = data.targets[0]
    boxes = [found_at(target, shift=place, score=1 - place / 100)[0] for place in range(SHOWN_BOXES + 5)]
    seen = judge_prediction(target, boxes, data.categories, size_px=(64, 96))
    assert [box.score for box in seen.found] == [box.score for box in boxes[:SHOWN_BOXES]]
    assert [box.verdict for box in seen.found[:3]] == ["correct", "duplicate", "duplicate"]
    assert [box.category for box in seen.labels] == [data.categories[int(target.labels[0])]]
    assert seen.found[0].IoU == pytest.approx(1)
    assert seen.labels[0].bbox == pytest.approx(boxes[0].bbox)


def test_what_is_written_reads_back_with_a_small_picture_of_each(data, found_at, tmp_path):
    large = tmp_path / "large.png"
    Image.new("RGB", (600, 1200), "red").save(large)
    targets = [data.targets[0], data.targets[1]._replace(image=data.targets[1].image._replace(path=large))]
    found = [found_at(targets[0]), ()]
    write_predictions(tmp_path / "out", targets, found, data.categories)
    records = [Prediction.model_validate(row) for row in read_json(tmp_path / "out/predictions.json")]
    assert [(one.width_px, one.height_px) for one in records] == [(64, 96), (600, 1200)]
    assert [len(one.found) for one in records] == [1, 0]
    sizes = [read_image(tmp_path / "out" / one.picture).size for one in records]
    assert sizes == [(64, 96), (LONG_SIDE_PX // 2, LONG_SIDE_PX)]
    assert records[1].source == large.as_posix()
