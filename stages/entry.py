"""How every stage starts: argv to `main`, and an expected error as one line on stderr."""

import inspect
import sys
from collections.abc import Callable

from fashiongen.errors import FashiongenError


def run(main: Callable[..., None]) -> None:
    """Call `main` with the command line's words; a FashiongenError is printed as one line and exits with status 1.

    So are words too many or too few, with status 2.
    """
    try:
        inspect.signature(main).bind(*sys.argv[1:])
    except TypeError as error:
        print(f"error: {' '.join(sys.argv)}: {error}; see the stage's cmd in dvc.yaml", file=sys.stderr)
        raise SystemExit(2) from None
    try:
        main(*sys.argv[1:])
    except FashiongenError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None
