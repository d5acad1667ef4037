"""Checks of the command line's arguments."""

from fashiongen.config import MAX_SEED, SLUG_RULE, is_slug
from fashiongen.errors import BadArgument
from fashiongen.files import shorten


def require_slug(name: str) -> str:
    """The same name, which becomes part of a path.

    Raises:
        BadArgument: it is not safe there.
    """
    if not is_slug(name):
        raise BadArgument(f"{shorten(repr(name), 60)}: {SLUG_RULE}")
    return name


def require_seed(seed: int) -> int:
    """The same seed.

    Raises:
        BadArgument: it is outside the range of seeds in params.yaml.
    """
    if not 0 <= seed <= MAX_SEED:
        raise BadArgument(f"--seed {shorten(seed, 20)}: give a number from 0 to {MAX_SEED}")
    return seed


def require_positive(option: str, value: int | None) -> None:
    """Accept a count, or None for an option that was not given.

    Raises:
        BadArgument: it is below 1.
    """
    if value is not None and value < 1:
        raise BadArgument(f"{option} {value}: ask for 1 or more")
