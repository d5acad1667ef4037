"""How every stage starts: argv to `main`, and an expected error as one line on stderr."""

import inspect
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from fashiongen import config
from fashiongen.errors import FashiongenError, explain_os_error
from fashiongen.runtime.costs import measured

STAGE_VARIABLE = "DVC_STAGE"  # DVC tells a stage its address: train_detector@resnet18, data/demo/dvc.yaml:demo


def run(main: Callable[..., None]) -> None:
    """Call `main` with the command line's words; a FashiongenError is printed as one line and exits with status 1.

    So are words too many or too few, with status 2. What the stage took is measured where DVC runs it.
    """
    try:
        inspect.signature(main).bind(*sys.argv[1:])
    except TypeError as error:
        print(f"error: {' '.join(sys.argv)}: {error}; see the stage's cmd in dvc.yaml", file=sys.stderr)
        raise SystemExit(2) from None
    try:
        with _measurement():
            main(*sys.argv[1:])
    except FashiongenError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except OSError as error:
        if (explained := explain_os_error(error)) is None:
            raise
        print(f"error: {explained}", file=sys.stderr)
        raise SystemExit(1) from None


def _measurement() -> AbstractContextManager[None]:
    address = os.environ.get(STAGE_VARIABLE)
    if address is None:
        return nullcontext()
    profile = config.require_slug(str(config.section(config.read_yaml(config.PARAMS_FILE), "profile")), "profile")
    return measured(address.rpartition(":")[2], profile)
