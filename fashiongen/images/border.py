"""The plain border around a picture, as a site or a program adds it."""

import numpy as np
from jaxtyping import Float32
from numpy import ndarray
from PIL import Image

MAX_FRAC = 0.08  # of a side: a wider plain edge belongs to the picture
TOLERANCE = 10.0  # levels by which a border's lines may differ from its colour on average, after JPEG's losses
MAX_SPOTS_FRAC = 0.01  # of a line may differ by three times as much


def trim_border(image: Image.Image) -> Image.Image:
    """An RGB image without the lines at its edges that have one colour; the colour may differ from edge to edge."""
    rows, columns = slice(0, image.height), slice(0, image.width)
    pixels = np.asarray(image, dtype=np.float32)
    for _ in range(2):  # the second time each edge is seen without the corners of the others
        rows = _trim(pixels[:, columns], rows)
        columns = _trim(pixels[rows].transpose(1, 0, 2), columns)
    return image.crop((columns.start, rows.start, columns.stop, rows.stop))


def _trim(lines: Float32[ndarray, "lines length 3"], kept: slice) -> slice:
    """The lines that are left of those kept so far."""
    most = round(MAX_FRAC * len(lines))
    first = _count_plain(lines[kept.start : most])
    last = _count_plain(lines[len(lines) - most : kept.stop][::-1])
    return slice(kept.start + first, kept.stop - last)


def _count_plain(lines: Float32[ndarray, "lines length 3"]) -> int:
    """How many of the first lines have the colour of the first one."""
    colour = np.median(lines[0], axis=0) if len(lines) else None
    for number, line in enumerate(lines):
        difference = np.abs(line - colour).max(axis=1)
        if difference.mean() >= TOLERANCE or (difference > 3 * TOLERANCE).mean() >= MAX_SPOTS_FRAC:
            return number
    return len(lines)
