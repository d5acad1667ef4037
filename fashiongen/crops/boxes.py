"""Boxes of whole pixels."""

from typing import NamedTuple


class PixelBox(NamedTuple):
    """Whole pixels, right and bottom excluded, as Pillow's crop takes them."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def rows(self) -> slice:
        """Its rows of an array."""
        return slice(self.top, self.bottom)

    @property
    def columns(self) -> slice:
        """Its columns of an array."""
        return slice(self.left, self.right)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top


def enclosing_box(
    bbox: tuple[float, float, float, float], *, size: tuple[int, int], margins: tuple[float, float] = (0, 0)
) -> PixelBox:
    """The pixels of an image of `size` (width, height) within a box (x, y, width, height) and margins at its sides and
    above and below; at least one pixel.
    """
    x, y, width, height = bbox
    left, right = _clip(x - margins[0], x + width + margins[0], size[0])
    top, bottom = _clip(y - margins[1], y + height + margins[1], size[1])
    return PixelBox(left, top, right, bottom)


def _clip(start: float, end: float, limit: int) -> tuple[int, int]:
    first = min(max(round(start), 0), limit - 1)
    return first, max(first + 1, min(round(end), limit))
