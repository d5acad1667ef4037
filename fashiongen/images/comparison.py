"""Whether two images show the same picture: one is laid over the other, and what differs is measured.

A copy may be smaller, encoded again, cropped or brightened, and may bear a badge. Another picture of the same scene,
another colour of the garment or another print differ in larger parts.
"""

import cv2
import numpy as np
from jaxtyping import Float32, UInt8
from numpy import ndarray

THUMBNAIL_PX = 128
CELL_PX = 2  # of a thumbnail; the mean of a cell does not depend on where exactly an image was sampled
ITERATIONS, PRECISION, SMOOTHING_PX = 40, 1e-3, 5  # of the search for the alignment
MAX_STRETCH, MAX_SHEAR, MAX_SHIFT_FRAC = 0.16, 0.03, 0.1  # of an alignment: those of a crop or border of 5 %
MIN_OVERLAP_FRAC = 0.8
MIN_GAIN, MAX_GAIN = 0.7, 1.4  # of the brightness
DARKEST, BRIGHTEST = 5, 250  # levels: values beyond may be cut off

Thumbnail = UInt8[ndarray, "128 128 3"]  # RGB, the whole picture whatever its shape
Alignment = Float32[ndarray, "2 3"]


def measure_difference(one: Thumbnail, other: Thumbnail, *, differing_frac: float) -> float:
    """By how many levels two pictures differ, but for the share `differing_frac` that differs most.

    The other picture is first moved and stretched onto the one, and its brightness is made the same. Infinite if that
    takes more than a crop does. A cell's difference is that of the channel that differs most, 0 to 255.
    """
    alignment = _align(one, other)
    if alignment is None:
        return np.inf
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (THUMBNAIL_PX, THUMBNAIL_PX)
    moved = cv2.warpAffine(other.astype(np.float32), alignment, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    is_inside = _to_cells(cv2.warpAffine(np.ones(size, np.float32), alignment, size, flags=flags)) > 1 - 1e-3
    if is_inside.mean() < MIN_OVERLAP_FRAC:
        return np.inf
    difference = _measure_cells(_to_cells(one.astype(np.float32))[is_inside], _to_cells(moved)[is_inside])
    return float(np.quantile(difference, 1 - differing_frac))


def _measure_cells(one: Float32[ndarray, "n 3"], other: Float32[ndarray, "n 3"]) -> Float32[ndarray, " n"]:
    """The difference of each cell in the channel that differs most, where the other has the one's brightness.

    A value at the end of its range may have been cut off there, so it may stand for any value beyond.
    """
    difference = _match_brightness(other, one) - one
    is_cut_off = np.where(
        difference < 0, (other >= BRIGHTEST) | (one <= DARKEST), (other <= DARKEST) | (one >= BRIGHTEST)
    )
    return np.asarray(np.where(is_cut_off, 0, np.abs(difference)).max(axis=1), dtype=np.float32)


def _align(one: Thumbnail, other: Thumbnail) -> Alignment | None:
    """The map from places in the one to places in the other that correlates best (Evangelidis and Psarakis 2008)."""
    luminances = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), cv2.cvtColor(other, cv2.COLOR_RGB2GRAY))
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, ITERATIONS, PRECISION)
    start = np.eye(2, 3, dtype=np.float32)
    try:
        _, result = cv2.findTransformECC(*luminances, start, cv2.MOTION_AFFINE, criteria, None, SMOOTHING_PX)  # type: ignore[call-overload]  # its stubs forbid no mask
    except cv2.error:  # it does not converge: the pictures have nothing in common
        return None
    found = np.asarray(result, dtype=np.float32)
    stretch, shear, shift = np.abs(np.diag(found) - 1), np.abs([found[0, 1], found[1, 0]]), np.abs(found[:, 2])
    is_usual = stretch.max() <= MAX_STRETCH and shear.max() <= MAX_SHEAR
    return found if is_usual and shift.max() <= MAX_SHIFT_FRAC * THUMBNAIL_PX else None


def _to_cells(thumbnail: Float32[ndarray, "..."]) -> Float32[ndarray, "..."]:
    side = THUMBNAIL_PX // CELL_PX
    return np.asarray(cv2.resize(thumbnail, (side, side), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _match_brightness(cells: Float32[ndarray, "n 3"], target: Float32[ndarray, "n 3"]) -> Float32[ndarray, "n 3"]:
    """The cells with the gain and the offset that fit their luminance to the target's best; hues stay."""
    of_cells, of_target = cells.mean(axis=1), target.mean(axis=1)
    centred = of_cells - of_cells.mean()
    gain = np.clip(centred @ of_target / max(centred @ centred, 1e-6), MIN_GAIN, MAX_GAIN)
    return np.asarray((cells - of_cells.mean()) * gain + of_target.mean(), dtype=np.float32)
