"""An RGB picture to paint on, and masks of the visible pixels of the labelled garment and of the figure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from fashiongen.sources.demo.outline import Points, stroke

Array = NDArray[np.floating[Any]]  # float32 for the pixels of a picture
Colour = Sequence[float] | Array  # red, green, blue from 0 to 1
Pair = Sequence[float] | NDArray[np.float64]  # an x and a y
Paint = Colour | Callable[["Tile"], Array]  # a flat colour, or a (height, width, 3) array for a tile

SUBSAMPLES = 4  # an edge pixel's coverage is counted on a grid of 4 x 4


@dataclass(frozen=True)
class Tile:
    """The rectangle of a canvas around an outline, with the outline's coverage of each pixel."""

    left: int
    top: int
    alpha: NDArray[np.uint8]  # (height, width) coverage
    x: Array  # (1, width) figure units of the pixel centres
    y: Array  # (height, 1)

    def across(self) -> Array:
        """Each pixel's position in its row, from the outline's left edge (-1) to its right edge (1)."""
        inside = self.alpha > 127
        width = inside.shape[1]
        left = inside.argmax(axis=1)
        right = width - 1 - inside[:, ::-1].argmax(axis=1)
        empty = ~inside.any(axis=1)
        left[empty], right[empty] = 0, width - 1
        middle, half = (left + right) / 2, np.maximum((right - left) / 2, 1)
        columns = np.arange(width, dtype=np.float32)
        across: Array = np.clip(
            (columns - middle[:, None].astype(np.float32)) / half[:, None].astype(np.float32), -1, 1
        )
        return across


class Canvas:
    """An RGB picture in figure units: `scale_px` is the figure's height, `origin_px` the pixel of its (0, 0)."""

    def __init__(
        self, image: Image.Image, *, scale_px: float, origin_px: tuple[float, float], light: float = -0.6
    ) -> None:
        self.image = image
        self.light = light  # the direction of the main light: -1 left, 1 right
        self.scale_px = scale_px
        self.origin_px = np.asarray(origin_px, dtype=float)
        self.garment = Image.new("L", image.size)  # visible pixels of the labelled garment
        self.figure = Image.new("L", image.size)  # visible pixels of all that is worn or skin

    def to_px(self, points: Points) -> Points:
        """Figure units to pixels."""
        pixels: Points = np.asarray(points) * self.scale_px + self.origin_px
        return pixels

    def tile(self, *outlines: Points) -> Tile | None:
        """The union of outlines as a tile with soft edges, or None if they lie outside the picture."""
        shapes = [self.to_px(outline) for outline in outlines]
        low = np.floor(np.min([shape.min(axis=0) for shape in shapes], axis=0)).astype(int) - 1
        high = np.ceil(np.max([shape.max(axis=0) for shape in shapes], axis=0)).astype(int) + 1
        left, top = np.maximum(low, 0)
        right, bottom = np.minimum(high, self.image.size)
        if left >= right or top >= bottom:
            return None
        fine = Image.new("L", ((right - left) * SUBSAMPLES, (bottom - top) * SUBSAMPLES))
        draw = ImageDraw.Draw(fine)
        for shape in shapes:
            corners = (shape - (left, top)) * SUBSAMPLES - 0.5
            draw.polygon(corners.ravel().tolist(), fill=255)
        alpha = np.asarray(fine.reduce(SUBSAMPLES))
        x = (np.arange(left, right) + 0.5 - self.origin_px[0]) / self.scale_px
        y = (np.arange(top, bottom) + 0.5 - self.origin_px[1]) / self.scale_px
        return Tile(int(left), int(top), alpha, x[None].astype(np.float32), y[:, None].astype(np.float32))

    def fill(
        self, outline: Points | Sequence[Points], paint: Paint, *, opacity: float = 1.0, labelled: bool = False
    ) -> None:
        """Paint an outline, or the union of several; `labelled` adds it to the garment's mask, else it is removed."""
        outlines = [outline] if isinstance(outline, np.ndarray) else outline
        tile = self.tile(*outlines)
        if tile is not None:
            self.blend(tile, paint, opacity=opacity, labelled=labelled)

    def blend(self, tile: Tile, paint: Paint, *, opacity: float = 1.0, labelled: bool = False) -> None:
        """Paint a tile."""
        mask = Image.fromarray(tile.alpha if opacity >= 1 else (tile.alpha * opacity).astype(np.uint8))
        box = (tile.left, tile.top, tile.left + mask.width, tile.top + mask.height)
        if callable(paint):
            self.image.paste(to_image(paint(tile)), box, mask)
        else:
            self.image.paste(to_bytes(paint), box, mask)
        if opacity > 0.5:
            self.garment.paste(255 if labelled else 0, box, mask)
            self.figure.paste(255, box, mask)

    def stain(self, centre: Pair, radii: Sequence[float], colour: Colour, strength: float) -> None:
        """Blend a soft ellipse of colour into the picture (blush, glow, shadow); the masks do not change."""
        low = self.to_px(np.array([[centre[0] - 2.2 * radii[0], centre[1] - 2.2 * radii[1]]]))[0]
        high = self.to_px(np.array([[centre[0] + 2.2 * radii[0], centre[1] + 2.2 * radii[1]]]))[0]
        left, top = np.maximum(np.floor(low).astype(int), 0)
        right, bottom = np.minimum(np.ceil(high).astype(int) + 1, self.image.size)
        if left >= right or top >= bottom:
            return
        x = (np.arange(left, right) + 0.5 - self.origin_px[0]) / self.scale_px - centre[0]
        y = (np.arange(top, bottom) + 0.5 - self.origin_px[1]) / self.scale_px - centre[1]
        fall = np.exp(-1.2 * ((x / radii[0])[None] ** 2 + (y / radii[1])[:, None] ** 2))
        mask = Image.fromarray((255 * strength * fall).astype(np.uint8))
        self.image.paste(to_bytes(colour), (int(left), int(top), int(right), int(bottom)), mask)

    def shade(self, outline: Points, *, shift: tuple[float, float], blur: float, strength: float) -> None:
        """Paint the shadow that `outline` casts on the figure painted so far; all lengths are in figure units."""
        margin = np.array([[-2 * blur, -2 * blur], [2 * blur, 2 * blur]])
        moved = outline + np.asarray(shift)
        frame = np.array([moved.min(axis=0), moved.max(axis=0)]) + margin
        tile = self.tile(moved, *(corner + np.zeros((2, 2)) for corner in frame))
        if tile is None:
            return
        soft = Image.fromarray(tile.alpha).filter(ImageFilter.BoxBlur(max(blur * self.scale_px, 0.5)))
        box = (tile.left, tile.top, tile.left + soft.width, tile.top + soft.height)
        mask = ImageChops.multiply(soft, self.figure.crop(box)).point([round(strength * level) for level in range(256)])
        self.image.paste((24, 14, 20), box, mask)

    def line(
        self, points: Points, width: float, colour: Colour, *, opacity: float = 1.0, labelled: bool = False
    ) -> None:
        """Paint a line along `points`, `width` figure units wide."""
        radius = max(width / 2, 0.35 / self.scale_px)
        self.fill(stroke(points, radius), colour, opacity=opacity, labelled=labelled)


def to_bytes(colour: Colour) -> tuple[int, int, int]:
    """A colour of 0 to 1 as three bytes."""
    red, green, blue = (round(255 * min(max(channel, 0.0), 1.0)) for channel in colour)
    return red, green, blue


def to_image(rgb: Array) -> Image.Image:
    """A (height, width, 3) array of 0 to 1 as a picture."""
    return Image.fromarray((np.clip(rgb, 0, 1) * 255 + 0.5).astype(np.uint8))
