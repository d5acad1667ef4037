"""Whether boxes belong to images of the size that they lie beside, told by the whole set.

The boxes of the benchmark are in the pixels of its images of 300 px. Its authors also hand out larger ones of the same
names, and a copy may hold these, all or some. Of a whole set, some garments reach the edge of their image: if all end
far inside, the boxes are in smaller pixels than the images. Beside images that are only a little larger all end nearly
where they should; but a picture's edge cuts garments off, so many boxes end just there and none beyond.
"""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from fashiongen.errors import AnnotationError

PUBLISHED_PX = 300  # the long side of the images that the boxes belong to
LARGER = 1.5  # times as long, an image is one of the larger ones
ROUNDED = 1.02  # times as long, it may be one of 300 px
FEWEST = 20  # images: fewer say nothing about a set
USUAL = 0.95  # of the images of a set; the others may have any box
FITS_FROM, FITS_TO = 0.75, 1.1  # of its image: garments that reach farthest end there, and half of them not beyond it
FEWEST_AT_EDGE = 100  # images: fewer do not show an edge
EDGE_FROM, EDGE_TO = 0.985, 1.01  # of its image: a garment that its edge cuts off ends there
CUT_OFF, BEYOND = 0.02, 0.005  # of a set: at least so many are cut off, at most so many end beyond the edge
CROWD = 2.0  # times as many as on a strip of the same width before it
TOO_SMALL = 0.55  # of its image: a set that ends before it, and fits at no scale, has other images
REMEDY = (
    "put the images that the boxes were drawn on below deepfashion.root, or, if the boxes are right, set "
    "deepfashion.check_boxes: false"
)


def find_scales(boxes_xyxy: Float[ndarray, "n 4"], sizes_px: Float[ndarray, "n 2"]) -> Float[ndarray, " n"]:
    """What to multiply each box by: 1, or the scale of its image to 300 px where that makes the boxes fit.

    `sizes_px` are (width, height). Images of 300 px, larger and a little larger ones are judged by themselves, since a
    set may mix them.

    Raises:
        AnnotationError: the boxes of many images fit neither; the message says how many, and what to do.
    """
    scales = np.ones(len(boxes_xyxy))
    if not len(boxes_xyxy):
        return scales
    long_side = sizes_px.max(axis=1)
    farthest = np.maximum(boxes_xyxy[:, :2], boxes_xyxy[:, 2:])  # corners may be reversed
    reach = (farthest / sizes_px).max(axis=1)
    is_large = long_side >= LARGER * PUBLISHED_PX
    for group in (is_large, ~is_large):
        if group.sum() < FEWEST or _fits(reach[group]):
            continue
        by = long_side[group] / PUBLISHED_PX
        if group is is_large and _fits(reach[group] * by):
            scales[group] = by
        elif _far(reach[group]) < TOO_SMALL or np.median(reach[group]) > FITS_TO:
            raise _misfit(reach[group], sizes_px[group])
    is_between = ~is_large & (long_side > ROUNDED * PUBLISHED_PX)
    by = long_side[is_between] / PUBLISHED_PX
    if _is_cut_off(reach[is_between] * by) and not _is_cut_off(reach[is_between]):
        scales[is_between] = by
    return scales


def _is_cut_off(reach: Float[ndarray, " n"]) -> bool:
    """Whether many garments of a set end at the edge of their images, and none beyond it."""
    if len(reach) < FEWEST_AT_EDGE:
        return False
    at_edge = float(np.mean((reach >= EDGE_FROM) & (reach <= EDGE_TO)))
    before = float(np.mean((reach >= 2 * EDGE_FROM - EDGE_TO) & (reach < EDGE_FROM)))
    return at_edge >= max(CUT_OFF, CROWD * before) and float(np.mean(reach > EDGE_TO)) <= BEYOND


def _far(reach: Float[ndarray, " n"]) -> float:
    """How far the garments of a set reach that reach farthest, without some that are wrong."""
    return float(np.quantile(reach, USUAL))


def _fits(reach: Float[ndarray, " n"]) -> bool:
    return _far(reach) >= FITS_FROM and float(np.median(reach)) <= FITS_TO


def _misfit(reach: Float[ndarray, " n"], sizes_px: Float[ndarray, "n 2"]) -> AnnotationError:
    where = f"{100 * USUAL:.0f} of 100 end within {100 * _far(reach):.0f} % of their image's sides"
    if np.median(reach) > FITS_TO:
        where = f"half of them end beyond {100 * np.median(reach):.0f} % of their image's sides"
    return AnnotationError(
        f"list_bbox.txt: the boxes of {len(reach)} images of about {np.median(sizes_px.max(axis=1)):.0f} px do not "
        f"belong to images of that size: {where}; {REMEDY}"
    )
