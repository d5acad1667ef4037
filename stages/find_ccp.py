"""See that the street photographs are in place; say how to get them where they are not."""

import os
from pathlib import Path

from fashiongen.files import write_text
from fashiongen.sources.street.ccp import ENVIRONMENT_NAME, provide_ccp
from stages.entry import run

STREET = Path("data/street")


def main() -> None:
    provide_ccp(STREET / "ccp", os.environ.get(ENVIRONMENT_NAME))
    write_text(STREET / "found.txt", f"The photographs are in {STREET / 'ccp'}.\n")


if __name__ == "__main__":
    run(main)
