"""The sheet shows the worst and the best, with truth and prediction where they are."""

import numpy as np
import pytest
import torch
from torchvision.ops import box_iou as torchvision_iou

from fashiongen.coco.detection import Detection
from fashiongen.detector.training.overlays import (
    FOUND_RGB,
    TRUTH_RGB,
    agreement,
    best_and_worst,
    box_iou,
    render_overlays,
)


def test_iou_is_torchvisions():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 50, size=(30, 2, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(1, 60, size=(30, 2, 2))], axis=2)
    for first, second in boxes:
        expected = torchvision_iou(torch.tensor(first)[None], torch.tensor(second)[None]).item()
        assert box_iou(first.tolist(), second.tolist()) == pytest.approx(expected)


def found_at(target, *, shift=0.0, category_id=None):
    left, top, right, bottom = target.boxes_xyxy[0].tolist()
    label = int(target.labels[0]) if category_id is None else category_id
    return (Detection(target.image.image_id, label, (left + shift, top, right - left, bottom - top), 0.9),)


def test_agreement_is_one_for_the_truth_and_zero_for_a_wrong_label_or_nothing(data):
    target = data.targets[0]
    assert agreement(target, found_at(target)) == pytest.approx(1)
    assert agreement(target, found_at(target, category_id=1 + int(target.labels[0]) % 3)) == 0
    assert agreement(target, ()) == 0


def test_the_worst_come_first_and_the_best_last(data):
    targets = data.targets[:6]
    found = [found_at(target, shift=shift) for target, shift in zip(targets, [4, 0, 9, 2, 1, 15], strict=True)]
    assert best_and_worst(targets, found, each=2) == [5, 2, 4, 1]
    assert best_and_worst(targets, found, each=5) == [5, 2, 0, 3, 4, 1]


def test_boxes_are_drawn_where_they_are(data):
    targets = data.targets[:5]
    found = [found_at(target, shift=5) for target in targets[:4]] + [()]
    sheet = np.asarray(render_overlays(targets, found, data.categories, columns=3, cell_px=96))
    assert sheet.shape == (2 * (96 + 14), 3 * 96, 3)
    left, top, *_ = targets[0].boxes_xyxy[0].astype(int)
    margin = (96 - 64) // 2  # the picture is 64 px wide, in the middle of a cell of 96
    assert tuple(sheet[top + 10, margin + left]) == TRUTH_RGB
    assert tuple(sheet[top + 10, margin + left + 5]) == FOUND_RGB
