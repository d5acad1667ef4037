"""The code that a stage runs: what makes it stale, and its checkpoints unusable."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fashiongen.cli.code_deps import PIPELINES, write_code_deps
from fashiongen.runtime.code import ROOT, WITHOUT_EFFECT, find_modules, find_sources, hash_code

RESUMABLE = ["train_detector", "crop_pinterest", "train_dcgan"]
SCRIPTS = sorted(path.stem for path in (ROOT / "stages").glob("*.py") if "def main(" in path.read_text())

IMPORTED_BY_THEM = ("fashiongen.config", "fashiongen.errors", "fashiongen.files")

IMPORT_ALL = """
import sys
import stages.{stage}
names = [name for name, module in sys.modules.items() if name.startswith(("fashiongen.", "stages."))]
print(*(name for name in names if open(sys.modules[name].__file__).read()))
"""


@pytest.mark.parametrize("stage", SCRIPTS)
def test_every_module_that_a_stage_imports_is_found(stage):
    """Python's own record of what an import loaded is the oracle."""
    command = [sys.executable, "-c", IMPORT_ALL.format(stage=stage)]
    loaded = set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())
    assert loaded - set(find_modules(stage)) <= {*WITHOUT_EFFECT, *IMPORTED_BY_THEM}


def test_what_is_imported_inside_a_function_is_found():
    assert "fashiongen.detector.engines.detectron2_engine" in find_modules("train_detector")


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> Path:
    """A copy of the code, whose files may be touched."""
    root = tmp_path_factory.mktemp("code")
    for name in ("fashiongen", "stages"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.mark.parametrize("stage", RESUMABLE)
def test_a_touch_of_any_module_that_a_resumable_stage_imports_changes_its_hash(copied, stage):
    before = hash_code(stage, copied)
    for source in find_sources(stage, copied):
        content = source.read_bytes()
        source.write_bytes(content + b"\n")
        assert hash_code(stage, copied) != before, source
        source.write_bytes(content)
    assert hash_code(stage, copied) == before


@pytest.mark.parametrize("stage", RESUMABLE)
@pytest.mark.parametrize("name", ["stages/entry.py", "fashiongen/runtime/costs.py", "fashiongen/cli/main.py"])
def test_what_starts_and_measures_a_stage_changes_no_hash(copied, stage, name):
    before = hash_code(stage, copied)
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content + b"\n")
    assert hash_code(stage, copied) == before
    (copied / name).write_bytes(content)


@pytest.mark.parametrize("name", PIPELINES)
def test_the_deps_in_dvc_yaml_are_what_the_command_writes(name):
    assert write_code_deps(ROOT / name) == (ROOT / name).read_text(), "run `make deps`"
