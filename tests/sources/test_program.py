"""A change of the local test site reaches the scrapes of the sources' boards, and no other stage's code."""

import shutil

import pytest

from fashiongen.runtime.code import ROOT, find_modules, find_sources
from fashiongen.sources.program import FOLDER, hash_program


def list_program():
    """Every file of the program that is not compiled."""
    return {path for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "program", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.mark.parametrize("stage", ["demo", "street"])
def test_a_stage_that_writes_boards_depends_on_every_file_of_the_program(stage):
    filled = {path for path in list_program() if path.stat().st_size}
    assert ROOT / "fashiongen/sources/standin/templates/site.css" in filled
    assert filled <= set(find_sources(stage))


def test_the_scrape_depends_on_no_source():
    assert not [module for module in find_modules("scrape") if module.startswith("fashiongen.sources")]
    assert not [path for path in find_sources("scrape") if "sources" in path.parts]


def test_each_file_of_the_program_changes_its_version(copy):
    versions = {hash_program(copy)}
    for path in sorted(path for path in copy.rglob("*") if path.is_file()):
        path.write_bytes(path.read_bytes() + b"\n")
        versions.add(hash_program(copy))
    assert len(versions) == 1 + len(list_program())


def test_compiled_code_and_the_place_of_the_program_do_not_change_its_version(copy):
    (copy / "__pycache__").mkdir()
    (copy / "__pycache__/server.pyc").write_bytes(b"compiled")
    assert hash_program(copy) == hash_program(FOLDER)


def test_a_renamed_file_changes_the_version(copy):
    before = hash_program(copy)
    (copy / "faults.py").rename(copy / "failures.py")
    assert hash_program(copy) != before
