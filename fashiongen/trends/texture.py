"""What the surface of a garment looks like, in numbers that tell kinds of patterns apart.

Each is taken of the cut-out at one size, after the slow changes of light are subtracted. What is left, along the
direction in OKLab in which it varies most and in standard deviations, is the signal.
"""

import cv2
import numpy as np
import torch
from jaxtyping import Bool, Complex64, Float, Float32, UInt8
from numpy import ndarray
from scipy import fft

from fashiongen.images.oklab import to_oklab

SIDE_PX = 192  # the longer one of the box around the garment, to which it is resized
NEAR_PX, AROUND_PX = 7, 41  # of squares whose mean is subtracted: the finer one keeps what is small
REACH_PX, ANGLES = 58, 24  # of the autocorrelation, in half a turn
RINGS = {"near": (0, 3), "small": (3, 8), "middle": (8, 17), "wide": (17, 35)}  # parts of the radii
NOISE = 0.01  # in OKLab: a deviation far below it is a camera's, and its signal is near 0
LEVELS, LEAST_PX = 64, 6  # of a histogram; of a spot

Plane = Float32[ndarray, "height width"]
Features = dict[str, float]


def measure_texture(rgba: UInt8[ndarray, "height width 4"], inside: Bool[ndarray, "height width"]) -> Features:
    """The features by name; all are finite. `inside` has at least one pixel."""
    lab, covered = resize_garment(rgba, inside)
    fine, coarse = (subtract_around(lab, covered, side) for side in (NEAR_PX, AROUND_PX))
    signal, colours = find_signal(coarse[covered > 0])
    plane = np.zeros_like(covered)
    plane[covered > 0] = signal
    threshold, split = split_in_two(signal)
    return {
        **measure_deviations("near", fine[covered > 0]),
        **measure_deviations("around", coarse[covered > 0]),
        **colours,
        **split,
        **measure_edges(plane, covered),
        **measure_repeats(plane, covered),
        **measure_spots((plane > threshold) & (covered > 0), covered),
    }


def resize_garment(
    rgba: UInt8[ndarray, "height width 4"], inside: Bool[ndarray, "height width"]
) -> tuple[Float32[ndarray, "rows columns 3"], Float32[ndarray, "rows columns"]]:
    """OKLab of the garment at `SIDE_PX`, and 1 where it is covered; pixels around it mix nothing in."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    weights = inside[box].astype(np.float32)
    scale = SIDE_PX / max(weights.shape)
    size = (max(1, round(weights.shape[1] * scale)), max(1, round(weights.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    sums = cv2.resize(rgba[box][..., :3] * weights[..., None], size, interpolation=how)
    shares = cv2.resize(weights, size, interpolation=how)
    rgb = torch.from_numpy(sums / (np.maximum(shares, 1e-3) * 255)[..., None])
    lab = to_oklab(rgb.permute(2, 0, 1)).permute(1, 2, 0).contiguous().numpy()
    return lab, (shares > min(0.6, shares.max() / 2)).astype(np.float32)


def subtract_around(
    lab: Float32[ndarray, "height width 3"], covered: Plane, side_px: int
) -> Float32[ndarray, "height width 3"]:
    """The difference from the mean of the garment around, in two passes of a square."""
    sums, counts = lab * covered[..., None], covered
    for _ in range(2):
        sums, counts = (cv2.blur(one, (side_px, side_px), borderType=cv2.BORDER_CONSTANT) for one in (sums, counts))
    difference: Float32[ndarray, "height width 3"] = lab - sums / np.maximum(counts, 1e-6)[..., None]
    return difference


def measure_deviations(name: str, difference: Float32[ndarray, "n 3"]) -> Features:
    """Logarithms of the deviations of lightness and of colour."""
    lightness, red, yellow = (difference**2).mean(axis=0).tolist()
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


def measure_edges(plane: Plane, covered: Plane) -> Features:
    """How strong and how sharp the edges are, and in how many directions they run.

    The n-th harmonic of the histogram of directions is 1 if all edges lie in n directions, evenly spread: `edges_2` is
    that of stripes, `edges_4` that of checks.
    """
    smooth = cv2.GaussianBlur(plane, (0, 0), 1.0)
    inner = cv2.erode(covered, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
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


def autocorrelate(plane: Plane, covered: Plane) -> Float32[ndarray, "angles radii"]:
    """The correlation of the garment with itself, moved by 1 to `REACH_PX` in each of `ANGLES` directions.

    Sums over the pixels that both cover (Padfield 2012, eq. 10, with the mean of the whole).
    """
    size = [fft.next_fast_len(side + REACH_PX + 2, real=True) for side in plane.shape]
    sums, counts = (fft.irfft2(np.abs(fft.rfft2(one, size)) ** 2, size) for one in (plane, covered))
    found = (sums / np.maximum(counts, 0.05 * float(covered.sum()))).astype(np.float32)
    reach = REACH_PX + 1
    centred = np.roll(found, (reach, reach), axis=(0, 1))[: 2 * reach + 1, : 2 * reach + 1]
    angles, radii = np.arange(ANGLES)[:, None] * (np.pi / ANGLES), np.arange(1, REACH_PX + 1)
    x, y = (reach + part * radii for part in (np.cos(angles), np.sin(angles)))
    polar = cv2.remap(centred, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(polar / max(1e-6, float(found[0, 0])), np.float32)


def measure_repeats(plane: Plane, covered: Plane) -> Features:
    """How strongly the pattern repeats in each direction, and how the correlation depends on the direction.

    A repeat is a rise of the correlation after a fall. `turn_1` of a ring is the second harmonic over the whole turn,
    that of stripes; `turn_2` is that of a square lattice, `turn_3` that of a staggered one.
    """
    correlation = autocorrelate(plane, covered)
    rises = correlation - np.minimum.accumulate(correlation, axis=1)
    best = rises.max(axis=1)
    first = int(best.argmax())
    turned = np.roll(best, -first)
    mean = correlation.mean(axis=0)
    harmonics = np.abs(np.fft.rfft(correlation, axis=0))[:4] / ANGLES
    return {
        "repeat": float(turned[0]),
        "repeat_across": float(turned[ANGLES // 2]),
        "repeat_aslant": float(max(turned[ANGLES // 4], turned[-ANGLES // 4])),
        "repeat_mean": float(best.mean()),
        "repeat_least": float(best.min()),
        "repeat_px": float(np.log1p(rises[first].argmax())),
        "fall_px": float(np.log1p(np.argmax(mean < 0.2) if (mean < 0.2).any() else REACH_PX)),
        "fall": float(mean.min()),
        **{
            f"{ring}_turn_{turn}": float(harmonics[turn, start:end].mean())
            for ring, (start, end) in RINGS.items()
            for turn in range(4)
        },
    }


def measure_spots(above: Bool[ndarray, "height width"], covered: Plane) -> Features:
    """The connected parts of the rarer class: how many, how large, how round and how alike; weighted by area."""
    area = float(covered.sum())
    if above.sum() > area / 2:
        above = ~above & (covered > 0)
    parts = above.astype(np.uint8)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(parts, connectivity=4)
    edges = (parts - cv2.erode(parts, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)) > 0
    borders = np.bincount(labels[edges], minlength=count)[1:].astype(np.float64)
    widths, heights, areas = boxes[1:, 2:].T.astype(np.float64)
    kept = areas >= LEAST_PX
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
