"""The mask of a garment, from its box: a network says where it is, GrabCut finds its outline, a filter softens it.

The network has learned what belongs to a garment, and what to skin, hair, bags and other clothes, at a coarse size.
GrabCut (Rother et al. 2004) learns the colours of both from it, and cuts along the edges of the image where the network
is not sure.
"""

from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt8
from numpy import ndarray

from fashiongen.crops.boxes import PixelBox, enclosing_box
from fashiongen.crops.colour_model import garment_by_colour
from fashiongen.crops.guided_filter import guide
from fashiongen.crops.mask_network import estimate_coverage, find_window
from fashiongen.crops.params import CutoutParams
from fashiongen.crops.skin import find_skin

SEED = 0  # of OpenCV's random numbers, which start the colour models


class Segmentation(NamedTuple):
    """How a garment covers the pixels of a window."""

    window: PixelBox  # of the image: the box with its margin
    alpha: Float32[ndarray, "height width"]  # 0 to 1
    certainty: float  # 0 to 1: how far the network and the colours alone agree


def segment_garment(
    image: UInt8[ndarray, "image_height image_width 3"],
    bbox: tuple[float, float, float, float],
    params: CutoutParams,
) -> Segmentation:
    """The garment in a box (x, y, width, height) of an RGB image. It depends on nothing else, not even on the thread.

    All is computed at `working_side_px`; the edges then follow the image at its own size.
    """
    window, inside = find_window(bbox, size=(image.shape[1], image.shape[0]))
    whole = image[window.rows, window.columns]
    scale = min(1.0, params.working_side_px / max(window.size))
    small_size = (max(1, round(window.size[0] * scale)), max(1, round(window.size[1] * scale)))
    small = cv2.resize(whole, small_size, interpolation=cv2.INTER_AREA)
    left, top, width, height = (side * scale for side in (*inside[:2], *inside.size))
    box = enclosing_box((left, top, width, height), size=small_size)
    probability = _estimate(small, box, with_person=params.keep_skin)
    start = _start(probability, params.sure_probability)
    cut = _grab_cut(small, start, params.iterations)
    by_colour = (garment_by_colour(small, start) > 0.5) & (start != cv2.GC_BGD)
    certainty = _intersection_over_union(probability > 0.5, by_colour)
    skin = False if params.keep_skin else find_skin(small, box)
    mask = _keep_large_parts(cut & ~np.asarray(skin), params.min_part_frac)
    mask = _fill_small_holes(mask, params.max_hole_frac)
    return Segmentation(window, guide(whole, small, mask.astype(np.float32)), certainty)


def _estimate(
    image: UInt8[ndarray, "height width 3"], box: PixelBox, *, with_person: bool
) -> Float32[ndarray, "height width"]:
    """The network's probability of each pixel: of the garment, or of the whole person inside the box."""
    coverage = estimate_coverage(image, box)
    if not with_person:
        return coverage.garment
    probability = np.zeros_like(coverage.person)
    probability[box.rows, box.columns] = coverage.person[box.rows, box.columns]
    return probability


def _start(probability: Float32[ndarray, "height width"], sure: float) -> UInt8[ndarray, "height width"]:
    """What GrabCut starts from, in its four values; it keeps the pixels of which the network is sure."""
    start = np.where(probability > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    start[probability > sure] = cv2.GC_FGD
    start[probability < 1 - sure] = cv2.GC_BGD
    return start


def _grab_cut(
    image: UInt8[ndarray, "height width 3"], start: UInt8[ndarray, "height width"], iterations: int
) -> Bool[ndarray, "height width"]:
    """GrabCut's mask; the start itself where it has only a garment or only background to learn from."""
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
