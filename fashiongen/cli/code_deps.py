"""Write the code that each stage runs into its `deps` in the dvc.yaml files; `make deps` runs it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from fashiongen.files import write_text
from fashiongen.runtime.code import PACKAGES, ROOT, find_sources

PIPELINES = ("dvc.yaml", "data/demo/dvc.yaml", "data/street/dvc.yaml", "data/thesis/dvc.yaml")
MODULE = "python -m stages."  # what a stage's cmd starts with


def main() -> None:
    """Write all four files; where nothing changed, they stay as they are."""
    for name in PIPELINES:
        write_text(ROOT / name, write_code_deps(ROOT / name))


def write_code_deps(path: Path, root: Path = ROOT) -> str:
    """The text of a dvc.yaml in which each stage's dependencies on code are those of its imports.

    They stand after the other dependencies; all else, comments included, stays as it is.
    """
    text = path.read_text(encoding="utf-8")
    scripts = {name: _find_script(stage) for name, stage in yaml.safe_load(text)["stages"].items()}
    lines: list[str] = []
    stage, deps_indent = "", None  # where in the file: below a stage, inside its list
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if deps_indent is not None and line.strip() and indent <= deps_indent:
            deps_indent = None
            lines += _write_list(scripts[stage], root, " " * (indent + 2))
        if indent == 2 and (name := line.strip().partition(":")[0]) in scripts:
            stage = name
        if deps_indent is None and line.strip() == "deps:":
            deps_indent = indent
        elif deps_indent is not None and _is_code(line):
            continue
        lines.append(line)
    return "\n".join(lines) + "\n"


def _find_script(stage: dict[str, object]) -> str:
    """The name of the script that a stage, or the items of its foreach, runs."""
    inner = stage.get("do", stage)
    assert isinstance(inner, dict)
    command = inner["cmd"]
    return str(command).split(MODULE)[1].split()[0]


def _is_code(line: str) -> bool:
    return any(line.strip().startswith(f"- {package}/") for package in PACKAGES)


def _write_list(script: str, root: Path, indent: str) -> Iterator[str]:
    for path in join_folders(find_sources(script, root), root):
        yield f"{indent}- {path.relative_to(root).as_posix()}"


def join_folders(sources: Iterable[Path], root: Path) -> list[Path]:
    """A folder in the place of its files where all that it holds are among them; scripts first, then packages."""
    joined = set(sources)
    folders = sorted({folder for path in joined for folder in path.parents if root in folder.parents}, reverse=True)
    for folder in folders:
        held = {path for path in folder.rglob("*") if path.is_file() and _counts(path)}
        if folder.name not in PACKAGES and held <= {path for path in sources if folder in path.parents}:
            joined = {path for path in joined if folder not in path.parents} | {folder}
    return sorted(joined, key=lambda path: (path.relative_to(root).parts[0] != "stages", path.suffix == ".py", path))


def _counts(path: Path) -> bool:
    """Neither compiled nor empty."""
    return path.parent.name != "__pycache__" and path.stat().st_size > 0


if __name__ == "__main__":
    main()
