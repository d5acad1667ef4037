"""The code that a stage runs, found by following imports.

One import graph answers two questions: which files make a stage stale (its `deps` in dvc.yaml, written by `make deps`),
and which files make a checkpoint unusable (`hash_code`).

Imports inside functions count. Imports under `if TYPE_CHECKING:` do not, because they never run. `stages.entry` does
not count: it starts each stage and measures its cost, and changes no output.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PACKAGES = ("fashiongen", "stages")
ENTRY = "stages.entry"


def build_graph(*packages: str) -> grimp.ImportGraph:
    """Which module imports which, in packages on the search path."""
    return grimp.build_graph(*packages, cache_dir=None, exclude_type_checking_imports=True)


@cache
def _graph() -> grimp.ImportGraph:
    graph = build_graph(*PACKAGES)
    graph.remove_module(ENTRY)
    return graph


def find_modules(stage: str) -> list[str]:
    """The modules of this project that `stages.<stage>` runs: the script, and all that it imports, also indirectly."""
    script = f"stages.{stage}"
    return sorted({script, *_graph().find_upstream_modules(script)})


def find_sources(stage: str, root: Path = ROOT) -> list[Path]:
    """The files of the modules of a stage, without empty ones, and the data files that they read; sorted.

    A data file (template, YAML) is a dependency if a module in the same folder contains its name as a string. A folder
    of data files, such as "templates", is one if a module beside it contains the folder's name.
    """
    modules = [_find_file(root, module) for module in find_modules(stage)]
    return sorted({path for path in modules if path.stat().st_size} | set(_find_data(modules)))


def _find_file(root: Path, module: str) -> Path:
    path = root / Path(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _find_data(modules: Iterable[Path]) -> Iterator[Path]:
    modules_by_folder: defaultdict[Path, list[Path]] = defaultdict(list)
    for module in modules:
        modules_by_folder[module.parent].append(module)
    for folder, neighbours in modules_by_folder.items():
        for data in filter(is_data, folder.iterdir()):
            if any(f'"{data.name}"' in module.read_text(encoding="utf-8") for module in neighbours):
                yield from [data] if data.is_file() else (path for path in data.rglob("*") if path.is_file())


def is_data(path: Path) -> bool:
    """Whether an entry of a package's folder is a data file, or a folder that holds no modules."""
    if path.is_dir():
        return path.name != "__pycache__" and not any(path.rglob("*.py"))
    return path.suffix not in (".py", ".pyc")


def hash_code(stage: str, root: Path = ROOT) -> str:
    """One hash over the paths and contents of `find_sources`."""
    digest = hashlib.sha256()
    for source in find_sources(stage, root):
        content = source.read_bytes()
        digest.update(f"{source.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
