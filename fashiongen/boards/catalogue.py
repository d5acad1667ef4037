"""The catalogue of boards: which brand's pins lie on which page."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from slugify import slugify

from fashiongen.config import Params, parse, read_yaml
from fashiongen.errors import MissingInput

STANDIN = "standin"
PINTEREST = "https://www.pinterest.com"
PLACEHOLDER = "/choose-a-board/"  # how the url of a board begins that its user has still to choose

BoardPath = Annotated[str, StringConstraints(pattern=re.compile(r"^/[^/\s?#]+/[^/\s?#]+/$"))]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Board(Params):
    """One board of the catalogue."""

    brand: Name
    season: str
    url: BoardPath  # its path on the site, as in /aurore/runway-ss26/

    @property
    def folder(self) -> str:
        """The name of the folder for the brand's images."""
        return slugify(self.brand)


class Catalogue(Params):
    """The site and its boards, in the order in which they are scraped."""

    site: Literal["standin", "https://www.pinterest.com"]
    boards: tuple[Board, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_usable(self) -> "Catalogue":
        urls = [board.url for board in self.boards]
        if twice := {url for url in urls if urls.count(url) > 1}:
            raise ValueError(f"listed twice: {', '.join(sorted(twice))}")
        brands: dict[str, str] = {}
        for board in self.boards:
            if not board.folder:
                raise ValueError(f"brand {board.brand!r} has no letter or digit to name a folder after")
            if brands.setdefault(board.folder, board.brand) != board.brand:
                raise ValueError(f"brands {brands[board.folder]!r} and {board.brand!r} share the folder {board.folder}")
        return self


def read_catalogue(folder: Path) -> Catalogue:
    """The catalogue in `<folder>/catalogue.yaml`.

    Raises:
        ConfigError: it is missing, or an entry is not what it should be; the message names the place.
    """
    path = folder / "catalogue.yaml"
    return parse(Catalogue, read_yaml(path), "catalogue", path)


def require_chosen(catalogue: Catalogue, folder: Path) -> None:
    """Let a catalogue pass whose boards have all been chosen.

    Raises:
        MissingInput: some urls are still the placeholders that the catalogue came with.
    """
    brands = [board.brand for board in catalogue.boards if board.url.startswith(PLACEHOLDER)]
    if brands:
        raise MissingInput(f"{folder / 'catalogue.yaml'}: choose a board, or remove the entry, for {', '.join(brands)}")
