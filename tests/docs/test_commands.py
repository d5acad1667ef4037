"""The reference of commands lists what the command line and the Makefile have: no more, no less."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from fashiongen.cli.main import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/commands.md").read_text()
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands


def section(title: str) -> str:
    """The text under one heading of the page, to the next."""
    (found,) = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return found


def rows(title: str) -> list[list[str]]:
    """The cells of the table's rows in a section, without its head."""
    return [line.strip("| ").split(" | ") for line in section(title).splitlines() if line.startswith("| `")]


def names(parameter: Any) -> list[str]:
    """An option by all its names, an argument by its own in capitals."""
    return parameter.opts if parameter.param_type_name == "option" else [str(parameter.name).upper()]


def written_default(parameter: Any) -> str | None:
    """What the page says of a parameter's default; None where there is none, and words explain what happens."""
    if parameter.required:
        return "required"
    if getattr(parameter, "is_flag", False):
        return "off"
    return None if parameter.default is None else f"`{parameter.default}`"


def test_every_command_has_a_section_and_every_section_a_command():
    assert set(re.findall(r"^## fashiongen (\S+)$", PAGE, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_with_all_its_arguments_and_options(name):
    documented = [re.findall(r"`([^`]+)`", row[0]) for row in rows(f"fashiongen {name}")]
    assert sorted(documented) == sorted(names(parameter) for parameter in COMMANDS[name].params)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_default_is_the_one_that_the_command_has(name):
    documented = {re.findall(r"`([^`]+)`", row[0])[0]: row[1] for row in rows(f"fashiongen {name}")}
    expected = {names(each)[0]: written_default(each) for each in COMMANDS[name].params}
    stated = {key: default for key, default in expected.items() if default is not None}
    assert {key: documented[key] for key in stated} == stated


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_shows_how_to_call_its_command_and_says_what_it_prints(name):
    assert f"`fashiongen {name}" in section(f"fashiongen {name}")
    assert "prints" in section(f"fashiongen {name}")


def test_every_target_of_make_is_listed_and_every_listed_one_is_a_target():
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [row[0] for row in rows("make")] == [f"`make {target}`" for target in targets]


def test_the_readme_lists_every_stage_in_the_order_of_the_pipeline():
    stages = list(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
    table = re.findall(r"^\| `(\w+)(?:@<\w+>)?` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(table) == sorted(stages)


def test_the_readme_is_read_in_five_minutes():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 200
