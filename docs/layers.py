"""Draw the import layers: `python docs/layers.py > docs/images/layers.svg`.

The layers come from the first contract in pyproject.toml, and what each package holds from the table in
docs/architecture.md. `make docs` draws the picture, and tests/docs/test_site.py compares it with both.
"""

import re
import textwrap
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
WIDTH_PX, MARGIN_PX, GUTTER_PX = 960, 12, 64
BOX_PX, GAP_PX = 62, 12
CHARACTER_PX = 7.2  # average width of a caption's character, rounded up

STYLE = """
  text { font: 600 15px system-ui, sans-serif; fill: #1f2328; text-anchor: middle; dominant-baseline: central }
  .caption { font-size: 12.5px; font-weight: 400; fill: #59636e }
  .box { fill: #f6f8fa; stroke: #d1d9e0; rx: 8px }
  .entry .box { fill: #ddf4ff; stroke: #54aeff }
  .domain .box { fill: #dafbe1; stroke: #4ac26b }
  .page { fill: #ffffff; stroke: none }
  .rule { font-size: 13px; font-weight: 400; fill: #59636e }
  path { stroke: #8c959f; fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .caption, .rule { fill: #9198a1 }
    .box { fill: #151b23; stroke: #3d444d }
    .entry .box { fill: #0c2d4d; stroke: #1f6feb }
    .domain .box { fill: #0f2f1b; stroke: #238636 }
    .page { fill: #0d1117; stroke: none }
  }
"""


def read_layers(pyproject: Path) -> list[list[str]]:
    """The packages of each layer, the highest first."""
    contracts = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[name.strip().removeprefix("fashiongen.") for name in layer.split("|")] for layer in layers]


def read_captions(page: Path) -> dict[str, str]:
    """What each package holds, from the table of layers in docs/architecture.md."""
    return dict(re.findall(r"^\| \d+ \| `(\w+)` \| (.*) \|$", page.read_text(encoding="utf-8"), re.MULTILINE))


def draw_layers(layers: list[list[str]], captions: dict[str, str]) -> str:
    """An SVG with a row of boxes per layer; it follows the reader's light or dark colour scheme."""
    height = len(layers) * (BOX_PX + GAP_PX) + 2 * MARGIN_PX - GAP_PX
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {height}" role="img">',
        f"<title>The layers of fashiongen: {len(layers)}, each importing from lower ones only</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH_PX}" height="{height}"/>',
        *_draw_arrow(height),
    ]
    for number, packages in enumerate(layers):
        y = MARGIN_PX + number * (BOX_PX + GAP_PX)
        kind = "entry" if number == 0 else "domain" if len(packages) > 2 else "base"
        parts += [f'<g class="{kind}">', *_draw_row(y, packages, captions), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _draw_arrow(height: int) -> list[str]:
    x, end = MARGIN_PX + 32, height - MARGIN_PX
    return [
        f'<path d="M{x} {MARGIN_PX} V{end} m-6 -9 l6 9 l6 -9"/>',
        f'<text class="rule" transform="translate({x - 18} {height // 2}) rotate(-90)">imports only downwards</text>',
    ]


def _draw_row(y: int, packages: list[str], captions: dict[str, str]) -> list[str]:
    """Boxes of one width that fill the row."""
    width = (WIDTH_PX - GUTTER_PX - MARGIN_PX - GAP_PX * (len(packages) - 1)) / len(packages)
    drawn = []
    for number, package in enumerate(packages):
        x = GUTTER_PX + number * (width + GAP_PX)
        drawn.append(f'<rect class="box" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BOX_PX}"/>')
        drawn += _write_box(x + width / 2, y, package, textwrap.wrap(captions[package], int(width / CHARACTER_PX)))
    return drawn


def _write_box(x: float, y: int, package: str, caption: list[str]) -> list[str]:
    """A package's name above its caption, centred in a box at `y`."""
    line_px = 17
    first = y + BOX_PX / 2 - line_px * len(caption) / 2
    name = f'<text x="{x:.1f}" y="{first:.1f}">{escape(package)}</text>'
    rest = [
        f'<text class="caption" x="{x:.1f}" y="{first + line_px * number:.1f}">{escape(line)}</text>'
        for number, line in enumerate(caption, start=1)
    ]
    return [name, *rest]


if __name__ == "__main__":
    captions = read_captions(ROOT / "docs/architecture.md")
    print(draw_layers(read_layers(ROOT / "pyproject.toml"), captions), end="")
