"""The outline of a garment, from the coverage of its cut-out."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

ROWS = 8  # of the profile of widths
COVERED = 128


class Outline(NamedTuple):
    """Ratios, so that they do not depend on how large the garment is in its picture."""

    height_to_width: float  # of the box around the garment
    widths: tuple[float, ...]  # of `ROWS` parts from the top to the hem, relative to the widest
    hem_to_waist: float  # the width of the lowest eighth, relative to the narrowest part above it


def measure_outline(coverage: UInt8[ndarray, "height width"]) -> Outline | None:
    """The outline of a mask from 0 to 255; None where it covers less than a row of pixels in each part."""
    covered = coverage >= COVERED
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    if len(rows) < ROWS:
        return None
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    per_row = covered[rows[0] : rows[-1] + 1].sum(axis=1).astype(float)
    parts: list[Float[ndarray, " part"]] = np.array_split(per_row, ROWS)
    widths = np.array([part.mean() for part in parts])
    waist = float(widths[1:-1].min())
    return Outline(
        height_to_width=float(height / width),
        widths=tuple((widths / widths.max()).tolist()),
        hem_to_waist=float(widths[-1] / max(waist, 1.0)),
    )
