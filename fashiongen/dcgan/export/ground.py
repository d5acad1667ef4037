"""A transparent ground in place of the white one, on which a generator that trains on cut-outs draws its garments."""

import cv2
import numpy as np
from jaxtyping import Bool, Float, UInt8
from numpy import ndarray

WHITE = 255
NEAR_WHITE = 20  # levels: a pixel whose darkest channel is nearer to white can be ground
FAINT, SPECK_FRAC = 64, 0.05  # levels; of the largest part: a fainter and smaller part is a speck of the ground
EDGE_PX = 2  # an edge is so wide: there garment and ground are mixed


def clear_ground(image: UInt8[ndarray, "height width 3"]) -> UInt8[ndarray, "height width 4"]:
    """An RGB image on white as RGBA: the white that reaches the image's edge is transparent, white within is not.

    Faint specks, which a network leaves on its ground, are transparent too.

    At the edge of a garment the coverage is that share of the nearest colour inside which, mixed with white, comes
    nearest to the pixel; the white is taken out of its colour. Over white, the result is the image without its specks,
    to within `NEAR_WHITE` on the ground and rounding elsewhere.
    """
    ground = _find_ground(image)
    edge = _grow(ground, EDGE_PX) & ~ground
    if not ground.any():
        return np.dstack([image, np.full(ground.shape, WHITE, np.uint8)])
    darkness = WHITE - image.astype(np.float64)
    inside = darkness[_nearest(~(ground | edge))] if not (ground | edge).all() else darkness
    share = (darkness * inside).sum(axis=2) / np.maximum((inside**2).sum(axis=2), 1)
    coverage = np.where(ground, 0.0, 1.0)
    coverage[edge] = np.clip(share, darkness.max(axis=2) / WHITE, 1)[edge]
    return np.dstack([_take_out_white(darkness, coverage), np.rint(coverage * WHITE).astype(np.uint8)])


def _find_ground(image: UInt8[ndarray, "height width 3"]) -> Bool[ndarray, "height width"]:
    """The near-white pixels that reach the image's edge by near-white ones (4-connected), and specks among them."""
    darkness = WHITE - image.min(axis=2)
    white = np.pad((darkness < NEAR_WHITE).astype(np.uint8), 1, constant_values=1)
    _, parts = cv2.connectedComponents(white, connectivity=4)
    ground = parts[1:-1, 1:-1] == parts[0, 0]
    count, parts, stats, _ = cv2.connectedComponentsWithStats((~ground).astype(np.uint8), connectivity=8)
    areas, darkest = stats[:, cv2.CC_STAT_AREA], np.zeros(count, np.uint8)
    np.maximum.at(darkest, parts, darkness)
    specks = (darkest < FAINT) & (areas < SPECK_FRAC * areas[1:].max(initial=0))
    return np.asarray(ground | specks[parts])


def _grow(mask: Bool[ndarray, "height width"], px: int) -> Bool[ndarray, "height width"]:
    side = 2 * px + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8))).astype(bool)


def _nearest(mask: Bool[ndarray, "height width"]) -> tuple[ndarray, ndarray]:
    """For each pixel, the row and column of the nearest one in the mask."""
    labels = cv2.distanceTransformWithLabels(
        (~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )[1]
    rows, columns = np.nonzero(mask)
    index = np.zeros(labels.max() + 1, np.intp)
    index[labels[rows, columns]] = np.arange(len(rows))
    return rows[index[labels]], columns[index[labels]]


def _take_out_white(
    darkness: Float[ndarray, "height width 3"], coverage: Float[ndarray, "height width"]
) -> UInt8[ndarray, "height width 3"]:
    """The colours that, so much covered and over white, are this much darker than white."""
    colours = WHITE - darkness / np.where(coverage > 0, coverage, 1)[..., None]
    colours[coverage == 0] = WHITE
    return np.asarray(np.rint(colours.clip(0, WHITE)), np.uint8)
