"""Files that end or block DVC when it hashes the folder that they are in."""

import os
from collections.abc import Iterator
from pathlib import Path

from fashiongen.errors import BadInput


def require_hashable(folder: Path) -> None:
    """Refuse a folder with a file that DVC cannot hash: `dvc repro` would end without its name, or wait for ever.

    Raises:
        BadInput: there is such a file; the message names the first and says what to do.
    """
    for path in _list_files(folder):
        if fault := _find_fault(path):
            raise BadInput(f"{os.fsencode(path).decode(errors='backslashreplace')}: {fault}")


def _list_files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        yield from (Path(root) / name for name in (*folders, *files))


def _find_fault(path: Path) -> str | None:
    if not _is_utf8(path):
        return "its name is not UTF-8, which DVC needs: rename it"
    if not path.exists():
        return "a link that leads nowhere, which DVC cannot hash: correct or delete it"
    if not (path.is_file() or path.is_dir()):
        return "neither a file nor a folder, and DVC would wait for it for ever: delete it"
    if not os.access(path, os.R_OK):
        return "cannot be read, so DVC cannot hash it: change its owner or its mode"
    return None


def _is_utf8(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True
