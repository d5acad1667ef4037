"""What the surface of a garment looks like, in numbers that tell kinds of patterns apart.

Each is taken of the cut-out at one of two sizes, after the slow changes of light are subtracted. What is left, along
the direction in OKLab in which it varies most and in standard deviations, is the signal.
"""

from functools import cache
from typing import Final, NamedTuple

import cv2
import numpy as np
from jaxtyping import Bool, Complex64, Float, Float32, Int
from numpy import ndarray
from scipy import fft


class Scale(NamedTuple):
    """A size to which garments are resized, and the lengths in pixels that go with it."""

    name: str
    side_px: int  # the longer one of the box around the garment
    near_px: int  # of squares whose mean is subtracted: the finer one keeps what is small
    around_px: int
    smooth_px: float  # the deviation of a Gaussian, before edges are found
    edge_px: int  # of a square that keeps edges away from the garment's own
    reach_px: int  # of the autocorrelation
    rings: tuple[int, ...]  # the radii at which its parts begin, and the last one ends
    spot_px: int  # the area of a spot, at least


LARGE: Final = Scale("large", 192, 7, 41, 1.0, 5, 58, (0, 3, 8, 17, 35), 6)
SMALL: Final = Scale("small", 64, 3, 13, 0.5, 3, 19, (0, 1, 3, 6, 12), 2)
SMALL_TO_PX: Final = 96  # the longer side of a garment's box, up to which it is measured at `SMALL`
RINGS: Final = ("near", "small", "middle", "wide")  # the parts of the autocorrelation
ANGLES: Final = 24  # of it, in half a turn
NOISE: Final = 0.01  # in OKLab: a deviation far below it is a camera's, and its signal is near 0
LEVELS: Final = 64  # of a histogram

Plane = Float32[ndarray, "height width"]
Features = dict[str, float]


def choose_scale(inside: Bool[ndarray, "height width"]) -> Scale:
    """The scale for a garment whose box has this mask."""
    return SMALL if max(inside.shape) <= SMALL_TO_PX else LARGE


def measure_texture(
    lab: Float32[ndarray, "height width 3"], inside: Bool[ndarray, "height width"], scale: Scale
) -> Features:
    """The features by name; all are finite.

    `lab` is OKLab within the garment and 0 around it, `inside` its mask, with at least one pixel in the first and the
    last row and column.
    """
    weighted, covered = resize_garment(lab, inside, scale)
    where = np.flatnonzero(covered)
    fine, coarse = (subtract_around(weighted, where, side) for side in (scale.near_px, scale.around_px))
    signal, colours = find_signal(coarse)
    plane = np.zeros(covered.shape, np.float32)
    plane.ravel()[where] = signal
    threshold, split = split_in_two(signal)
    return {
        **measure_deviations("near", fine),
        **measure_deviations("around", coarse),
        **colours,
        **split,
        **measure_edges(plane, covered, scale),
        **measure_repeats(plane, covered, scale),
        **measure_spots((plane > threshold) & covered, covered, scale),
    }


def trim(inside: Bool[ndarray, "height width"]) -> tuple[slice, slice]:
    """The rows and columns of the box around a garment."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def resize_garment(
    lab: Float32[ndarray, "height width 3"], inside: Bool[ndarray, "height width"], scale: Scale
) -> tuple[Float32[ndarray, "rows columns 4"], Bool[ndarray, "rows columns"]]:
    """The share of each pixel that is of the garment, after OKLab times this share; and where the share is large."""
    factor = scale.side_px / max(inside.shape)
    size = (max(1, round(inside.shape[1] * factor)), max(1, round(inside.shape[0] * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    weighted = cv2.resize(np.dstack([lab, inside]), size, interpolation=how)
    shares = weighted[..., 3]
    return weighted, shares > min(0.6, float(shares.max()) / 2)


def subtract_around(
    weighted: Float32[ndarray, "height width 4"], where: Int[ndarray, " n"], side_px: int
) -> Float32[ndarray, "n 3"]:
    """The difference from the mean of the garment around, in two passes of a square, at some pixels."""
    sums = weighted
    for _ in range(2):
        sums = cv2.blur(sums, (side_px, side_px), borderType=cv2.BORDER_CONSTANT)
    at, around = (one.reshape(-1, 4).take(where, axis=0) for one in (weighted, sums))
    difference: Float32[ndarray, "n 3"] = at[:, :3] / at[:, 3:] - around[:, :3] / around[:, 3:]
    return difference


def measure_deviations(name: str, difference: Float32[ndarray, "n 3"]) -> Features:
    """Logarithms of the deviations of lightness and of colour."""
    lightness, red, yellow = np.diag(difference.T @ difference / len(difference)).tolist()
    return {
        f"lightness_{name}": 0.5 * float(np.log(lightness + 1e-6)),
        f"colour_{name}": 0.5 * float(np.log(red + yellow + 1e-6)),
    }


def find_signal(difference: Float32[ndarray, "n 3"]) -> tuple[Float32[ndarray, " n"], Features]:
    """The first principal component, turned so that its rarer values are positive, and how much the others add."""
    powers, axes = np.linalg.eigh(difference.T @ difference / len(difference) + 1e-9 * np.eye(3))
    signal = difference @ axes[:, 2].astype(np.float32)
    signal = (signal - signal.mean()) / float(np.hypot(signal.std(), NOISE))
    square = signal * signal
    skewness, kurtosis = float((square * signal).mean()), float((square * square).mean())
    return (-signal if skewness < 0 else signal), {
        "second_colour": float(powers[1] / powers.sum()),
        "third_colour": float(powers[0] / powers.sum()),
        "of_lightness": float(axes[0, 2] ** 2),
        "skewness": abs(skewness),
        "kurtosis": float(np.log(kurtosis + 0.1)),
    }


def split_in_two(signal: Float32[ndarray, " n"]) -> tuple[float, Features]:
    """The threshold between two classes (Otsu 1979), the share of the smaller one, and how far apart they are."""
    reach = 4.0  # deviations
    steps = ((signal.clip(-reach, reach - 1e-3) + reach) * (LEVELS / (2 * reach))).astype(np.int64)
    counts = np.bincount(steps, minlength=LEVELS).astype(np.float64)
    middles = (np.arange(LEVELS) + 0.5) * (2 * reach / LEVELS) - reach
    below, sums = counts.cumsum()[:-1], (counts * middles).cumsum()
    total, mean = len(signal), sums[-1] / len(signal)
    between = (mean * below - sums[:-1]) ** 2 / np.maximum(below * (total - below), 1) / total
    best = int(between.argmax())
    variance = float((counts * (middles - mean) ** 2).sum()) / total
    share = float(below[best]) / total
    return float(middles[best] + reach / LEVELS), {
        "two_classes": float(between[best]) / max(variance, 1e-9),
        "smaller_class": min(share, 1 - share),
    }


def measure_edges(plane: Plane, covered: Bool[ndarray, "height width"], scale: Scale) -> Features:
    """How strong and how sharp the edges are, and in how many directions they run.

    The n-th harmonic of the histogram of directions is 1 if all edges lie in n directions, evenly spread: `edges_2` is
    that of stripes, `edges_4` that of checks.
    """
    smooth = cv2.GaussianBlur(plane, (0, 0), scale.smooth_px)
    inner = erode(covered, scale.edge_px)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, dx, 1 - dx, scale=0.125)[inner] for dx in (1, 0))
    energy = across * across + down * down
    total = float(energy.sum()) + 1e-9
    doubled: Complex64[ndarray, " n"] = (across + 1j * down) ** 2 / (energy + 1e-12)
    fourfold = doubled * doubled
    second, fourth, sixth, eighth = (
        complex(energy @ turned) / total for turned in (doubled, fourfold, fourfold * doubled, fourfold * fourfold)
    )
    return {
        "edge_strength": 0.5 * float(np.log(total / max(1, len(energy)) + 1e-6)),
        "edge_rarity": float(np.log(float(energy @ energy) * max(1, len(energy)) / total**2 + 1)),
        "edges_2": abs(second),
        "edges_4": abs(fourth),
        "edges_6": abs(sixth),
        "edges_8": abs(eighth),
        "edges_upright": second.real,
        "edges_square": fourth.real,
    }


def autocorrelate(
    plane: Plane, covered: Bool[ndarray, "height width"], reach_px: int
) -> Float32[ndarray, "angles radii"]:
    """The correlation of the garment with itself, moved by 1 to `reach_px` in each of `ANGLES` directions.

    Sums over the pixels that both cover (Padfield 2012, eq. 10, with the mean of the whole).
    """
    size = [fft.next_fast_len(side + reach_px + 2, real=True) for side in plane.shape]
    spectra = fft.rfft2(np.stack([plane, covered.astype(np.float32)]), size)
    sums, counts = fft.irfft2(spectra.real**2 + spectra.imag**2, size)
    found = sums / np.maximum(counts, 0.05 * counts[0, 0])
    centre = reach_px + 1
    half = np.concatenate([found[-centre:], found[: centre + 1]])
    centred = np.concatenate([half[:, -centre:], half[:, : centre + 1]], axis=1)
    polar = cv2.remap(centred, *place_rays(reach_px), cv2.INTER_LINEAR)
    return np.asarray(polar / max(1e-6, float(found[0, 0])), np.float32)


@cache
def place_rays(reach_px: int) -> tuple[Float32[ndarray, "angles radii"], Float32[ndarray, "angles radii"]]:
    """x and y of the ends of the moves, in a square whose middle is no move."""
    angles, radii = np.arange(ANGLES)[:, None] * (np.pi / ANGLES), np.arange(1, reach_px + 1)
    x, y = (reach_px + 1 + part * radii for part in (np.cos(angles), np.sin(angles)))
    return x.astype(np.float32), y.astype(np.float32)


def erode(covered: Bool[ndarray, "height width"], side_px: int) -> Bool[ndarray, "height width"]:
    """Where a square around a pixel is covered as a whole; beyond the border nothing is."""
    square = np.ones((side_px, side_px), np.uint8)
    return cv2.erode(covered.view(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0


def measure_repeats(plane: Plane, covered: Bool[ndarray, "height width"], scale: Scale) -> Features:
    """How strongly the pattern repeats in each direction, and how the correlation depends on the direction.

    A repeat is a rise of the correlation after a fall. `turn_1` of a ring is the second harmonic over the whole turn,
    that of stripes; `turn_2` is that of a square lattice, `turn_3` that of a staggered one.
    """
    correlation = autocorrelate(plane, covered, scale.reach_px)
    rises = correlation - np.minimum.accumulate(correlation, axis=1)
    best = rises.max(axis=1)
    first = int(best.argmax())
    turned = np.roll(best, -first)
    mean = correlation.mean(axis=0)
    harmonics = np.abs(fft.rfft(correlation, axis=0))[:4] / ANGLES
    of_rings = np.add.reduceat(harmonics[:, : scale.rings[-1]], scale.rings[:-1], axis=1) / np.diff(scale.rings)
    return {
        "repeat": float(turned[0]),
        "repeat_across": float(turned[ANGLES // 2]),
        "repeat_aslant": float(max(turned[ANGLES // 4], turned[-ANGLES // 4])),
        "repeat_mean": float(best.mean()),
        "repeat_least": float(best.min()),
        "repeat_px": float(np.log1p(rises[first].argmax())),
        "fall_px": float(np.log1p(np.argmax(mean < 0.2) if (mean < 0.2).any() else scale.reach_px)),
        "fall": float(mean.min()),
        **{
            f"{ring}_turn_{turn}": value
            for ring, values in zip(RINGS, of_rings.T.tolist(), strict=True)
            for turn, value in enumerate(values)
        },
    }


def measure_spots(
    above: Bool[ndarray, "height width"], covered: Bool[ndarray, "height width"], scale: Scale
) -> Features:
    """The connected parts of the rarer class: how many, how large, how round and how alike; weighted by area."""
    area = float(covered.sum())
    if above.sum() > area / 2:
        above = ~above & covered
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(above.view(np.uint8), connectivity=4)
    edges = above & ~erode(above, 3)
    borders = np.bincount(labels[edges], minlength=count)[1:].astype(np.float64)
    widths, heights, areas = boxes[1:, 2:].T.astype(np.float64)
    kept = areas >= scale.spot_px
    if not kept.any():
        widths = heights = areas = borders = np.ones(1)
    else:
        widths, heights, areas, borders = (one[kept] for one in (widths, heights, areas, borders))
    shares: Float[ndarray, " n"] = areas / areas.sum()
    longest, sizes = np.maximum(widths, heights), np.log(areas)
    mean = float(shares @ sizes)
    return {
        "spots": float(np.log(len(areas) / area * 1e4 + 0.1)),
        "spots_largest": float(shares.max()),
        "spots_round": float(shares @ np.minimum(1.5, areas / (np.pi / 4 * longest**2))),
        "spots_full": float(shares @ (areas / (widths * heights))),
        "spots_smooth": float(shares @ np.minimum(1.5, 4 * np.pi * areas / (borders + 1) ** 2)),
        "spots_size": mean,
        "spots_vary": float(shares @ (sizes - mean) ** 2) ** 0.5,
        "spots_wide": float(shares @ (np.minimum(widths, heights) / longest)),
        "spots_thick": float(np.log(areas.sum() / max(1, borders.sum()))),
    }
