"""Draw the layers that import-linter enforces: `python docs/layers.py > docs/images/layers.svg`.

The contract in pyproject.toml is the source; `make docs` draws it anew, and tests/docs/test_site.py compares.
"""

import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
WIDTH_PX, MARGIN_PX, GUTTER_PX = 960, 12, 76
ROW_PX, BOX_PX, GAP_PX = 52, 36, 8

STYLE = """
  text { font: 15px system-ui, sans-serif; fill: #1f2328; text-anchor: middle; dominant-baseline: central }
  rect { fill: #f3f5f8; stroke: #8c959f; rx: 6px }
  .page { fill: #ffffff; stroke: none }
  .rule { fill: #59636e; font-size: 13px }
  path { stroke: #59636e; fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    rect { fill: #21262d; stroke: #6e7681 }
    .page { fill: #0d1117; stroke: none }
    .rule { fill: #9198a1 }
    path { stroke: #9198a1 }
  }
"""


def read_layers(pyproject: Path) -> list[list[str]]:
    """The modules of each layer, the highest first, as the contract of type `layers` lists them."""
    contracts = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[module.strip() for module in layer.split("|")] for layer in layers]


def draw_layers(layers: list[list[str]]) -> str:
    """An SVG with a row of boxes for each layer; it follows the reader's light or dark scheme."""
    height = len(layers) * ROW_PX + MARGIN_PX
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {height}" role="img">',
        f"<title>The layers of fashiongen: {len(layers)}, each importing from those below it only</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH_PX}" height="{height}"/>',
        *_draw_arrow(height),
    ]
    for row, modules in enumerate(layers):
        parts += _draw_row(MARGIN_PX + row * ROW_PX, modules)
    return "\n".join([*parts, "</svg>", ""])


def _draw_arrow(height: int) -> list[str]:
    x, end = MARGIN_PX + 40, height - MARGIN_PX - 8
    middle = height // 2
    return [
        f'<path d="M{x} {MARGIN_PX} V{end} m-6 -9 l6 9 l6 -9"/>',
        f'<text class="rule" transform="translate({x - 18} {middle}) rotate(-90)">may import</text>',
    ]


def _draw_row(y: int, modules: list[str]) -> list[str]:
    """Boxes as wide as their names, stretched to fill the row."""
    names = [module.removeprefix("fashiongen.") for module in modules]
    free = WIDTH_PX - GUTTER_PX - MARGIN_PX - GAP_PX * (len(names) - 1)
    letters = sum(len(name) + 4 for name in names)
    drawn, x = [], float(GUTTER_PX)
    for name in names:
        width = free * (len(name) + 4) / letters
        drawn += [
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BOX_PX}"/>',
            f'<text x="{x + width / 2:.1f}" y="{y + BOX_PX // 2}">{escape(name)}</text>',
        ]
        x += width + GAP_PX
    return drawn


if __name__ == "__main__":
    print(draw_layers(read_layers(ROOT / "pyproject.toml")), end="")
