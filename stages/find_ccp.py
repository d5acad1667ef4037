"""Check that the street photographs are in place; if not, the error says how to get them."""

import os
from pathlib import Path

from fashiongen.files import write_text
from fashiongen.sources.street.ccp import ENVIRONMENT_NAME, provide_ccp
from stages.entry import run

STREET = Path("data/street")


def main() -> None:
    """Write data/street/found.txt, on which the stage `street` depends."""
    provide_ccp(STREET / "ccp", os.environ.get(ENVIRONMENT_NAME))
    write_text(STREET / "found.txt", f"The photographs are in {STREET / 'ccp'}.\n")


if __name__ == "__main__":
    run(main)
