"""Which detections find an object, by COCO's rules, for all images of a category at once.

It computes what pycocotools computes image by image in Python (`COCOeval.evaluateImg`), in arrays that hold 16 bytes a
detection beside the boxes: a hundred detections of each of 90,000 images fit into a gigabyte.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int64, UInt16
from numpy import ndarray

IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
AREAS = ((0.0, 1e10), (0.0, 32.0**2), (32.0**2, 96.0**2), (96.0**2, 1e10))  # px²: all, small, medium, large
ROWS = 5_000  # images whose candidates are matched at a time; it bounds the memory
ALL_THRESHOLDS = np.uint16(2 ** len(IOU_THRESHOLDS) - 1)
BITS = np.uint16(1) << np.arange(len(IOU_THRESHOLDS), dtype=np.uint16)


class Boxes(NamedTuple):
    """Boxes of one category, image by image; those of detections begin with the highest score in each image."""

    images: Int64[ndarray, " n"]  # places in the list of images, in ascending order
    xywh: Float[ndarray, "n 4"]


class Objects(NamedTuple):
    """The annotated objects of one category."""

    boxes: Boxes
    areas: Float[ndarray, " n"]  # px², as annotated
    is_crowd: Bool[ndarray, " n"]


class Matches(NamedTuple):
    """The outcome of each detection: a bit per threshold of IoU, a row per range of areas."""

    ranks: Int64[ndarray, " n"]  # 0: the detection with the highest score of its image
    found: UInt16[ndarray, "areas n"]  # it finds an object that counts
    counted: UInt16[ndarray, "areas n"]  # it is a hit or a false alarm; else it is left out
    objects: Int64[ndarray, " areas"]  # the objects that count


def match(detections: Boxes, objects: Objects) -> Matches:
    """Match each image's detections with its objects, those with higher scores first.

    A detection takes the free object that it overlaps most, if their IoU reaches the threshold. Objects outside a range
    of areas, and crowds, do not count, and neither does a detection that takes one; a detection outside the range that
    takes none does not count either.
    """
    detection_areas = detections.xywh[:, 2] * detections.xywh[:, 3]
    found = np.zeros((len(AREAS), len(detection_areas)), dtype=np.uint16)
    counted = np.stack([np.where(_is_within(detection_areas, area), ALL_THRESHOLDS, 0) for area in AREAS])
    counted = counted.astype(np.uint16)
    is_ignored = np.stack([objects.is_crowd | ~_is_within(objects.areas, area) for area in AREAS])
    for candidates, places, overlaps in _find_candidates(detections, objects):
        _match_candidates(candidates, places, overlaps, is_ignored, objects.is_crowd, found=found, counted=counted)
    return Matches(rank(detections.images), found, counted, (~is_ignored).sum(axis=1))


def rank(images: Int64[ndarray, " n"]) -> Int64[ndarray, " n"]:
    """The place of each row among the rows of its image, from 0; `images` ascend."""
    return np.arange(len(images)) - np.searchsorted(images, images, side="left")


def _is_within(areas: Float[ndarray, " n"], limits: tuple[float, float]) -> Bool[ndarray, " n"]:
    return (areas >= limits[0]) & (areas <= limits[1])


def _find_candidates(
    detections: Boxes, objects: Objects
) -> Iterator[tuple[Int64[ndarray, " n"], Int64[ndarray, "n most"], Float[ndarray, "n most"]]]:
    """Detections that could find an object, with the objects of their images (-1: none) and their overlaps.

    They come in groups of whole images.
    """
    if not len(objects.boxes.images) or not len(detections.images):
        return
    first = np.searchsorted(objects.boxes.images, detections.images, side="left")
    count = np.searchsorted(objects.boxes.images, detections.images, side="right") - first
    starts = np.flatnonzero(np.r_[True, detections.images[1:] != detections.images[:-1]])
    for low, high in zip(starts[::ROWS], [*starts[ROWS::ROWS], len(detections.images)], strict=True):
        most = int(count[low:high].max(initial=0))
        if not most:
            continue  # no image of the group has an object
        columns = np.arange(most)
        places = np.where(columns < count[low:high, None], first[low:high, None] + columns, -1)
        overlaps = _overlap(detections.xywh[low:high], objects.boxes.xywh[places], objects.is_crowd[places])
        overlaps[places < 0] = 0.0
        near = np.flatnonzero((overlaps >= IOU_THRESHOLDS[0] - 1e-9).any(axis=1))
        yield low + near, places[near], overlaps[near]


def _overlap(
    detections: Float[ndarray, "n 4"], objects: Float[ndarray, "n most 4"], is_crowd: Bool[ndarray, "n most"]
) -> Float[ndarray, "n most"]:
    """IoU of each detection with its objects; of a crowd the share of the detection that lies in it."""
    x, y, width, height = detections.T[:, :, None]
    left, top = np.maximum(x, objects[..., 0]), np.maximum(y, objects[..., 1])
    right = np.minimum(x + width, objects[..., 0] + objects[..., 2])
    bottom = np.minimum(y + height, objects[..., 1] + objects[..., 3])
    common = np.clip(right - left, 0, None) * np.clip(bottom - top, 0, None)
    union = width * height + np.where(is_crowd, 0.0, objects[..., 2] * objects[..., 3] - common)
    shares: Float[ndarray, "n most"] = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return shares


def _match_candidates(
    candidates: Int64[ndarray, " n"],
    places: Int64[ndarray, "n most"],
    overlaps: Float[ndarray, "n most"],
    is_ignored: Bool[ndarray, "areas objects"],
    is_crowd: Bool[ndarray, " objects"],
    *,
    found: UInt16[ndarray, "areas detections"],
    counted: UInt16[ndarray, "areas detections"],
) -> None:
    """Write the outcome of the candidates: first of those with the highest score of each image, then of the next."""
    is_taken = np.zeros((len(IOU_THRESHOLDS), *is_ignored.shape), dtype=bool)
    order = rank(places[:, 0])  # the first object tells the image
    least = np.minimum(IOU_THRESHOLDS, 1 - 1e-10)[:, None, None]
    for step in range(int(order.max(initial=-1)) + 1):
        rows = np.flatnonzero(order == step)
        at, overlap = places[rows], overlaps[rows]
        reaches = (overlap >= least) & (at >= 0)
        for area in range(len(AREAS)):
            is_free = reaches & (~is_taken[:, area, at] | is_crowd[at])
            ignored = is_ignored[area, at]
            counting = is_free & ~ignored
            # Of equal overlaps the last object is taken, and one that counts before any other.
            usable = np.where(counting.any(axis=2, keepdims=True), counting, is_free)
            last_best = np.where(usable, overlap, -1.0)[..., ::-1].argmax(axis=2)
            column = at.shape[1] - 1 - last_best
            threshold, row = np.nonzero(usable.any(axis=2))
            column = column[threshold, row]
            is_taken[threshold, area, at[row, column]] = True
            is_hit = ~ignored[row, column]
            np.bitwise_or.at(found[area], candidates[rows[row[is_hit]]], BITS[threshold[is_hit]])
            np.bitwise_or.at(counted[area], candidates[rows[row[is_hit]]], BITS[threshold[is_hit]])
            np.bitwise_and.at(counted[area], candidates[rows[row[~is_hit]]], ~BITS[threshold[~is_hit]])
