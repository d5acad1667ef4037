"""Starts a stage: passes the backbone or variant to `main` and prints an expected error as one line on stderr."""

import inspect
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from fashiongen import config
from fashiongen.costs import measured
from fashiongen.errors import FashiongenError, explain_refusal

STOPPED = 130  # the status of what Ctrl-C ended, as shells have it
STAGE_VARIABLE = "DVC_STAGE"  # DVC tells a stage its address: train_detector@resnet18, data/demo/dvc.yaml:demo


def run(main: Callable[..., None]) -> None:
    """Call `main` with the command line's arguments, or with the item that DVC runs, and measure the cost under DVC.

    A FashiongenError is printed as one line and ends the process with status 1; a wrong number of arguments, with
    status 2; Ctrl-C, with status 130.
    """
    signature = inspect.signature(main)
    arguments = sys.argv[1:] or (_read_item() if signature.parameters else [])
    try:
        signature.bind(*arguments)
    except TypeError as error:
        usage = " ".join([f"python -m stages.{Path(sys.argv[0]).stem}", *map(str.upper, signature.parameters)])
        print(f"error: {' '.join(sys.argv)}: {error}; usage: {usage}", file=sys.stderr)
        raise SystemExit(2) from None
    try:
        with _measurement():
            main(*arguments)
    except FashiongenError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print("stopped; run again to go on with what is kept", file=sys.stderr)
        raise SystemExit(STOPPED) from None
    except (OSError, MemoryError, RuntimeError) as error:
        if (explained := explain_refusal(error)) is None:
            raise
        print(f"error: {explained}", file=sys.stderr)
        raise SystemExit(1) from None


def _read_item() -> list[str]:
    """The item of the matrix or foreach that DVC runs, if any.

    A stage reads it here and not from its cmd: names in params.yaml must not pass through a shell.
    """
    item = os.environ.get(STAGE_VARIABLE, "").partition("@")[2]
    return [item] if item else []


def _measurement() -> AbstractContextManager[None]:
    address = os.environ.get(STAGE_VARIABLE)
    if address is None:
        return nullcontext()
    profile = config.require_slug(str(config.section(config.read_yaml(config.PARAMS_FILE), "profile")), "profile")
    return measured(address.rpartition(":")[2], profile)
