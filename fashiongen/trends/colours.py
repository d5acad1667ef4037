"""Colours to and from OKLab, one by one, and their names.

A name is that of the nearest of 949 colours that 200,000 people named (Munroe 2010, xkcd.com/color/rgb, in the public
domain by CC0; matplotlib has the list), without unpleasant ones and those that say little, such as
`reddish`.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

import numpy as np
import torch
from jaxtyping import Float, Float32, Int, UInt8
from matplotlib.colors import XKCD_COLORS, to_rgb
from numpy import ndarray

from fashiongen.images.oklab import DARKEST, TO_CONES, TO_OKLAB, to_linear

FAMILIES: Final = (
    *("black", "white", "grey", "brown", "beige", "red", "pink", "orange", "yellow", "green", "blue", "purple"),
)
_CONES, _OKLAB = (np.array(matrix, np.float32).T for matrix in (TO_CONES, TO_OKLAB))
_FROM_CONES, _FROM_OKLAB = (np.linalg.inv(np.array(matrix)).T for matrix in (TO_CONES, TO_OKLAB))
_LIGHT = to_linear(torch.arange(256) / 255).numpy()  # of the levels of sRGB
_LIGHT_BETWEEN = to_linear((torch.arange(255) + 0.5) / 255).numpy()  # in the middle between each two levels
_UNPLEASANT = re.compile("barf|bile|booger|diarrhea|poo|puke|shit|sick|snot|vomit")
_VAGUE = re.compile(r"dark|\w+ish")


def to_oklab_points(levels: UInt8[ndarray, "n 3"]) -> Float32[ndarray, "n 3"]:
    """OKLab of sRGB levels from 0 to 255; as `to_oklab`, which reads no table, and several times as fast."""
    cones = _LIGHT[levels] @ _CONES
    oklab: Float32[ndarray, "n 3"] = np.cbrt(np.maximum(cones, np.float32(DARKEST))) @ _OKLAB
    return oklab


def to_hex(oklab: Float[ndarray, "n 3"]) -> list[str]:
    """OKLab colours as `#rrggbb`, the nearest that a screen shows."""
    light = (oklab @ _FROM_OKLAB) ** 3 @ _FROM_CONES
    return [f"#{bytes(levels).hex()}" for levels in np.searchsorted(_LIGHT_BETWEEN, light).tolist()]


def name_colour(oklab: Float[ndarray, " 3"]) -> str:
    """The nearest named colour, as in `dusty rose`."""
    names, points = _named_colours()
    return names[int(find_nearest(oklab[None], points)[0])]


def find_families(oklab: Float[ndarray, "n 3"]) -> list[str]:
    """The family of the nearest colour whose name ends with one, as `forest green` does."""
    families, points = _families()
    return [families[place] for place in find_nearest(oklab, points).tolist()]


def find_nearest(points: Float[ndarray, "n 3"], centres: Float[ndarray, "m 3"]) -> Int[ndarray, " n"]:
    """For each point the place of the nearest centre, the first of equals."""
    return np.asarray(((centres**2).sum(axis=1) - 2 * points @ centres.T).argmin(axis=1))


@cache
def _families() -> tuple[tuple[str, ...], Float[ndarray, "names 3"]]:
    """The families of the colours whose names end with one, and their OKLab."""
    colours = {name.removeprefix("xkcd:").replace("gray", "grey"): value for name, value in XKCD_COLORS.items()}
    named = [(name.split()[-1], to_rgb(value)) for name, value in colours.items() if name.split()[-1] in FAMILIES]
    return tuple(family for family, _ in named), _read_named(rgb for _, rgb in named)


@cache
def _named_colours() -> tuple[tuple[str, ...], Float[ndarray, "names 3"]]:
    """Their names, and their OKLab."""
    colours = {name.removeprefix("xkcd:"): to_rgb(value) for name, value in XKCD_COLORS.items()}
    named = {name: value for name, value in colours.items() if not (_UNPLEASANT.search(name) or _VAGUE.fullmatch(name))}
    return tuple(named), _read_named(named.values())


def _read_named(colours: Iterable[tuple[float, float, float]]) -> Float32[ndarray, "names 3"]:
    """OKLab of colours from 0 to 1, which matplotlib made of levels."""
    return to_oklab_points(np.rint(np.array(list(colours)) * 255).astype(np.uint8))
