"""Where the images lie that a query of a variant selects from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fashiongen.images.select import Source

SOURCES: Final[Mapping[Source, Path]] = {
    "images": Path("data/pinterest/images"),
    "crops": Path("data/crops/images"),
    "cutouts": Path("data/crops/cutouts"),
}
