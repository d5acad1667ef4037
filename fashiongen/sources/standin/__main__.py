"""Serve a stand-in site until Ctrl-C, for a person with a browser: `python -m fashiongen.sources.standin FOLDER`."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from fashiongen.errors import FashiongenError
from fashiongen.sources.standin.database import ACCOUNT
from fashiongen.sources.standin.server import ANY_PORT, serve


def _port(text: str) -> int:
    if not (text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to 65535")
    return int(text)


def main() -> int:
    """Serve, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m fashiongen.sources.standin", description="Serve a stand-in site.")
    parser.add_argument("folder", type=Path, help="holds boards.json and images/, such as data/demo/boards/site")
    parser.add_argument("--port", type=_port, default=ANY_PORT, help="0, the default, takes any free port")
    arguments = parser.parse_args()
    for stop in (signal.SIGINT, signal.SIGTERM):  # a shell's background job starts deaf to the first
        signal.signal(stop, signal.default_int_handler)
    try:
        with serve(arguments.folder, port=arguments.port) as site:
            print(f"{site.url}/  email {ACCOUNT.email}  password {ACCOUNT.password}  (Ctrl-C stops it)", flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except FashiongenError as error:
        print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
