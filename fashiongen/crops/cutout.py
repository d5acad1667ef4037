"""A garment on a transparent ground: its mask judged, its pixels in a frame of their own."""

from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float32, UInt8
from numpy import ndarray

from fashiongen.crops.boxes import PixelBox, enclosing_box
from fashiongen.crops.params import CutoutParams
from fashiongen.crops.segment import segment_garment
from fashiongen.images.manifest import MaskVerdict
from fashiongen.images.reading.colour import WHITE

COVERED = 0.5  # a pixel of at least this coverage belongs to the mask


class Cutout(NamedTuple):
    """A garment's mask and, if the mask is ok, the garment under it."""

    verdict: MaskVerdict
    certainty: float  # 0 to 1
    mask: UInt8[ndarray, "image_height image_width"]  # coverage of the image's pixels, 0 to 255
    rgba: UInt8[ndarray, "height width 4"] | None  # None where the mask failed


def cut_garment(
    image: UInt8[ndarray, "image_height image_width 3"],
    bbox: tuple[float, float, float, float],
    params: CutoutParams,
) -> Cutout:
    """The garment in a box (x, y, width, height) of an RGB image."""
    found = segment_garment(image, bbox, params)
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[found.window.rows, found.window.columns] = np.rint(found.alpha * 255)
    width, height = enclosing_box(bbox, size=(image.shape[1], image.shape[0])).size
    verdict = judge_mask(found.alpha, found.certainty, box_area_px=width * height, params=params)
    return Cutout(verdict, found.certainty, mask, frame_garment(image, mask, params) if verdict == "ok" else None)


def judge_mask(
    alpha: Float32[ndarray, "height width"], certainty: float, *, box_area_px: int, params: CutoutParams
) -> MaskVerdict:
    """Whether a mask can be a garment: neither nothing nor the whole box, in one part, and with two methods agreed."""
    mask = (alpha >= COVERED).astype(np.uint8)
    area = np.count_nonzero(mask)
    if area < max(1, params.min_area_frac * box_area_px):
        return "empty"
    if area > params.max_area_frac * box_area_px:
        return "full"
    if _largest_part_px(mask) < params.min_largest_frac * area:
        return "torn"
    return "unsure" if certainty < params.min_certainty else "ok"


def _largest_part_px(mask: UInt8[ndarray, "height width"]) -> int:
    """The area of the largest part, in which threads and bridges of one or two pixels count as gaps."""
    thick = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=4)
    return int(stats[1:, cv2.CC_STAT_AREA].max(initial=0))


def frame_garment(
    image: UInt8[ndarray, "image_height image_width 3"],
    mask: UInt8[ndarray, "image_height image_width"],
    params: CutoutParams,
) -> UInt8[ndarray, "height width 4"]:
    """The image under the mask, in the mask's own box with a padding, extended about its centre to the aspect.

    The extension is transparent, so it needs no pixels of the image. Where nothing is covered the colour is white.
    """
    box = _tight_box(mask)
    garment = np.full((*mask.shape, 4), (*WHITE, 0), np.uint8)[box.rows, box.columns]
    covered = mask[box.rows, box.columns] > 0
    garment[covered, :3] = image[box.rows, box.columns][covered]
    garment[..., 3] = mask[box.rows, box.columns]
    padding = params.padding_frac * max(box.size)
    width, height = (side + 2 * padding for side in box.size)
    if params.aspect is not None:
        width, height = max(width, height * params.aspect), max(height, width / params.aspect)
    left, right = _split(round(width) - box.size[0])
    top, bottom = _split(round(height) - box.size[1])
    edges = (top, bottom, left, right)
    return np.asarray(cv2.copyMakeBorder(garment, *edges, cv2.BORDER_CONSTANT, value=(*WHITE, 0)))


def _tight_box(mask: UInt8[ndarray, "height width"]) -> PixelBox:
    left, top, width, height = cv2.boundingRect((mask >= COVERED * 255).astype(np.uint8))
    return PixelBox(left, top, left + width, top + height)


def _split(length: int) -> tuple[int, int]:
    return length // 2, length - length // 2
