"""The guided filter (He et al. 2010): it smooths a map and keeps the edges of an image."""

import cv2
import numpy as np
from jaxtyping import Float32, UInt8
from numpy import ndarray

RADIUS_PX, EPSILON = 3, 1e-3  # of `guide`: in pixels of the small image, and for luminance of 0 to 1
CONTRAST = 3.0  # of `guide`: without it a weak edge of the image leaves a wide, half transparent border


def filter_guided(
    luminance: Float32[ndarray, "height width"],
    values: Float32[ndarray, "height width"],
    radius_px: int,
    epsilon: float,
) -> Float32[ndarray, "height width"]:
    """`values` as a linear function of the luminance (0 to 1) around each pixel (equations 5, 6 and 8)."""
    slope, offset = _fit(luminance, values, radius_px, epsilon)
    return np.asarray(slope * luminance + offset)


def guide(
    image: UInt8[ndarray, "height width 3"],
    small: UInt8[ndarray, "small_height small_width 3"],
    mask: Float32[ndarray, "small_height small_width"],
) -> Float32[ndarray, "height width"]:
    """The mask of the small RGB image as coverage (0 to 1) at the size of the image, whose edges it follows.

    The filter is fitted to the small image and applied to the large one (He and Sun 2015, "Fast guided filter").
    """
    slope, offset = _fit(_luminance(small), mask, RADIUS_PX, EPSILON)
    size = (image.shape[1], image.shape[0])
    slope, offset = (cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in (slope, offset))
    coverage = slope * _luminance(image) + offset
    return np.asarray(((coverage - 0.5) * CONTRAST + 0.5).clip(0, 1))


def _fit(
    luminance: Float32[ndarray, "height width"],
    values: Float32[ndarray, "height width"],
    radius_px: int,
    epsilon: float,
) -> tuple[Float32[ndarray, "height width"], Float32[ndarray, "height width"]]:
    """Slope and offset at each pixel, averaged over the neighbourhoods that hold it."""

    def average(map_: ndarray) -> ndarray:
        return np.asarray(cv2.blur(map_, (2 * radius_px + 1,) * 2, borderType=cv2.BORDER_REPLICATE))

    mean_luminance, mean_values = average(luminance), average(values)
    covariance = average(luminance * values) - mean_luminance * mean_values
    variance = average(luminance * luminance) - mean_luminance * mean_luminance
    slope = covariance / (variance + epsilon)
    return average(slope), average(mean_values - slope * mean_luminance)


def _luminance(image: UInt8[ndarray, "height width 3"]) -> Float32[ndarray, "height width"]:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)).astype(np.float32) / 255
