"""The layers, lint, types and profiles are as docs/architecture.md says."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fashiongen.cli.profiles import compose

ROOT = Path(__file__).parent.parent
STAGES = [
    "scrape",
    "dedup",
    "deepfashion_to_coco",
    "train_detector",
    "select_detector",
    "crop_pinterest",
    "trends",
    "train_dcgan",
    "evaluate",
    "propose",
    "report",
]


def read_stages(file: str) -> dict[str, dict]:
    """The stages of a dvc.yaml by name, without their foreach."""
    stages = yaml.safe_load((ROOT / file).read_text())["stages"]
    return {name: stage.get("do", stage) for name, stage in stages.items()}


@pytest.mark.slow
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


def test_the_pipeline_has_exactly_the_stages_of_the_list():
    assert list(read_stages("dvc.yaml")) == STAGES


def test_the_committed_params_are_the_demo_profile(tmp_path):
    def committed(name: str) -> bytes:
        return subprocess.run(["git", "show", f"HEAD:{name}"], cwd=ROOT, capture_output=True, check=True).stdout

    for name in ("base.yaml", "demo.yaml"):
        (tmp_path / name).write_bytes(committed(f"profiles/{name}"))
    assert compose("demo", tmp_path) == committed("params.yaml").decode()


def read_params_file(path: Path) -> list[str]:
    """The lines of a module that read params.yaml: what `fashiongen.config` offers for it, by whatever name."""
    names = {"PARAMS_FILE", "load"}
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.ImportFrom(module="fashiongen.config", names=imported):
                found += [f"{path}:{node.lineno}" for alias in imported if alias.name in names]
            case ast.Attribute(value=ast.Name(id="config"), attr=attribute) if attribute in names:
                found.append(f"{path}:{node.lineno}")
            case ast.Call(args=[ast.Constant(value=str(text)), *_]) if text.endswith("params.yaml"):
                found.append(f"{path}:{node.lineno}")
    return found


def test_only_stages_and_commands_read_params_yaml():
    library = [
        path for path in (ROOT / "fashiongen").rglob("*.py") if path.parts[-2] != "cli" and path.name != "config.py"
    ]
    assert [line for path in library for line in read_params_file(path)] == []
    stages = [line for path in (ROOT / "stages").glob("*.py") for line in read_params_file(path)]
    assert len(stages) > 5


def test_init_files_are_empty():
    assert [path for path in (ROOT / "fashiongen").rglob("__init__.py") if path.read_text()] == []
