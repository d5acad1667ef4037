"""The page's type face: STIX, which comes with matplotlib, reduced to the letters of European text."""

import logging
from base64 import b64encode
from functools import cache
from io import BytesIO
from pathlib import Path

import matplotlib
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

LETTERS = [*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, "–—‘’“”…•·→←↑↓±×−≥≤№")]


def font_path(name: str) -> Path:
    """A TrueType file of matplotlib's, such as STIXGeneral or STIXGeneralItalic."""
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"


logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # it warns of a table that browsers do not use


@cache
def embed_font(path: Path) -> str:
    """A font file's European letters as a data URI (WOFF), the same bytes each time."""
    options = Options(flavor="woff", notdef_outline=True)
    font = TTFont(path, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    font.flavor = "woff"
    buffer = BytesIO()
    font.save(buffer)
    return f"data:font/woff;base64,{b64encode(buffer.getvalue()).decode()}"
