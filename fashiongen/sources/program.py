"""The version of the local test site's program."""

import hashlib
from pathlib import Path

# The import makes the stages that write boards depend on the whole program: see fashiongen/runtime/code.py.
from fashiongen.sources.standin import __main__ as program

FOLDER = Path(str(program.__file__)).parent


def hash_program(folder: Path = FOLDER) -> str:
    """One SHA-256 over the names and contents of the program's files: code, templates, scripts and style sheet."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
