"""The catalogue: which brand's pins lie where on a site, and the user's own photographs."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote_plus, unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, PositiveInt, StringConstraints, model_validator
from slugify import slugify

from fashiongen.boards.selectors import SEARCH_PATH
from fashiongen.config import Params, parse, read_yaml
from fashiongen.errors import MissingInput

STANDIN = "standin"
PINTEREST = "https://www.pinterest.com"
CATALOGUE = "catalogue.yaml"
_OWN_PAGES = ("pin", "search", "login", "ideas", "today", "settings", "resource", "_")  # no member has these names
_MEMBER = re.compile(rf"(?!(?:{'|'.join(_OWN_PAGES)})$)[\w.-]+")
_SITE_HOST = re.compile(r"(?:[a-z-]+\.)?pinterest(?:\.[a-z]{2,3}){1,2}")


def parse_board_path(text: str) -> str:
    """The path of a board, `/member/board/`, from its address as people paste it.

    Raises:
        ValueError: it is the address of something else; the message says what to write.
    """
    wanted = "write the address of a board, such as https://www.pinterest.com/member/board/"
    parts = urlsplit(text.strip() if "://" in text or text.strip().startswith("/") else f"https://{text.strip()}")
    if parts.netloc and not _SITE_HOST.fullmatch(parts.netloc.lower()):
        if "." in parts.netloc or "://" in text:
            short = " (a short address: open it, and copy the board's own)" if parts.netloc == "pin.it" else ""
            raise ValueError(f"{text!r} is no address of Pinterest{short}: {wanted}")
        parts = parts._replace(netloc="", path=f"/{parts.netloc}{parts.path}")  # member/board
    names = [name for name in parts.path.split("/") if name]
    if len(names) == 3 and names[0] not in _OWN_PAGES:
        board = f"/{names[0]}/{names[1]}/"
        raise ValueError(f"{text!r} is a section: write its board, {board}, whose sections are walked too")
    if len(names) != 2 or names[0] in _OWN_PAGES or re.search(r"\s", unquote(parts.path)):
        remedy = "; for a search write `search: its words` in place of `url`" if names[:1] == ["search"] else ""
        if len(names) == 1 and names[0] not in _OWN_PAGES:
            remedy = f"; for all boards of a member write `member: {names[0]}` in place of `url`"
        raise ValueError(f"{text!r} is no board: {wanted}{remedy}")
    return f"/{names[0]}/{names[1]}/"


def parse_member(text: str) -> str:
    """The name of a member, from it or from the address of the member's page.

    Raises:
        ValueError: it is neither.
    """
    parts = urlsplit(text.strip() if "://" in text else f"https://www.pinterest.com/{text.strip().strip('/@')}")
    names = [name for name in parts.path.split("/") if name]
    if not _SITE_HOST.fullmatch(parts.netloc.lower()) or len(names) != 1 or not _MEMBER.fullmatch(names[0]):
        raise ValueError(f"{text!r} is no member: write the name, such as aurore for https://www.pinterest.com/aurore/")
    return names[0]


def _as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value  # YAML reads 2026-03-01 as a date


BoardPath = Annotated[str, AfterValidator(parse_board_path)]
Member = Annotated[str, AfterValidator(parse_member)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Entry(Params):
    """Images of one brand and season."""

    model_config = ConfigDict(coerce_numbers_to_str=True)  # a season may be 2026

    brand: Name
    season: Annotated[str, BeforeValidator(_as_text)]

    @property
    def folder(self) -> str:
        """The name of the folder for the brand's images."""
        return slugify(self.brand)


class Board(_Entry):
    """One board of the site with its sections, all boards of a member, or the results of a search."""

    url: BoardPath | None = None  # its path on the site, as in /aurore/runway-ss26/
    member: Member | None = None  # the name of one whose boards are all meant
    search: Name | None = None  # words to search for
    max_pins: PositiveInt | None = None  # no more than these of a board; a search goes on for hundreds

    @model_validator(mode="after")
    def _is_one_of_three(self) -> "Board":
        if [self.url, self.member, self.search].count(None) != 2:
            raise ValueError(
                "needs one of url, the address of a board; member, the name of one whose boards are all meant; and "
                "search, the words to search for"
            )
        if self.search and self.max_pins is None:
            raise ValueError("search needs max_pins, such as 300: results go on for hundreds")
        return self

    @property
    def name(self) -> str:
        """How the tables name it: its url, the member or the search."""
        return self.url or (f"member: {self.member}" if self.member else f"search: {self.search}")

    @property
    def path(self) -> str:
        """The path of its page on the site."""
        if self.search:
            return f"{SEARCH_PATH}?q={quote_plus(self.search)}&rs=typed"
        return self.url or f"/{self.member}/"

    def at(self, url: str) -> "Board":
        """A board of this member, with this entry's brand and season."""
        return self.model_copy(update={"url": url, "member": None})


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
        _require_distinct(board.name for board in self.boards)
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


def require_photographs(catalogue: Catalogue, folder: Path) -> None:
    """Refuse a catalogue of which photographs are not there.

    Raises:
        MissingInput: a path leads nowhere.
    """
    path = folder / CATALOGUE
    for number, photographs in enumerate(catalogue.photographs):
        if not photographs.locate(folder).exists():
            raise MissingInput(
                f"{path}: photographs.{number}.path: {photographs.path}: no folder or zip file at "
                f"{photographs.locate(folder)}; correct the path (a relative one starts at the catalogue's folder)"
            )
