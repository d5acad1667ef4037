"""Boxes between the two orders of their numbers, corners in order, inside their images. Numbers are pixels."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray


def xyxy_to_xywh(boxes_xyxy: Float[ndarray, "*n 4"]) -> Float[ndarray, "*n 4"]:
    """Corners as x, y, width, height, which is COCO's order; w = x2 - x1, without a pixel added."""
    return np.concatenate([boxes_xyxy[..., :2], boxes_xyxy[..., 2:] - boxes_xyxy[..., :2]], axis=-1)


def xywh_to_xyxy(boxes_xywh: Float[ndarray, "*n 4"]) -> Float[ndarray, "*n 4"]:
    """COCO's x, y, width, height as corners x1, y1, x2, y2."""
    return np.concatenate([boxes_xywh[..., :2], boxes_xywh[..., :2] + boxes_xywh[..., 2:]], axis=-1)


def order_corners(boxes_xyxy: Float[ndarray, "*n 4"]) -> Float[ndarray, "*n 4"]:
    """The boxes with x1 <= x2 and y1 <= y2, swapped where they were reversed."""
    one, other = boxes_xyxy[..., :2], boxes_xyxy[..., 2:]
    return np.concatenate([np.minimum(one, other), np.maximum(one, other)], axis=-1)


def clip_boxes(
    boxes_xyxy: Float[ndarray, "*n 4"], sizes_px: Float[ndarray, "*n 2"] | Float[ndarray, "2"]
) -> Float[ndarray, "*n 4"]:
    """The parts of the boxes inside their images; `sizes_px` are (width, height), one for each box or one for all."""
    inside: Float[ndarray, "*n 4"] = np.clip(boxes_xyxy, 0, np.concatenate([sizes_px, sizes_px], axis=-1))
    return inside
