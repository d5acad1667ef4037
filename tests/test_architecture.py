"""The house stands as DESIGN says: layers, lint, types, and every stage's dependencies cover what it imports."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest
import yaml

from fashiongen import config
from fashiongen.profiles import validate

ROOT = Path(__file__).parent.parent
STAGES = [
    "scrape",
    "dedup",
    "deepfashion_to_coco",
    "train_detector",
    "select_detector",
    "crop_pinterest",
    "train_dcgan",
    "evaluate",
]
SOURCES = [
    ("data/demo/dvc.yaml", "demo"),
    ("data/street/dvc.yaml", "find_ccp"),
    ("data/street/dvc.yaml", "street"),
    ("data/thesis/dvc.yaml", "find_deepfashion"),
]
PROFILES = ["demo", "street", "thesis"]


def read_stages(file: str) -> dict[str, dict]:
    """The stages of a dvc.yaml by name, without their foreach."""
    stages = yaml.safe_load((ROOT / file).read_text())["stages"]
    return {name: stage.get("do", stage) for name, stage in stages.items()}


@pytest.fixture(scope="session")
def graph():
    return grimp.build_graph("fashiongen", "stages")


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["lint-imports"], ["mypy"]],
    ids=" ".join,
)
def test_the_tree_passes(command):
    result = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_pipeline_has_exactly_the_stages_of_the_design():
    assert list(read_stages("dvc.yaml")) == STAGES


def upstream(graph, module: str) -> set[str]:
    """The modules that `module` imports, the detector's engines among them, which are imported by their name."""
    found = set(graph.find_upstream_modules(module))
    if "fashiongen.detector.engine" in found:
        for engine in graph.find_children("fashiongen.detector.engines"):
            found |= {engine, *graph.find_upstream_modules(engine)}
    return found


@pytest.mark.parametrize(
    ("file", "name"),
    [("dvc.yaml", name) for name in STAGES] + SOURCES,
)
def test_the_deps_of_a_stage_are_the_modules_it_imports(graph, file, name):
    """A change of any imported module makes the stage stale, and a change of no other does."""
    deps = [(ROOT / dep).resolve() for dep in read_stages(file)[name]["deps"] if "$" not in dep]
    sources = {
        path for path in deps if path.is_relative_to(ROOT / "fashiongen") or path.is_relative_to(ROOT / "stages")
    }
    assert all(path.exists() for path in sources)
    imported = {module_path(module) for module in {f"stages.{name}", *upstream(graph, f"stages.{name}")}}
    imported = {path for path in imported if path.read_text().strip()}
    uncovered = {path for path in imported if not any(path.is_relative_to(source) for source in sources)}
    needless = {source for source in sources if not any(path.is_relative_to(source) for path in imported)}
    assert (uncovered, needless) == (set(), set())


def module_path(module: str) -> Path:
    path = ROOT / Path(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_loads_and_says_its_name(name):
    path = ROOT / "profiles" / f"{name}.yaml"
    assert validate(config.read_yaml(path), path).profile == name


def test_the_committed_params_are_the_demo_profile():
    committed = [
        subprocess.run(["git", "show", f"HEAD:{name}"], cwd=ROOT, capture_output=True, check=True).stdout
        for name in ("params.yaml", "profiles/demo.yaml")
    ]
    assert committed[0] == committed[1]


def test_init_files_are_empty():
    assert [path for path in (ROOT / "fashiongen").rglob("__init__.py") if path.read_text()] == []
