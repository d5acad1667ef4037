"""The code that a stage runs, by its import graph.

One graph answers two questions: which files make the stage stale (its `deps` in dvc.yaml, written by `make deps`), and
which make its checkpoint unusable (`hash_code`).
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PACKAGES = ("fashiongen", "stages")
WITHOUT_EFFECT = ("stages.entry", "fashiongen.runtime.costs")  # on what a stage writes: they start and measure it


@cache
def _graph() -> grimp.ImportGraph:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    for module in WITHOUT_EFFECT:
        graph.remove_module(module)
    return graph


def find_modules(stage: str) -> list[str]:
    """The modules of this project that `stages.<stage>` runs: itself, and all that it imports, directly or not."""
    module = f"stages.{stage}"
    return sorted({module, *_graph().find_upstream_modules(module)})


def find_sources(stage: str, root: Path = ROOT) -> list[Path]:
    """The files of those modules, sorted, without empty ones, and the data files that lie in their packages."""
    modules = [_find_file(root, module) for module in find_modules(stage)]
    packages = {path.parent for path in modules} - {root / name for name in PACKAGES}
    data = {path for package in packages for path in _find_data(package)}
    return sorted({path for path in modules if path.stat().st_size} | data)


def _find_file(root: Path, module: str) -> Path:
    path = root / Path(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _find_data(package: Path) -> Iterable[Path]:
    """Files beside the modules of a package, and in folders that hold no modules, such as templates."""
    for path in package.iterdir():
        if path.is_dir():
            if path.name != "__pycache__" and not any(path.glob("*.py")):
                yield from (file for file in path.rglob("*") if file.is_file())
        elif path.suffix not in (".py", ".pyc"):
            yield path


def hash_code(stage: str, root: Path = ROOT) -> str:
    """One hash over the paths and contents of `find_sources`."""
    digest = hashlib.sha256()
    for source in find_sources(stage, root):
        digest.update(source.relative_to(root).as_posix().encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()
