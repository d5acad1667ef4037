"""The few colours that a garment, or a season, consists of."""

from itertools import combinations
from math import dist
from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, Float32
from numpy import ndarray

from fashiongen.trends.colours import find_nearest

SAMPLED = 2048  # of points with weights, to find the centres
ROUNDS = 12  # of k-means, at most
STILL = 1e-3  # in OKLab: centres that move less end it
IDENTICAL = 1e-6  # in OKLab: k-means gives one colour several centres where there are fewer colours than centres


class Swatch(NamedTuple):
    """A colour in OKLab, and the share of the area that it covers."""

    oklab: tuple[float, float, float]
    share: float


def extract_palette(
    points: Float[ndarray, "n 3"],
    weights: Float[ndarray, " n"] | None = None,
    *,
    colours: int,
    merge_distance: float,
    seed: int,
) -> list[Swatch]:
    """At most `colours` swatches of OKLab points, the largest first; their shares add up to 1.

    k-means, whose clusters are joined while two of them are nearer to each other than `merge_distance`. Weights stand
    for repeated points.
    """
    sampled = points if weights is None else _repeat(points, weights, seed)
    centres = sampled if len(sampled) <= colours else _find_centres(sampled.astype(np.float32), colours, seed)
    belongs = (find_nearest(points, centres)[:, None] == np.arange(len(centres))).astype(float)
    if weights is not None:
        belongs *= weights[:, None]
    sizes = belongs.sum(axis=0)
    means = belongs.T @ points / np.maximum(sizes, IDENTICAL)[:, None]
    clusters = [(mean, size) for mean, size in zip(means.tolist(), sizes.tolist(), strict=True) if size > 0]
    joined = sorted(_join(clusters, max(merge_distance, IDENTICAL)), key=lambda cluster: -cluster[1])
    return [Swatch((mean[0], mean[1], mean[2]), size / float(sizes.sum())) for mean, size in joined]


def thin_out(points: Float[ndarray, "n 3"], most: int) -> Float[ndarray, "m 3"]:
    """At most so many of the points, evenly spread."""
    return points if len(points) <= most else points[np.linspace(0, len(points) - 1, most).astype(int)]


def _repeat(points: Float[ndarray, "n 3"], weights: Float[ndarray, " n"], seed: int) -> Float[ndarray, "m 3"]:
    """Points without weights, drawn by their weights."""
    return np.random.default_rng(seed).choice(points, SAMPLED, p=weights / weights.sum())


def _find_centres(points: Float32[ndarray, "n 3"], colours: int, seed: int) -> Float32[ndarray, "colours 3"]:
    """The centres of k-means, whose first ones are drawn (k-means++)."""
    cv2.setRNGSeed(seed)
    until = (cv2.TERM_CRITERIA_MAX_ITER | cv2.TERM_CRITERIA_EPS, ROUNDS, STILL)
    labels = np.empty((len(points), 1), np.int32)  # that k-means writes
    _, _, centres = cv2.kmeans(points, colours, labels, until, attempts=1, flags=cv2.KMEANS_PP_CENTERS)
    return np.asarray(centres, np.float32)


Cluster = tuple[list[float], float]  # its mean and its size


def _join(clusters: list[Cluster], merge_distance: float) -> list[Cluster]:
    """Join the two nearest clusters until none are nearer than the distance."""
    while len(clusters) > 1:
        distance, one, other = min(
            (dist(clusters[one][0], clusters[other][0]), one, other)
            for one, other in combinations(range(len(clusters)), 2)
        )
        if distance >= merge_distance:
            break
        others = [cluster for place, cluster in enumerate(clusters) if place not in {one, other}]
        clusters = [*others, _merge(clusters[one], clusters[other])]
    return clusters


def _merge(one: Cluster, other: Cluster) -> Cluster:
    """The cluster of the points of both."""
    total = one[1] + other[1]
    mean = [(a * one[1] + b * other[1]) / total for a, b in zip(one[0], other[0], strict=True)]
    return mean, total
