"""Colours in OKLab, in which equal distances look about equally different.

Ottosson 2020, "A perceptual color space for image processing".
"""

import re
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

# From linear sRGB to the responses of three kinds of cones, and from the cube roots of these to lightness, a and b.
TO_CONES: Final = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_OKLAB: Final = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
DARKEST: Final = 1e-6  # of the cones' responses: the cube root's slope is infinite at 0


def to_oklab(images: Float[Tensor, "*batch 3 height width"]) -> Float[Tensor, "*batch 3 height width"]:
    """OKLab of sRGB images from 0 to 1: lightness from 0 to 1, a (green to red) and b (blue to yellow) near 0.

    It can be differentiated everywhere.
    """
    cones = torch.einsum("ij,...jhw->...ihw", images.new_tensor(TO_CONES), to_linear(images))
    return torch.einsum("ij,...jhw->...ihw", images.new_tensor(TO_OKLAB), cones.clamp(min=DARKEST) ** (1 / 3))


def to_linear(srgb: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Amounts of light of sRGB values, both from 0 to 1."""
    values = srgb.clamp(0, 1)
    return torch.where(values <= 0.04045, values / 12.92, ((values.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4)


def parse_colour(text: str) -> Float[Tensor, " 3"]:
    """OKLab of a colour that is written `#rrggbb`.

    Raises:
        ValueError: it is not written so.
    """
    if re.fullmatch("#[0-9a-fA-F]{6}", text) is None:
        raise ValueError(f"{text!r}: no colour; write #rrggbb")
    channels = torch.frombuffer(bytearray.fromhex(text[1:]), dtype=torch.uint8).float() / 255
    return to_oklab(channels[:, None, None])[:, 0, 0]
