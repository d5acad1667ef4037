"""Serve a local test site as a program of its own: `python -m fashiongen.sources.standin FOLDER`.

Once the site answers, it prints `site ADDRESS` and `images ADDRESS`, a line each, and how to sign in.
"""

import argparse
import signal
import sys
import threading
from pathlib import Path

from fashiongen.errors import FashiongenError
from fashiongen.sources.standin.database import read_account
from fashiongen.sources.standin.server import ANY_PORT, serve


def main() -> int:
    """Serve until a signal or, if asked for, the end of stdin; returns the exit status."""
    arguments = _parse_arguments()
    for stop in (signal.SIGINT, signal.SIGTERM):  # a shell makes its background jobs ignore the first
        signal.signal(stop, signal.default_int_handler)
    try:
        account = read_account(arguments.folder)
        with serve(arguments.folder, port=arguments.port) as site:
            print(f"site {site.url}\nimages {site.image_host}", flush=True)
            print(
                f"Sign in as {account.email} with the password {account.password}. Ctrl-C stops the site.", flush=True
            )
            _wait(until_stdin_ends=arguments.until_stdin_ends)
    except KeyboardInterrupt:
        return 0
    except FashiongenError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m fashiongen.sources.standin", description="Serve a local test site."
    )
    parser.add_argument("folder", type=Path, help="holds boards.json and images/, such as data/demo/boards/site")
    parser.add_argument("--port", type=_port, default=ANY_PORT, help="0, the default, takes any free port")
    parser.add_argument(
        "--until-stdin-ends",
        action="store_true",
        help="stop when stdin is closed: for a program that starts the site and may be killed",
    )
    return parser.parse_args()


def _port(text: str) -> int:
    if not (text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to 65535")
    return int(text)


def _wait(*, until_stdin_ends: bool) -> None:
    if until_stdin_ends:
        sys.stdin.buffer.read()
    else:
        threading.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
