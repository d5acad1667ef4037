"""What a drawn garment looks like, in numbers and in words: colours, outline, pattern.

They rest on a soft mask, through which colours can be steered by gradients. On a white ground the mask is what is not
white; in pictures with a background it is the middle of the picture, so that only colours can be told there.
"""

from math import atan2, degrees
from typing import Final, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

from fashiongen.images.oklab import to_oklab

GROUND = 0.1  # a pixel whose darkest channel is so near to white is half ground
SOFTNESS = 0.015
EDGE_PX = 2
AROUND_PX = 9  # a pattern is what differs within squares of so many pixels
PARTS: Final = ("all", "top", "bottom")


class Hue(NamedTuple):
    """A name for hues up to an angle in OKLab, in degrees from red's axis towards yellow's."""

    up_to_deg: float
    name: str


HUES = (
    Hue(8, "pink"),
    Hue(45, "red"),
    Hue(80, "orange"),
    Hue(115, "yellow"),
    Hue(160, "green"),
    Hue(220, "turquoise"),
    Hue(278, "blue"),
    Hue(318, "purple"),
    Hue(360, "pink"),
)
GREY_BELOW, DULL_BELOW = 0.025, 0.07  # of chroma
BLACK_BELOW, DARK_BELOW, LIGHT_ABOVE, WHITE_ABOVE = 0.2, 0.45, 0.78, 0.93  # of lightness
BLACKISH_BELOW = 0.3  # of lightness, without much chroma
PATTERNED_ABOVE, WIDE_ABOVE, LONG_ABOVE, SHORT_BELOW = 0.08, 1.25, 0.84, 0.66  # of the measures of these names


def soft_mask(images: Float[Tensor, "n 3 height width"], *, is_on_white: bool) -> Float[Tensor, "n height width"]:
    """How much each pixel of images from 0 to 1 belongs to the garment, from 0 to 1."""
    if is_on_white:
        return torch.sigmoid((1 - images.amin(dim=1) - GROUND) / SOFTNESS)
    rows, columns = (torch.linspace(-1, 1, side) for side in images.shape[-2:])
    middle = torch.exp(-((rows[:, None] / 0.6) ** 2) - (columns[None, :] / 0.4) ** 2)
    return middle.expand(len(images), *middle.shape)


def region_of(mask: Float[Tensor, "n height width"], part: str) -> Float[Tensor, "n height width"]:
    """The upper or the lower half of each mask, by its area, with a soft border; or all of it."""
    if part == "all":
        return mask
    area = mask.sum(dim=(1, 2), keepdim=True).clamp(min=1e-6)
    above = mask.sum(dim=2, keepdim=True).cumsum(dim=1) / area
    lower = torch.sigmoid((above - 0.5) * 30)
    return mask * (lower if part == "bottom" else 1 - lower)


def mean_colours(
    oklab: Float[Tensor, "n 3 height width"], mask: Float[Tensor, "n height width"]
) -> Float[Tensor, "n 3"]:
    """The mean colour under each mask."""
    weights = mask / mask.sum(dim=(1, 2), keepdim=True).clamp(min=1e-6)
    return (oklab * weights[:, None]).sum(dim=(2, 3))


def measure_appearance(
    images: Float[Tensor, "n 3 height width"], *, is_on_white: bool
) -> dict[str, Float[Tensor, " n"]]:
    """The measures of the colours of images from 0 to 1, and on a white ground those of the outline too.

    `colourful` is the chroma, `pattern` the deviation of lightness from that of the pixels around, `dark_below` by how
    much the upper half is lighter than the lower one. Of the outline, `height` and `width` are shares of the picture's,
    `top_width` and `hem_width` the widths of a garment's upper third and lowest sixth, relative to its mean width.
    """
    mask, oklab = soft_mask(images, is_on_white=is_on_white), to_oklab(images)
    mean = mean_colours(oklab, mask)
    area = mask.sum(dim=(1, 2)).clamp(min=1e-6)
    rows = torch.linspace(0, 1, images.shape[-2]).expand(len(images), -1)
    per_row = mask.sum(dim=2)
    middle = (per_row * rows).sum(dim=1, keepdim=True) / area[:, None]
    lower = torch.sigmoid((rows - middle) * 40)[..., None] * mask
    upper = mask - lower
    halves = [(oklab[:, 0] * half).sum(dim=(1, 2)) / half.sum(dim=(1, 2)).clamp(min=1e-6) for half in (upper, lower)]
    colours = {
        "lightness": mean[:, 0],
        "red": mean[:, 1],
        "yellow": mean[:, 2],
        "colourful": mean[:, 1:].norm(dim=1),
        "pattern": _local_contrast(oklab[:, 0], mask),
        "dark_below": halves[0] - halves[1],
    }
    return colours | _measure_outline(mask) if is_on_white else colours


def _local_contrast(
    lightness: Float[Tensor, "n height width"], mask: Float[Tensor, "n height width"]
) -> Float[Tensor, " n"]:
    """The deviation of each garment's lightness from its mean around; edges, which are mixed with white, are out."""
    inside = 1 - max_pool2d(1 - mask, 2 * EDGE_PX + 1, stride=1, padding=EDGE_PX)
    sums = [avg_pool2d(values, AROUND_PX, stride=1, padding=AROUND_PX // 2) for values in (lightness * inside, inside)]
    contrast: Float[Tensor, "n height width"] = (lightness - sums[0] / sums[1].clamp(min=1e-6)) ** 2 * inside
    return (contrast.sum(dim=(1, 2)) / inside.sum(dim=(1, 2)).clamp(min=1e-6)).sqrt()


def _measure_outline(mask: Float[Tensor, "n height width"]) -> dict[str, Float[Tensor, " n"]]:
    """The measures of the outline of masks; rows with less than two pixels do not belong to a garment."""
    height, width = mask.shape[-2:]
    widths = (mask > 0.5).sum(dim=2).float()
    is_filled = (widths >= 2).float()
    rows = is_filled.sum(dim=1).clamp(min=1)
    mean_width = (widths * is_filled).sum(dim=1) / rows
    place = (is_filled.cumsum(dim=1) - is_filled / 2) / rows[:, None]  # 0 at the garment's top, 1 at its hem

    def relative(low: float, high: float) -> Float[Tensor, " n"]:
        part = (place > low) * (place < high) * is_filled
        return (widths * part).sum(dim=1) / part.sum(dim=1).clamp(min=1) / mean_width.clamp(min=1)

    return {
        "height": rows / height,
        "width": mean_width / width,
        "top_width": relative(0.05, 1 / 3),
        "hem_width": relative(5 / 6, 0.98),
    }


def name_colour(lightness: float, a: float, b: float) -> str:
    """A plain name of an OKLab colour: `dark red`, `grey`, `pale blue`, `brown`, `cream`."""
    chroma = (a * a + b * b) ** 0.5
    if lightness < (BLACKISH_BELOW if chroma < GREY_BELOW else BLACK_BELOW):
        return "black"
    depth = "dark " if lightness < DARK_BELOW else "light " if lightness > LIGHT_ABOVE else ""
    if chroma < GREY_BELOW:
        return "white" if lightness > WHITE_ABOVE else f"{depth}grey"
    hue = degrees(atan2(b, a)) % 360
    name = next(one.name for one in HUES if hue <= one.up_to_deg)
    if name in ("orange", "yellow", "red") and chroma < 0.11 and hue > 25:
        if lightness > LIGHT_ABOVE:
            return "cream"
        return "dark brown" if lightness < DARK_BELOW else "beige" if chroma < DULL_BELOW else "brown"
    return f"{depth}{'greyish ' if chroma < DULL_BELOW and not depth else ''}{name}"


def describe(measures: dict[str, float], *, is_on_white: bool) -> str:
    """A garment in a few words: `dark red, long, wide hem`; of a picture with a background its colour alone."""
    words = [name_colour(measures["lightness"], measures["red"], measures["yellow"])]
    if not is_on_white:
        return words[0]
    if measures["pattern"] > PATTERNED_ABOVE:
        words.append("patterned")
    words.append(
        "long" if measures["height"] > LONG_ABOVE else "short" if measures["height"] < SHORT_BELOW else "knee-length"
    )
    if measures["hem_width"] > WIDE_ABOVE:
        words.append("wide hem")
    elif measures["top_width"] > WIDE_ABOVE:
        words.append("wide sleeves")
    return ", ".join(words)


def describe_images(images: Float[Tensor, "n 3 height width"], *, is_on_white: bool) -> list[str]:
    """The words of `describe` for each image."""
    measures = measure_appearance(images, is_on_white=is_on_white)
    rows = [dict(zip(measures, values, strict=True)) for values in torch.stack([*measures.values()], dim=1).tolist()]
    return [describe(row, is_on_white=is_on_white) for row in rows]


def mean_rgb(images: Float[Tensor, "n 3 height width"], *, is_on_white: bool) -> dict[str, list[str]]:
    """The mean colour of each part of each garment, as `#rrggbb`."""
    mask = soft_mask(images, is_on_white=is_on_white)
    means = {part: (mean_colours(images, region_of(mask, part)) * 255).round().to(torch.uint8) for part in PARTS}
    return {part: ["#" + bytes(row).hex() for row in found.tolist()] for part, found in means.items()}
