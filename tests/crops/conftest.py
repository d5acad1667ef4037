"""Params of cut-outs, and pictures whose garment is known."""

from typing import Any

import cv2
import numpy as np
import pytest

from fashiongen.crops.params import CutoutParams

VALUES: dict[str, Any] = {
    "working_side_px": 256,
    "iterations": 2,
    "sure_probability": 0.98,
    "keep_skin": False,
    "min_part_frac": 0.05,
    "max_hole_frac": 0.005,
    "min_area_frac": 0.2,
    "max_area_frac": 0.95,
    "min_largest_frac": 0.7,
    "min_certainty": 0.65,
    "padding_frac": 0.02,
    "aspect": 0.5,
}


@pytest.fixture
def cutout_params():
    """Makes the params of the profiles, with changes."""

    def make(**changes: Any) -> CutoutParams:
        return CutoutParams.model_validate(VALUES | changes)

    return make


class Dressed:
    """A gown in front of a ground, both with grain; its mask; and its box (x, y, width, height)."""

    def __init__(self, *, width: int = 240, height: int = 360, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        outline = np.array([[0.42, 0.2], [0.58, 0.2], [0.6, 0.45], [0.75, 0.9], [0.25, 0.9], [0.4, 0.45]])
        corners = np.rint(outline * (width, height)).astype(np.int32)
        self.mask = cv2.fillPoly(np.zeros((height, width), np.uint8), [corners], 1).astype(bool)
        colours = np.where(self.mask[..., None], (170, 30, 60), (90, 110, 120))
        self.image = (colours + rng.normal(0, 12, colours.shape)).clip(0, 255).astype(np.uint8)
        left, top, across, down = cv2.boundingRect(self.mask.astype(np.uint8))
        self.bbox = (float(left), float(top), float(across), float(down))


@pytest.fixture
def dressed() -> Dressed:
    return Dressed()
