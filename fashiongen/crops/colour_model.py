"""A second method to tell a garment from its background: histograms of colours and a smoothing that keeps edges."""

import cv2
import numpy as np
from jaxtyping import Float32, UInt8
from numpy import ndarray

from fashiongen.crops.guided_filter import filter_guided

COLOURS, SAMPLES, SEED = 48, 3000, 0
SPREAD = 3.0  # in units of CIELAB: colours that differ by less are counted together
ROUNDS = 2
RADIUS_PX, EPSILON = 3, 1e-3  # of the guided filter
PRIORS = {cv2.GC_BGD: 0.01, cv2.GC_PR_BGD: 0.15, cv2.GC_PR_FGD: 0.7, cv2.GC_FGD: 0.95}
LIMIT = 6.0  # of the log-odds of a pixel


def garment_by_colour(
    image: UInt8[ndarray, "height width 3"], start: UInt8[ndarray, "height width"]
) -> Float32[ndarray, "height width"]:
    """How garment-like the colour of each pixel is, 0 to 1, wherever it lies; `start` has GrabCut's four values.

    Each round counts the colours of garment and background by the last round's probabilities, gives each pixel the odds
    of its colour and of its place, and smooths the result along the image's edges. The last result is without the
    place: where garment and background have the same colours it is near 0.5.
    """
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    luminance = lab[..., 0] / 100
    palette, nearest = _quantise(lab.reshape(-1, 3))
    alike = np.exp(-np.square(palette[:, None] - palette).sum(-1) / (2 * SPREAD**2))
    probability = np.select([start == value for value in PRIORS], list(PRIORS.values())).astype(np.float32)
    place = np.log(probability / (1 - probability))
    for weight in (*[1] * ROUNDS, 0):
        weights = probability.ravel().astype(np.float64)
        garment = alike @ np.bincount(nearest, weights, len(palette)) + 1
        background = alike @ np.bincount(nearest, 1 - weights, len(palette)) + 1
        colour = np.log(garment / background) - np.log(weights.sum() / (1 - weights).sum())
        odds = (colour[nearest].reshape(start.shape) + weight * place).astype(np.float32)
        smooth = filter_guided(luminance, 1 / (1 + np.exp(-odds.clip(-LIMIT, LIMIT))), RADIUS_PX, EPSILON)
        probability = smooth.clip(0.001, 0.999)
    return probability


def _quantise(pixels: Float32[ndarray, "pixels 3"]) -> tuple[Float32[ndarray, "colours 3"], ndarray]:
    """A palette of the pixels, and the number of each pixel's colour in it."""
    sample = pixels[np.random.default_rng(SEED).integers(0, len(pixels), SAMPLES)]
    cv2.setRNGSeed(SEED)  # of this thread; k-means draws from it
    criteria = (cv2.TERM_CRITERIA_COUNT, 8, 0)
    labels = np.empty((SAMPLES, 1), np.int32)
    _, _, found = cv2.kmeans(sample, COLOURS, labels, criteria, 1, cv2.KMEANS_PP_CENTERS)
    palette = np.asarray(found)
    distances = np.square(palette).sum(1) - 2 * pixels @ palette.T
    return palette, distances.argmin(1)
