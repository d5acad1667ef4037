"""The mask of a garment, from its box: GrabCut, checked by a second method, without skin, with soft edges.

GrabCut (Rother et al. 2004) learns the colours inside and outside of the box and cuts along the edges of the image.
The margin around the box shows the face, the legs and the background: what has their colours falls away inside too.
"""

from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt8
from numpy import ndarray

from fashiongen.crops.boxes import PixelBox, enclosing_box
from fashiongen.crops.colour_model import garment_probability
from fashiongen.crops.guided_filter import guide
from fashiongen.crops.params import CutoutParams
from fashiongen.crops.skin import find_skin

SEED = 0  # of OpenCV's random numbers, which start the colour models
SIDE_FRAC = 0.1  # of the box's width: there the start of GrabCut has background
CORE = (0.25, 0.5, 0.4, 0.6)  # top, bottom, left, right as shares of the box: there it has a garment in nearly all


class Segmentation(NamedTuple):
    """How a garment covers the pixels of a window."""

    window: PixelBox  # of the image: the box with its margin
    alpha: Float32[ndarray, "height width"]  # 0 to 1
    certainty: float  # 0 to 1: how far two methods agree


def segment_garment(
    image: UInt8[ndarray, "image_height image_width 3"],
    bbox: tuple[float, float, float, float],
    params: CutoutParams,
) -> Segmentation:
    """The garment in a box (x, y, width, height) of an RGB image. It depends on nothing else, not even on the thread.

    All is computed at `working_side_px`; the edges then follow the image at its own size.
    """
    margin = params.margin_frac * max(bbox[2:])
    window = enclosing_box(bbox, size=(image.shape[1], image.shape[0]), margins=(margin, margin))
    whole = image[window.rows, window.columns]
    scale = min(1.0, params.working_side_px / max(window.size))
    small_size = (max(1, round(window.size[0] * scale)), max(1, round(window.size[1] * scale)))
    small = cv2.resize(whole, small_size, interpolation=cv2.INTER_AREA)
    x, y, width, height = bbox
    inside = ((x - window.left) * scale, (y - window.top) * scale, width * scale, height * scale)
    start = _start(inside, small_size, params.slack_frac)
    cut = _grab_cut(small, start, params.iterations)
    certainty = _intersection_over_union(cut, garment_probability(small, start) > 0.5)
    skin = False if params.keep_skin else find_skin(small, enclosing_box(inside, size=small_size))
    mask = _keep_large_parts(cut & ~np.asarray(skin), params.min_part_frac)
    mask = _fill_small_holes(mask, params.max_hole_frac)
    return Segmentation(window, guide(whole, small, mask.astype(np.float32)), certainty)


def _start(
    bbox: tuple[float, float, float, float], size: tuple[int, int], slack_frac: float
) -> UInt8[ndarray, "height width"]:
    """What is known of each pixel before its colour is, in GrabCut's four values.

    Outside of the box is background, for certain where it is not near. Its middle is garment, its sides are unsure.
    """
    x, y, width, height = bbox
    start = np.full(size[::-1], cv2.GC_BGD, np.uint8)
    near = enclosing_box(bbox, size=size, margins=(slack_frac * width, slack_frac * height))
    start[near.rows, near.columns] = cv2.GC_PR_BGD
    likely = enclosing_box((x + SIDE_FRAC * width, y, (1 - 2 * SIDE_FRAC) * width, height), size=size)
    start[likely.rows, likely.columns] = cv2.GC_PR_FGD
    top, bottom, left, right = CORE
    core = enclosing_box(
        (x + left * width, y + top * height, (right - left) * width, (bottom - top) * height), size=size
    )
    start[core.rows, core.columns] = cv2.GC_FGD
    return start


def _grab_cut(
    image: UInt8[ndarray, "height width 3"], start: UInt8[ndarray, "height width"], iterations: int
) -> Bool[ndarray, "height width"]:
    """GrabCut's mask; the start itself where it has no background to learn from, as in a box that fills its image."""
    mask = start.copy()
    if (start & 1).all() or not (start & 1).any():
        return (start & 1).astype(bool)
    cv2.setRNGSeed(SEED)  # of this thread; GrabCut draws from it
    no_box, background, garment = (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(image, mask, no_box, background, garment, iterations, cv2.GC_INIT_WITH_MASK)
    return (mask & 1).astype(bool)


def _intersection_over_union(one: Bool[ndarray, "height width"], other: Bool[ndarray, "height width"]) -> float:
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 0.0


def _keep_large_parts(mask: Bool[ndarray, "height width"], min_part_frac: float) -> Bool[ndarray, "height width"]:
    """The mask without the parts (8-connected) that are smaller than this share of its largest."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    areas[0] = 0  # the background
    kept = areas >= max(1, min_part_frac * areas.max())
    return np.asarray(kept[parts])


def _fill_small_holes(mask: Bool[ndarray, "height width"], max_hole_frac: float) -> Bool[ndarray, "height width"]:
    """The mask with its holes (4-connected) of at most this share of its area: dots of a print, not a slit."""
    _, holes, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    filled = stats[:, cv2.CC_STAT_AREA] <= max_hole_frac * np.count_nonzero(mask)
    filled[0] = True  # the mask itself
    return np.asarray(filled[holes])
