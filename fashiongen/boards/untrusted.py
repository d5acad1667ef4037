"""Values of the web's JSON, of which any may have any type: each is read as what is expected there, or as nothing."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

MAX_CHARS = 500  # of a title: more is no title, and a table's cell has a limit
MAX_URL_CHARS = 2000
MAX_DIGITS = 18  # of a whole number: Python refuses to read thousands
MAX_DATE_CHARS = 64
YEARS = range(2009, 2100)  # in which something can be pinned: the site began in 2009
FORMULA_MARKS = ("=", "+", "-", "@")  # how a cell begins that a spreadsheet computes

_PIN_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


def parse_json(text: str) -> Any:
    """The value of a JSON text; a number that Python would refuse, or that is none, is None.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return json.loads(text, parse_int=_parse_int, parse_constant=lambda _: None)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _parse_int(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


def mapping(value: Any) -> Mapping[str, Any]:
    """An object; an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A list; an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def line(value: Any) -> str:
    """A text as one line that can stand in a table; empty in place of anything else.

    Half an emoji becomes U+FFFD. A text that a spreadsheet would take as a formula gets an apostrophe before it.
    """
    if not isinstance(value, str):
        return ""
    text = " ".join(value[: 4 * MAX_CHARS].encode(errors="replace").decode().replace("\0", " ").split())
    text = text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS - 1]}…"
    return f"'{text}" if text.startswith(FORMULA_MARKS) else text


def web_address(value: Any) -> str:
    """An http or https address without spaces; empty in place of anything else."""
    if not isinstance(value, str) or len(value) > MAX_URL_CHARS or not re.match(r"https?://", value, re.IGNORECASE):
        return ""
    return "" if re.search(r"[\s\x00-\x1f\ud800-\udfff]", value) else value


def whole_number(value: Any) -> int | None:
    """A positive number of pixels or pins, rounded; None in place of anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return round(value) if 0 < value < 10**MAX_DIGITS else None


def utc_day(value: Any) -> str:
    """The day in UTC, as `2026-01-24`, of a time such as `Sat, 24 Jan 2026 10:11:12 +0000`; empty for anything else."""
    if not isinstance(value, str) or len(value) > MAX_DATE_CHARS:
        return ""
    try:
        time = parsedate_to_datetime(value)
        day = (time.astimezone(UTC) if time.tzinfo else time).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
    return day.isoformat() if day.year in YEARS else ""


def pin_id(value: Any) -> str | None:
    """An id of letters, digits, - and _; None in place of anything else."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and _PIN_ID.fullmatch(text) else None
