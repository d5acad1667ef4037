"""The season that a catalogue names, or else of the shows before a pin, as a time that can be sorted."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

# In the order in which a year's collections are sold: Resort 2026 from November 2025, spring, pre-fall, fall.
PARTS: Final = ("Resort", "SS", "Pre-Fall", "FW")
_WORDS = {
    "Resort": r"resort|cruise|pre[\s-]?spring|pre[\s-]?ss",
    "Pre-Fall": r"pre[\s-]?fall|pre[\s-]?autumn|pre[\s-]?fw|pf",
    "SS": r"s\s?/?\s?s|spring(?:\s?[/&-]?\s?summer)?|summer",
    "FW": r"[fa]\s?/?\s?w|(?:fall|autumn)(?:\s?[/&-]?\s?winter)?|winter",
}
_PART = re.compile("|".join(f"(?P<p{number}>{words})" for number, words in enumerate(_WORDS.values())), re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:(?P<whole>19\d\d|20\d\d)|['’]?(?P<short>\d\d))(?:\s?[/–-]\s?(?:20)?\d\d)?(?!\d)")
FIRST_FALL_MONTH, FIRST_SPRING_MONTH = 2, 9  # in which the shows of a fall, and of the next spring, begin
_FIRST_SHORT = 70  # '70 to '99 are of the last century


@dataclass(frozen=True, order=True)
class Season:
    """A season of a year; earlier ones are smaller."""

    year: int
    place: int  # in PARTS

    def __str__(self) -> str:
        part = PARTS[self.place]
        return f"{part}{self.year % 100:02}" if part in ("SS", "FW") else f"{part} {self.year}"


@lru_cache(maxsize=1024)  # a million garments have a few hundred texts
def parse_season(text: str) -> Season | None:
    """The season in `SS26`, `F/W 2026`, `Autumn/Winter 2025-26`, `Resort '24`; None if the text names none, or several.

    A pair of years is a winter's: the first one counts.
    """
    years = list(_YEAR.finditer(text))
    if len(years) != 1:
        return None
    (year,) = years
    found = list(_PART.finditer(text[: year.start()] + " " + text[year.end() :]))
    names = {list(_WORDS)[int(one.lastgroup[1:])] for one in found if one.lastgroup and _is_word(one)}
    if len(names) != 1:
        return None
    whole, short = year["whole"], year["short"]
    number = int(whole) if whole else int(short) + (1900 if int(short) >= _FIRST_SHORT else 2000)
    return Season(number, PARTS.index(names.pop()))


def date_season(pinned_on: str) -> Season | None:
    """The season whose shows were the last ones before a pin of that day, as in `2026-01-24`; None without a day.

    Fall is shown from February on, the next year's spring from September on. It is a guess: a pin may be of an older
    show.
    """
    if not pinned_on:
        return None
    day = date.fromisoformat(pinned_on)
    if FIRST_FALL_MONTH <= day.month < FIRST_SPRING_MONTH:
        return Season(day.year, PARTS.index("FW"))
    return Season(day.year + (day.month >= FIRST_SPRING_MONTH), PARTS.index("SS"))


def _is_word(found: re.Match[str]) -> bool:
    """Whether no letter stands before or after it."""
    around = (found.string[: found.start()][-1:], found.string[found.end() :][:1])
    return not any(letter.isalpha() for letter in around)
