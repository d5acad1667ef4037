"""Garments that stand for a season."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from PIL import Image
from scipy.cluster.vq import kmeans2

from fashiongen.trends.garments import read_cutout, read_palette
from fashiongen.trends.palette import ROUNDS
from fashiongen.trends.params import TrendsParams
from fashiongen.trends.records import GarmentRecord
from fashiongen.trends.series import sample_garments

HEIGHT_PX = 112  # of a picture, at most


def choose_examples(garments: Sequence[GarmentRecord], params: TrendsParams) -> list[GarmentRecord]:
    """At most `params.examples` garments, each the nearest to the centre of one kind, the most frequent kind first.

    Kinds are clusters (k-means) of colour, contrast and outline, each measured in its standard deviations. The half of
    which the detector is less sure is left out: what is no garment is there, as a head, and would be a kind of its own.
    """
    garments = sample_garments(garments, params.seed)
    scores = sorted((garment.score for garment in garments), reverse=True)
    least = scores[min(len(scores), max(params.examples, (len(scores) + 1) // 2)) - 1]
    garments = [garment for garment in garments if garment.score >= least]
    if len(garments) <= params.examples:
        return list(garments)
    vectors = np.array([_describe(garment) for garment in garments])
    deviations = vectors.std(axis=0)
    vectors = (vectors - vectors.mean(axis=0)) / np.where(deviations > 1e-9, deviations, 1)
    if len(np.unique(vectors.round(6), axis=0)) < params.examples:
        return list(garments[: params.examples])
    rng = np.random.default_rng(params.seed)
    centres, labels = kmeans2(vectors, params.examples, iter=ROUNDS, minit="++", rng=rng, missing="warn")
    sizes = np.bincount(labels, minlength=params.examples)
    nearest = [_find_nearest(vectors, centres[kind], labels == kind) for kind in np.argsort(-sizes) if sizes[kind]]
    return [garments[place] for place in nearest]


def _describe(garment: GarmentRecord) -> list[float]:
    return [*read_palette(garment.palette)[0].oklab, garment.contrast, garment.height_to_width, garment.hem_to_waist]


def _find_nearest(
    vectors: Float[ndarray, "n dim"], centre: Float[ndarray, " dim"], allowed: Bool[ndarray, " n"]
) -> int:
    distances = np.where(allowed, ((vectors - centre) ** 2).sum(axis=1), np.inf)
    return int(distances.argmin())


def render_example(path: Path) -> bytes:
    """A cut-out as a PNG with a transparent ground, made smaller where it is higher than `HEIGHT_PX`."""
    image = Image.fromarray(read_cutout(path))
    image.thumbnail((HEIGHT_PX, HEIGHT_PX), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
