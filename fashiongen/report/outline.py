"""The mean outline of a season's garments as a path of an SVG."""

from collections.abc import Sequence

HEIGHT = 100.0  # of the outline, in units of the picture


def outline_path(widths: Sequence[float], height_to_width: float) -> tuple[float, str]:
    """The picture's width, and the path of a symmetrical outline of these relative widths, from the top to the hem.

    The height is always `HEIGHT`; the widest part has the garments' mean ratio to it.
    """
    width = HEIGHT / height_to_width
    widest = max(widths)
    halves = [width * part / widest / 2 for part in widths]
    rows = [HEIGHT * (place + 0.5) / len(widths) for place in range(len(widths))]
    side = [(halves[0], 0.0), *zip(halves, rows, strict=True), (halves[-1], HEIGHT)]
    points = [(width / 2 + half, y) for half, y in side] + [(width / 2 - half, y) for half, y in reversed(side)]
    return width, "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"
