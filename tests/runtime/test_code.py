"""The code that a stage runs: what makes it stale, and its checkpoints unusable."""

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from fashiongen.cli.code_deps import PIPELINES, join_folders, write_code_deps
from fashiongen.runtime.code import PACKAGES, ROOT, build_graph, find_modules, find_sources, hash_code, is_data

SCRIPTS = sorted(path.stem for path in (ROOT / "stages").glob("*.py") if "def main(" in path.read_text())
TRAININGS = ["train_detector", "train_dcgan"]
LOADED_BY_ENTRY = {  # what stages/entry.py imports, whatever the stage
    "stages.entry",
    "fashiongen.config",
    "fashiongen.errors",
    "fashiongen.files",
    "fashiongen.costs",
}

IMPORT_EACH = """
import importlib, sys
for stage in sys.argv[1:]:
    for name in [name for name in sys.modules if name.split(".")[0] in ("fashiongen", "stages")]:
        del sys.modules[name]
    importlib.import_module(f"stages.{stage}")
    names = [name for name in sys.modules if name.startswith(("fashiongen.", "stages."))]
    print(*(name for name in names if open(sys.modules[name].__file__).read()))
"""


@pytest.fixture(scope="module")
def loaded(warm_commands) -> dict[str, set[str]]:
    """Python's own record of the modules that an import of each stage loads."""
    command = [warm_commands / "bin/python", "-c", IMPORT_EACH, *SCRIPTS]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    lines = ran.stdout.splitlines()
    return {stage: set(line.split()) for stage, line in zip(SCRIPTS, lines, strict=True)}


@pytest.mark.slow
@pytest.mark.parametrize("stage", SCRIPTS)
def test_every_module_that_a_stage_imports_is_found(loaded, stage):
    assert loaded[stage] - set(find_modules(stage)) <= LOADED_BY_ENTRY


def test_an_import_inside_a_function_counts():
    assert "fashiongen.detector.engines.detectron2_engine" in find_modules("train_detector")


@pytest.mark.parametrize(
    ("statement", "counts"),
    [
        ("import toy.other", True),
        ("import toy.other as name", True),
        ("from toy import other", True),
        ("from toy import other as name", True),
        ("from toy.other import value", True),
        ("def call():\n    from toy.other import value", True),
        ("try:\n    import toy.other\nexcept ImportError:\n    pass", True),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import toy.other", False),
        ("name = 'toy.other'  # import toy.other", False),
    ],
)
def test_each_way_to_import_counts_if_it_runs(tmp_path, monkeypatch, statement, counts):
    for name, text in (("__init__", ""), ("other", "value = 1\n"), ("script", f"{statement}\n")):
        (tmp_path / "toy").mkdir(exist_ok=True)
        (tmp_path / f"toy/{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert ("toy.other" in build_graph("toy").find_upstream_modules("toy.script")) is counts


def test_no_module_is_loaded_by_its_name_as_a_string():
    """The graph does not see such an import."""
    loaders = {"import_module", "__import__", "run_module", "run_path"}
    found = [
        f"{path}:{node.lineno}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and loaders & {getattr(node.func, "id", None), getattr(node.func, "attr", None)}
    ]
    assert found == []


def test_every_data_file_counts_for_the_stages_that_import_its_reader():
    data = {path for package in PACKAGES for path in (ROOT / package).rglob("*") if is_data(path) and path.is_file()}
    data = {path for path in data if "__pycache__" not in path.parts}
    assert len(data) > 5
    for path in data:
        folder = next(folder for folder in path.parents if any(folder.glob("*.py")))
        entry = path.relative_to(folder).parts[0]
        readers = [module for module in folder.glob("*.py") if f'"{entry}"' in module.read_text()]
        assert readers, f"no module beside it names {path}"


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> Path:
    """A copy of the code, whose files may be edited."""
    root = tmp_path_factory.mktemp("code")
    for name in ("fashiongen", "stages"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def test_a_data_file_counts_only_if_its_reader_is_imported(copied, tmp_path):
    """No stage imports unused.py, so the file that it reads is no source of the stage that runs its neighbours."""
    root = shutil.copytree(copied, tmp_path / "code")
    folder = root / "fashiongen/sources/demo"
    (folder / "unused.py").write_text('TABLE = "unused.yaml"\n')
    (folder / "unused.yaml").write_text("a: 1\n")
    found = find_sources("demo", root)
    assert folder / "silhouettes.yaml" in found
    assert folder / "unused.yaml" not in found
    (folder / "head.py").write_text('TABLE = "unused.yaml"\n')
    assert folder / "unused.yaml" in find_sources("demo", root)


@pytest.mark.slow
@pytest.mark.parametrize("stage", SCRIPTS)
def test_an_edit_of_any_source_changes_the_hash(copied, stage):
    before = hash_code(stage, copied)
    for source in find_sources(stage, copied):
        content = source.read_bytes()
        source.write_bytes(content + b"\n")
        assert hash_code(stage, copied) != before, source
        source.write_bytes(content)
    assert hash_code(stage, copied) == before


def hashes_after_an_edit(root: Path, name: str) -> dict[str, bool]:
    """For each stage, whether an edit of a file changes its hash."""
    before = {stage: hash_code(stage, root) for stage in SCRIPTS}
    content = (root / name).read_bytes()
    (root / name).write_bytes(content + b"\n")
    after = {stage: hash_code(stage, root) for stage in SCRIPTS}
    (root / name).write_bytes(content)
    return {stage: before[stage] != after[stage] for stage in SCRIPTS}


@pytest.mark.parametrize("name", ["stages/entry.py", "fashiongen/cli/main.py", "fashiongen/cli/code_deps.py"])
def test_an_edit_of_what_starts_a_stage_changes_no_hash(copied, name):
    assert not any(hashes_after_an_edit(copied, name).values())


def test_an_edit_of_the_costs_changes_only_the_stages_that_show_them(copied):
    """Each stage is measured by stages/entry.py, which does not count; who shows the costs imports them itself."""
    changed = {stage for stage, is_changed in hashes_after_an_edit(copied, "fashiongen/costs.py").items() if is_changed}
    showing = {stage for stage in SCRIPTS if "fashiongen.costs" in (ROOT / f"stages/{stage}.py").read_text()}
    assert changed == showing
    assert len(showing) == 1
    assert not changed & {*TRAININGS, "crop_pinterest", "scrape", "dedup", "deepfashion_to_coco"}


def read_deps(name: str) -> dict[str, tuple[str, list[Path]]]:
    """By the name of each stage in a dvc.yaml: its script, and its dependencies on code."""
    stages = yaml.safe_load((ROOT / name).read_text())["stages"]
    found = {}
    for stage, entry in stages.items():
        inner = entry.get("do", entry)
        code = [ROOT / dep for dep in inner["deps"] if dep.startswith(("fashiongen/", "stages/"))]
        found[stage] = (re.search(r"stages\.(\w+)", inner["cmd"])[1], code)
    return found


@pytest.mark.parametrize("name", PIPELINES)
def test_the_deps_in_dvc_yaml_hold_the_sources_and_nothing_else(name):
    for stage, (script, deps) in read_deps(name).items():
        held = {path for dep in deps for path in ([dep] if dep.is_file() else dep.rglob("*")) if path.is_file()}
        held = {path for path in held if path.stat().st_size and "__pycache__" not in path.parts}
        assert held == set(find_sources(script)), stage
        assert ROOT / "stages/entry.py" not in held


@pytest.mark.parametrize("name", PIPELINES)
def test_the_deps_in_dvc_yaml_are_what_the_command_writes(name):
    assert write_code_deps(ROOT / name) == (ROOT / name).read_text(), "run `make deps`"


def test_the_command_changes_nothing_but_the_code_and_repairs_that(tmp_path):
    text = (ROOT / "dvc.yaml").read_text()
    spoilt = re.sub(r"(# code\n)(.*?)(\n +\])", r"\1\3", text, flags=re.DOTALL)
    assert "stages/dedup.py" not in spoilt
    (tmp_path / "dvc.yaml").write_text(spoilt)
    assert write_code_deps(tmp_path / "dvc.yaml") == text


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two modules and a data file in a package below fashiongen, and an empty file."""
    room = tmp_path / "fashiongen/room"
    room.mkdir(parents=True)
    for name in ("one.py", "two.py", "table.yaml"):
        (room / name).write_text("text\n")
    (room / "__init__.py").touch()
    return room


def test_a_folder_stands_for_its_files_if_all_of_them_are_used(folder, tmp_path):
    used = [folder / name for name in ("one.py", "two.py", "table.yaml")]
    assert join_folders(used, tmp_path) == [folder]


@pytest.mark.parametrize("unused", ["one.py", "two.py", "table.yaml"])
def test_a_folder_does_not_stand_for_files_of_which_one_is_unused(folder, tmp_path, unused):
    used = [folder / name for name in ("one.py", "two.py", "table.yaml") if name != unused]
    assert set(join_folders(used, tmp_path)) == set(used)
