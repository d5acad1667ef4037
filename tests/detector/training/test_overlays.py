"""The sheet has truth and prediction where they are."""

import numpy as np

from fashiongen.detector.training.overlays import FOUND_RGB, TRUTH_RGB, render_overlays


def test_boxes_are_drawn_where_they_are(data, found_at):
    targets = data.targets[:5]
    found = [found_at(target, shift=5) for target in targets[:4]] + [()]
    sheet = np.asarray(render_overlays(targets, found, data.categories, columns=3, cell_px=96))
    assert sheet.shape == (2 * (96 + 14), 3 * 96, 3)
    left, top, *_ = targets[0].boxes_xyxy[0].astype(int)
    margin = (96 - 64) // 2  # the picture is 64 px wide, in the middle of a cell of 96
    assert tuple(sheet[top + 10, margin + left]) == TRUTH_RGB
    assert tuple(sheet[top + 10, margin + left + 5]) == FOUND_RGB
