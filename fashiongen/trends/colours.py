"""Colours to and from OKLab, one by one, and their names.

A name is that of the nearest of 949 colours that 200,000 people named (Munroe 2010, xkcd.com/color/rgb, in the public
domain by CC0; matplotlib has the list), without unpleasant ones and those that say little, such as
`reddish`.
"""

import re
from functools import cache
from typing import Final

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.colors import XKCD_COLORS, to_rgb
from numpy import ndarray

from fashiongen.images.oklab import to_oklab, to_srgb

FAMILIES: Final = (
    *("black", "white", "grey", "brown", "beige", "red", "pink", "orange", "yellow", "green", "blue", "purple"),
)
_UNPLEASANT = re.compile("barf|bile|booger|diarrhea|poo|puke|shit|sick|snot|vomit")
_VAGUE = re.compile(r"dark|\w+ish")


def to_oklab_points(rgb: Float[ndarray, "n 3"]) -> Float[ndarray, "n 3"]:
    """OKLab of sRGB colours from 0 to 1."""
    planes = torch.from_numpy(np.ascontiguousarray(rgb.T, dtype=np.float32))[:, :, None]
    return to_oklab(planes)[:, :, 0].numpy().T.astype(np.float64)


def to_hex(oklab: tuple[float, float, float]) -> str:
    """An OKLab colour as `#rrggbb`, the nearest that a screen shows."""
    levels = (to_srgb(torch.tensor(oklab)[:, None, None])[:, 0, 0] * 255).round().to(torch.uint8)
    return "#" + bytes(levels.tolist()).hex()


def name_colour(oklab: Float[ndarray, " 3"]) -> str:
    """The nearest named colour, as in `dusty rose`."""
    names, points = _named_colours()
    return names[int(np.argmin(((points - oklab) ** 2).sum(axis=1)))]


def find_family(oklab: Float[ndarray, " 3"]) -> str:
    """The family of the nearest colour whose name ends with one, as `forest green` does."""
    families, points = _families()
    return families[int(np.argmin(((points - oklab) ** 2).sum(axis=1)))]


@cache
def _families() -> tuple[tuple[str, ...], Float[ndarray, "names 3"]]:
    """The families of the colours whose names end with one, and their OKLab."""
    colours = {name.removeprefix("xkcd:").replace("gray", "grey"): value for name, value in XKCD_COLORS.items()}
    named = [(name.split()[-1], to_rgb(value)) for name, value in colours.items() if name.split()[-1] in FAMILIES]
    return tuple(family for family, _ in named), to_oklab_points(np.array([rgb for _, rgb in named]))


@cache
def _named_colours() -> tuple[tuple[str, ...], Float[ndarray, "names 3"]]:
    """Their names, and their OKLab."""
    colours = {name.removeprefix("xkcd:"): to_rgb(value) for name, value in XKCD_COLORS.items()}
    named = {name: value for name, value in colours.items() if not (_UNPLEASANT.search(name) or _VAGUE.fullmatch(name))}
    return tuple(named), to_oklab_points(np.array(list(named.values())))
