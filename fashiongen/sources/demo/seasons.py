"""Twelve seasons of the brands, and the changes from season to season that trends should find.

Each brand changes in one way: Maison Aurore gets darker from season to season, the hems of Saltmarsh & Wren rise, dots
come and go at Casa Limonera, Atelier Kohaku is lighter and darker by turns, and Nerovia does what Atelier Kohaku did a
season before.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from fashiongen.sources.demo.brands import Brand, Print, Rgb

SEASONS: Final = tuple(f"{part}{year}" for year in range(21, 27) for part in ("SS", "FW"))
TURNS = (0.9, 0.25, -0.57, -0.9, 0.57, -0.25, -0.74, -0.08, -0.41, 0.41, 0.08, 0.74)  # no step repeats another
WAVE = (0.0, 0.0, 0.0, 0.15, 0.45, 0.85, 1.0, 0.85, 0.4, 0.1, 0.0, 0.0)
CREAM: Rgb = (0.97, 0.95, 0.91)
LIGHTEST, DARKEST = 0.7, 0.75  # how far a tone of 1 goes towards cream, and one of -1 towards black
PRINTS_OF_TWENTY = 20

Kind = Literal["tone", "hem_y", "dots_frac"]


class Shift(BaseModel):
    """What a season of a brand is like; a row of truth/shifts.csv."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    brand: str
    season: str
    kind: Kind
    value: float  # tone: -1 dark to 1 light; hem_y: in figure heights; dots_frac: of all garments


class Plan(NamedTuple):
    """What changes at a brand, and its value in each of `SEASONS`."""

    kind: Kind
    values: tuple[float, ...]


def _even(first: float, last: float) -> tuple[float, ...]:
    steps = len(SEASONS) - 1
    return tuple(round(first + (last - first) * place / steps, 4) for place in range(len(SEASONS)))


PLANS: Final[Mapping[str, Plan]] = {  # by the brands' accounts
    "maisonaurore": Plan("tone", _even(0.2, -0.9)),
    "saltmarshandwren": Plan("hem_y", _even(0.96, 0.54)),
    "casalimonera": Plan("dots_frac", WAVE),
    "atelierkohaku": Plan("tone", TURNS),
    "nerovia": Plan("tone", (0.0, *TURNS[:-1])),
}


def date_show(season: str) -> datetime:
    """When a season's shows end: those of a spring in the September before, those of a fall in its own February."""
    year = 2000 + int(season[2:])
    return (
        datetime(year - 1, 9, 30, 10, tzinfo=UTC) if season.startswith("SS") else datetime(year, 2, 27, 10, tzinfo=UTC)
    )


def state_shift(brand: Brand, season: str) -> Shift:
    """What is planted in a season of a brand."""
    plan = PLANS[brand.account]
    return Shift(brand=brand.name, season=season, kind=plan.kind, value=plan.values[SEASONS.index(season)])


def shift_brand(brand: Brand, season: str) -> Brand:
    """The brand as it designs in a season."""
    shift = state_shift(brand, season)
    match shift.kind:
        case "hem_y":
            return replace(brand, hem_y=shift.value)
        case "dots_frac":
            return _print_dots(brand, shift.value)
        case "tone":
            return replace(
                brand,
                palette=_tone_all(brand.palette, shift.value),
                prints=tuple(one._replace(colours=_tone_all(one.colours, shift.value)) for one in brand.prints),
            )


def _tone_all(colours: tuple[Rgb, ...], tone: float) -> tuple[Rgb, ...]:
    """The colours mixed with cream, or darkened."""
    target, share = (CREAM, LIGHTEST * tone) if tone > 0 else ((0.0, 0.0, 0.0), -DARKEST * tone)
    return tuple(
        (
            red + (target[0] - red) * share,
            green + (target[1] - green) * share,
            blue + (target[2] - blue) * share,
        )
        for red, green, blue in colours
    )


def _print_dots(brand: Brand, frac: float) -> Brand:
    """The brand with dots on that fraction of its garments, and its other prints on the rest as often as ever."""
    dots = [one for one in brand.prints if one.pattern == "dots"]
    others = [one for one in brand.prints if one.pattern != "dots"]
    print_share = frac + (1 - frac) * brand.print_share
    n_dots = round(PRINTS_OF_TWENTY * frac / print_share)
    prints: list[Print] = [dots[place % len(dots)] for place in range(n_dots)]
    prints += [others[place % len(others)] for place in range(PRINTS_OF_TWENTY - n_dots)]
    return replace(brand, prints=tuple(prints), print_share=print_share)
