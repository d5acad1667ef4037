"""Write the code that each stage runs into its `deps` in the dvc.yaml files; `make deps` runs it."""

import textwrap
from collections.abc import Iterable
from pathlib import Path

import yaml

from fashiongen.files import write_text
from fashiongen.runtime.code import PACKAGES, ROOT, find_sources

PIPELINES = ("dvc.yaml", "data/demo/dvc.yaml", "data/street/dvc.yaml", "data/thesis/dvc.yaml")
COMMAND = "python -m stages."  # a stage's cmd starts with it
BEGIN, MARKER, END = "deps: [", "# code", "]"  # lines of a dvc.yaml: the code stands between the last two
LINE_LENGTH = 120


def main() -> None:
    """Write all four files; a file in which nothing changed stays as it is."""
    for name in PIPELINES:
        write_text(ROOT / name, write_code_deps(ROOT / name))


def write_code_deps(path: Path, root: Path = ROOT) -> str:
    """The text of a dvc.yaml in which the code deps of each stage are what its script imports.

    In each list `deps: [ ... ]` the lines from `# code` to `]` are replaced; all other lines stay as they are.
    """
    text = path.read_text(encoding="utf-8")
    scripts = {name: _find_script(stage) for name, stage in yaml.safe_load(text)["stages"].items()}
    lines: list[str] = []
    stage, is_code = "", False
    for line in text.splitlines():
        word, indent = line.strip(), len(line) - len(line.lstrip())
        if indent == 2 and word.partition(":")[0] in scripts:
            stage = word.partition(":")[0]
        if word == END:
            is_code = False
        if not is_code:
            lines.append(line)
        if word == MARKER:
            is_code = True
            lines += _write_paragraph(join_folders(find_sources(scripts[stage], root), root), root, " " * indent)
    return "\n".join(lines) + "\n"


def _find_script(stage: dict[str, object]) -> str:
    """The name of the script that a stage, or each item of its foreach, runs."""
    inner = stage.get("do", stage)
    assert isinstance(inner, dict)
    return str(inner["cmd"]).removeprefix(COMMAND).split()[0]


def _write_paragraph(paths: Iterable[Path], root: Path, indent: str) -> list[str]:
    """Paths with commas between them, broken into lines."""
    text = ", ".join(path.relative_to(root).as_posix() for path in paths)
    return textwrap.wrap(
        text,
        LINE_LENGTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def join_folders(sources: Iterable[Path], root: Path) -> list[Path]:
    """The files, with a folder in place of its files where the stage uses all that it holds.

    Scripts come first, then folders, then files. The packages themselves are never joined.
    """
    sources = set(sources)
    joined = set(sources)
    tops = {root, *(root / name for name in PACKAGES)}
    folders = {folder for path in sources for folder in path.parents if root in folder.parents} - tops
    for folder in sorted(folders, reverse=True):  # inner folders first
        if {path for path in folder.rglob("*") if path.is_file() and _has_content(path)} <= sources:
            joined = {path for path in joined if folder not in path.parents} | {folder}
    return sorted(joined, key=lambda path: (path.relative_to(root).parts[0] != "stages", path.suffix == ".py", path))


def _has_content(path: Path) -> bool:
    """Whether a file is neither compiled nor empty."""
    return path.parent.name != "__pycache__" and path.stat().st_size > 0


if __name__ == "__main__":
    main()
