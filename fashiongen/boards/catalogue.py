"""The catalogue: which brand's pins lie on which board of a site, and which folders hold the user's own photographs."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, StringConstraints, model_validator
from slugify import slugify

from fashiongen.config import Params, parse, read_yaml
from fashiongen.errors import MissingInput

STANDIN = "standin"
PINTEREST = "https://www.pinterest.com"
PLACEHOLDER = "/choose-a-board/"  # how the url of a board begins that its user has still to choose
CATALOGUE = "catalogue.yaml"


def _require_board_path(url: str) -> str:
    if not re.fullmatch(r"/[^/\s?#]+/[^/\s?#]+/", url):
        raise ValueError(f"{url!r} is no board's path: write /member/board/, from slash to slash, without https://…")
    return url


BoardPath = Annotated[str, AfterValidator(_require_board_path)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Entry(Params):
    """Images of one brand and season."""

    model_config = ConfigDict(coerce_numbers_to_str=True)  # a season may be 2026

    brand: Name
    season: str

    @property
    def folder(self) -> str:
        """The name of the folder for the brand's images."""
        return slugify(self.brand)


class Board(_Entry):
    """One board of the site."""

    url: BoardPath  # its path on the site, as in /aurore/runway-ss26/


class Photographs(_Entry):
    """A folder or zip file of the user's own photographs."""

    path: Name  # a relative one starts at the catalogue's folder; ~ is the home folder

    def locate(self, folder: Path) -> Path:
        """The path for a catalogue in `folder`."""
        try:
            return folder / Path(self.path).expanduser()
        except RuntimeError:  # ~somebody who is not known here
            return folder / self.path


class Catalogue(Params):
    """The boards in the order in which they are scraped, then the photographs."""

    site: Literal["standin", "https://www.pinterest.com"] | None = None  # None where there are no boards
    boards: tuple[Board, ...] = ()
    photographs: tuple[Photographs, ...] = ()

    @model_validator(mode="after")
    def _names_are_usable(self) -> "Catalogue":
        if not self.boards and not self.photographs:
            raise ValueError("lists neither boards nor photographs")
        if bool(self.boards) != bool(self.site):
            raise ValueError(f"boards need a site ({STANDIN} or {PINTEREST}), and a site needs boards")
        _require_distinct(board.url for board in self.boards)
        _require_distinct(photographs.path for photographs in self.photographs)
        brands: dict[str, str] = {}
        for entry in (*self.boards, *self.photographs):
            if not entry.folder:
                raise ValueError(f"brand {entry.brand!r} has no letter or digit to name a folder after")
            if brands.setdefault(entry.folder, entry.brand) != entry.brand:
                raise ValueError(f"brands {brands[entry.folder]!r} and {entry.brand!r} share the folder {entry.folder}")
        return self


def _require_distinct(names: Iterable[str]) -> None:
    listed = list(names)
    if twice := {name for name in listed if listed.count(name) > 1}:
        raise ValueError(f"listed twice: {', '.join(sorted(twice))}")


def read_catalogue(folder: Path) -> Catalogue:
    """The catalogue in `<folder>/catalogue.yaml`.

    Raises:
        ConfigError: it is missing, or an entry is not what it should be; the message names the place.
    """
    path = folder / CATALOGUE
    return parse(Catalogue, read_yaml(path), "catalogue", path)


def require_chosen(catalogue: Catalogue, folder: Path) -> None:
    """Refuse a catalogue of which a board is not chosen yet, or photographs are not there.

    Raises:
        MissingInput: a url is still the placeholder that the catalogue came with, or a path leads nowhere.
    """
    path = folder / CATALOGUE
    brands = [board.brand for board in catalogue.boards if board.url.startswith(PLACEHOLDER)]
    if brands:
        raise MissingInput(f"{path}: choose a board, or remove the entry, for {', '.join(brands)}")
    for number, photographs in enumerate(catalogue.photographs):
        if not photographs.locate(folder).exists():
            raise MissingInput(
                f"{path}: photographs.{number}.path: {photographs.path}: no folder or zip file at "
                f"{photographs.locate(folder)}; correct the path (a relative one starts at the catalogue's folder)"
            )
