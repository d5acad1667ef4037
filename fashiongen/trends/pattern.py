"""The kind of pattern of a garment: multinomial logistic regression on the numbers of its texture.

`patterns.json` has the coefficients; `benchmarks/fit_patterns.py` fits and writes them.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float32
from numpy import ndarray

from fashiongen.trends.records import PATTERN_KINDS, PatternKind
from fashiongen.trends.texture import LARGE, SMALL, choose_scale, measure_texture, trim

COEFFICIENTS: Final = Path(__file__).parent / "patterns.json"
EVEN: Final = 0.015  # in OKLab: a garment that deviates less from its surroundings is plain, whatever its texture
FARTHEST: Final = 4.0  # deviations from the mean, to which a feature is cut


class Pattern(NamedTuple):
    """A kind and its probability, 1/6 to 1."""

    kind: PatternKind
    certainty: float


class Coefficients(NamedTuple):
    """What is in `patterns.json`, in the order of `names` and of `PATTERN_KINDS`."""

    names: tuple[str, ...]
    means: Float[ndarray, " features"]
    deviations: Float[ndarray, " features"]
    weights: Float[ndarray, "features kinds"]
    intercepts: Float[ndarray, " kinds"]


def classify_pattern(lab: Float32[ndarray, "height width 3"], inside: Bool[ndarray, "height width"]) -> Pattern:
    """The most probable kind of pattern of the pixels `inside` a garment, of which there is at least one."""
    box = trim(inside)
    lab, inside = lab[box], inside[box]
    scale = choose_scale(inside)
    coefficients = read_coefficients()[scale.name]
    features = measure_texture(lab, inside, scale)
    if np.exp(2 * features["lightness_around"]) + np.exp(2 * features["colour_around"]) < EVEN**2:
        return Pattern("plain", 1.0)
    values = np.array([features[name] for name in coefficients.names])
    scores = score_kinds(values, coefficients)
    powers = np.exp(scores - scores.max())
    best = int(powers.argmax())
    return Pattern(PATTERN_KINDS[best], float(powers[best] / powers.sum()))


def score_kinds(values: Float[ndarray, "*n features"], coefficients: Coefficients) -> Float[ndarray, "*n kinds"]:
    """The logarithms of the probabilities, up to a constant."""
    scores: Float[ndarray, "*n kinds"] = (
        standardise(values, coefficients) @ coefficients.weights + coefficients.intercepts
    )
    return scores


def standardise(values: Float[ndarray, "*n features"], coefficients: Coefficients) -> Float[ndarray, "*n features"]:
    """Features in deviations from their means, so that what was never seen does not outweigh all else."""
    scaled: Float[ndarray, "*n features"] = (values - coefficients.means) / coefficients.deviations
    return scaled.clip(-FARTHEST, FARTHEST)


@cache
def read_coefficients() -> dict[str, Coefficients]:
    """The coefficients of this version, by the name of their scale."""
    tables = json.loads(COEFFICIENTS.read_text(encoding="utf-8"))
    return {scale.name: parse_coefficients(tables[scale.name]) for scale in (LARGE, SMALL)}


def parse_coefficients(table: dict[str, Any]) -> Coefficients:
    """The coefficients of a scale."""
    rows = table["features"]
    return Coefficients(
        names=tuple(rows),
        means=np.array([row["mean"] for row in rows.values()]),
        deviations=np.array([row["deviation"] for row in rows.values()]),
        weights=np.array([[row[kind] for kind in PATTERN_KINDS] for row in rows.values()]),
        intercepts=np.array([table["intercepts"][kind] for kind in PATTERN_KINDS]),
    )
