"""The outline of a garment, from the coverage of its cut-out."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from fashiongen.trends.records import Length

ROWS = 8  # of the profile of widths
COVERED = 128
ABOVE_FRAC, NARROW = 0.7, 0.2  # of the height, from the top; of the widths there, so many are narrower than the waist
LONGEST = 12.0  # lengths to the waist: masks of a few pixels' width, as of a strap, have longer ones
MIDI_FROM, LONG_FROM = 4.0, 6.1  # lengths to the waist, of drawn garments that end below the knee, and near the floor


class Outline(NamedTuple):
    """Ratios, so that they do not depend on how large the garment is in its picture."""

    height_to_width: float  # of the box around the garment
    widths: tuple[float, ...]  # of `ROWS` parts from the top to the hem, relative to the widest
    hem_to_waist: float  # the width of the lowest eighth, relative to the narrowest part above it
    length_to_waist: float  # the height, relative to a narrow width above the lowest part


def measure_outline(coverage: UInt8[ndarray, "height width"]) -> Outline | None:
    """The outline of a mask from 0 to 255; None where it covers less than a row of pixels in each part."""
    covered = coverage >= COVERED
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    if len(rows) < ROWS:
        return None
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    per_row = covered[rows[0] : rows[-1] + 1].sum(axis=1).astype(float)
    widths = average_parts(per_row)
    waist = float(widths[1:-1].min())
    above = per_row[: max(1, round(ABOVE_FRAC * len(per_row)))]
    return Outline(
        height_to_width=float(height / width),
        widths=tuple((widths / widths.max()).tolist()),
        hem_to_waist=float(widths[-1] / max(waist, 1.0)),
        length_to_waist=min(LONGEST, float(height / max(find_quantile(above, NARROW), 1.0))),
    )


def average_parts(per_row: Float[ndarray, " rows"]) -> Float[ndarray, " parts"]:
    """The means of `ROWS` parts whose numbers of rows differ by one at most, the larger first; as `np.array_split`."""
    sizes = np.full(ROWS, len(per_row) // ROWS)
    sizes[: len(per_row) % ROWS] += 1
    means: Float[ndarray, " parts"] = np.add.reduceat(per_row, np.cumsum(sizes) - sizes) / sizes
    return means


def find_quantile(values: Float[ndarray, " n"], share: float) -> float:
    """As `np.quantile`, which takes several times as long for few values."""
    return float(np.interp(share * (len(values) - 1), np.arange(len(values)), np.sort(values)))


def name_length(length_to_waist: float) -> Length:
    """The class of a length. It is a guess: how tall the person is cannot be told from the garment alone."""
    return "short" if length_to_waist < MIDI_FROM else "midi" if length_to_waist < LONG_FROM else "long"
