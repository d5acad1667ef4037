"""The stages of data/street/dvc.yaml as DVC sees them: absent in other profiles, clear about what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]


@pytest.fixture
def repository(tmp_path):
    """A repository with this source's stages and a params.yaml that leaves them out."""
    for name in ("data/street/dvc.yaml", "data/street/params.yaml", ".gitignore", ".dvc/config", ".dvcignore"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("fashiongen", "stages"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    take_part(tmp_path, [])
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def take_part(repository: Path, items: list[str]) -> None:
    (repository / "params.yaml").write_text(yaml.safe_dump({"profile": "street", "sources": {"street": items}}))


def run_dvc(repository: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {name: value for name, value in os.environ.items() if name != "FASHIONGEN_CCP"}
    return subprocess.run(
        [sys.executable, "-m", "dvc", *words],
        cwd=repository,
        env=env | {"PATH": path, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_other_profiles_have_no_stage_of_this_source(repository):
    listed = run_dvc(repository, "stage", "list", "--all")
    assert (listed.returncode, listed.stdout) == (0, "")


@pytest.mark.slow
def test_the_missing_photographs_are_named_with_their_remedies(repository):
    take_part(repository, ["ccp"])
    assert "street@ccp" in run_dvc(repository, "stage", "list", "--all").stdout  # .gitignore hides no dvc.yaml
    result = run_dvc(repository, "repro", "data/street/dvc.yaml:street@ccp")
    assert result.returncode != 0
    assert "error: data/street/ccp: the photographs of Clothing Co-Parsing are not there; fetch them" in result.stderr
