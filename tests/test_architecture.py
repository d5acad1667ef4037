"""The house stands as DESIGN says: layers, lint, types and profiles."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fashiongen import config
from fashiongen.cli.profiles import validate

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
PROFILES = ["demo", "street", "thesis"]


def read_stages(file: str) -> dict[str, dict]:
    """The stages of a dvc.yaml by name, without their foreach."""
    stages = yaml.safe_load((ROOT / file).read_text())["stages"]
    return {name: stage.get("do", stage) for name, stage in stages.items()}


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
