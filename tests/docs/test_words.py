"""Everything that the docs and the README name exists: commands and options, keys of params.yaml, files, errors."""

import argparse
import ast
import fnmatch
import importlib.util
import re
import shlex
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import dvc
import pytest
import typer
import yaml
from dvc.cli import DvcParserError
from dvc.cli.parser import get_main_parser

from fashiongen import config
from fashiongen.cli.main import app
from fashiongen.cli.profiles import profile_names, read_profile

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAMS = ("dvc ", "fashiongen ", "make ", "python -m ")
SECTIONS = set(config.read_yaml(ROOT / "profiles/base.yaml"))
DVC_FILES = ["dvc.yaml", *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("data/*/dvc.yaml"))]
# Paths that no stage writes and Git does not have, and who creates them.
GIVEN = {
    "data/street/ccp": "the user",
    "data/thesis/deepfashion": "the user",
    "data/mine": "the user, in an example",
    "data/own": "the user, in an example",
    "data/weights": "the user, in an example",
    ".venv": "make setup",
    "site": "make docs",
    ".checkpoints": "a training that is not finished",
    "data/incomplete_scrape": "a scrape that failed",
    ".dvc/tmp": "DVC",
    ".dvc/config.local": "dvc remote modify --local",
    "dvc_plots": "dvc plots",
    "generated": "fashiongen generate",
    "models/studio.sqlite": "fashiongen studio",
    "detections": "fashiongen detect",
    **dict.fromkeys(("Anno_coarse", "Eval", "Img", "img"), "DeepFashion's authors, below deepfashion.root"),
    "history": "in an output that the page names",
    "pictures": "in an output that the page names",
    "predictions": "in an output that the page names",
}


def spans(page: Path) -> list[str]:
    """The code spans of a page, outside its code blocks."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)


def block_lines(page: Path) -> list[str]:
    """The lines of a page's code blocks of type sh and text; no test runs those of type text."""
    blocks = re.findall(r"^```(?:sh|text)\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()]


def all_named(find) -> list[tuple[str, str]]:
    """All pairs of a page and a name that `find` finds on it, each once."""
    return sorted({(page.name, found) for page in PAGES for found in find(page)})


def commands(page: Path) -> set[str]:
    """The commands on a page, without leading assignments of environment variables."""
    lines = (re.sub(r"^([A-Z_]+=\S+ )+", "", line) for line in [*block_lines(page), *spans(page)])
    return {line for line in lines if line.startswith(PROGRAMS)}


def stages() -> set[str]:
    """The names of all stages."""
    return {name for file in DVC_FILES for name in yaml.safe_load((ROOT / file).read_text())["stages"]}


def check_fashiongen(words: list[str]) -> None:
    """Parse the words with the real command line, without running it; a command's name alone is valid in a text."""
    commands = typer.main.get_command(app).commands
    if len(words) == 1:
        assert words[0] in commands
        return
    command = commands[words[0]]
    named = [word.strip("<>") for word in words[1:]]  # <name> and VARIANT stand for names
    arguments = [word.lower() if word.isupper() else word for word in named]
    with command.make_context(words[0], arguments):
        pass


def parse_dvc(words: list[str]) -> argparse.Namespace:
    """Parse the words with DVC's own parser; a text may omit up to two required arguments at the end."""
    parser = get_main_parser()
    for omitted in range(3):
        with suppress(DvcParserError):
            return parser.parse_args([*words, *["X"] * omitted])
    return parser.parse_args(words)


def check_dvc(words: list[str]) -> None:
    """Parse the words with DVC's own parser; the stages and params that they name must exist."""
    arguments = parse_dvc(words)
    if arguments.cmd == "repro":
        named = {target.split("@")[0] for target in arguments.targets if target.islower()}
        assert named <= stages(), named - stages()
    for assignment in getattr(arguments, "set_param", None) or []:
        config.section(read_profile("demo", ROOT / "profiles"), assignment.split("=")[0])


def check_command(command: str) -> None:
    program, *words = shlex.split(command, comments=True)
    if program == "fashiongen":
        check_fashiongen(words)
    elif program == "dvc":
        check_dvc(words)
    elif program == "make":
        subprocess.run(["make", "--dry-run", *words], cwd=ROOT, capture_output=True, check=True)
    else:
        assert importlib.util.find_spec(words[1].replace("<name>", "scrape")) is not None


@pytest.mark.parametrize(("page", "command"), all_named(commands))
def test_every_command_exists(page, command):
    check_command(command)


@pytest.mark.parametrize(
    "command",
    [
        "fashiongen profil demo",
        "fashiongen generate cropped --number 8",
        "dvc repro --no-such-option",
        "dvc repro no_such_stage",
        "dvc exp run --set-param dcgan.variants.cropped.epoch=3",
        "make no-such-target",
        "python -m stages.no_such_stage",
    ],
)
def test_a_wrong_command_is_found(command):
    with pytest.raises((Exception, SystemExit)):
        check_command(command)


def keys(page: Path) -> set[str]:
    """The dotted keys of params.yaml on a page; `<variant>` is a placeholder."""
    found = (re.fullmatch(r"([a-z]+(?:\.[a-z_0-9]+|\.<\w+>)+)(?:: .*)?", span) for span in spans(page))
    return {match[1] for match in found if match and match[1].split(".")[0] in SECTIONS}


@cache
def profiles() -> list[dict[str, Any]]:
    """The values of every profile, which take a second to read: not while the tests are collected."""
    return [read_profile(name, ROOT / "profiles") for name in profile_names(ROOT / "profiles")]


@pytest.mark.parametrize(("page", "key"), all_named(keys))
def test_every_key_is_in_every_profile(page, key):
    for values in profiles():
        config.section(values, re.sub(r"(?<=variants\.)<\w+>", "cropped", key))


def paths(page: Path) -> set[str]:
    """The code spans of a page that look like a path below the repository's root."""
    return {span for span in spans(page) if re.fullmatch(r"\.?[\w-]+(\.\w+)?(/[\w.@<>-]*)+", span)}


def outputs() -> list[str]:
    """Regular expressions for the outputs of all stages."""
    found = []
    for file in DVC_FILES:
        written = yaml.safe_load((ROOT / file).read_text())["stages"]
        for stage in (one.get("do", one) for one in written.values()):
            for out in stage.get("outs", []) + stage.get("metrics", []):
                path = out if isinstance(out, str) else next(iter(out))
                found.append(r"(<\w+>|[\w-]+)".join(map(re.escape, re.split(r"\$\{.*?\}", path))))
    return found


@cache
def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.split("\0")


@pytest.mark.parametrize(("page", "path"), all_named(paths))
def test_every_path_is_in_git_or_an_output(page, path):
    """tests/pipeline checks that a finished run really leaves the outputs that are named."""
    pattern = re.sub(r"<\w+>", "*", path.rstrip("/"))
    tracked = fnmatch.filter(tracked_files(), pattern) or fnmatch.filter(tracked_files(), f"{pattern}/*")
    made = any(
        re.match(rf"{pattern}(/|$)", path) or re.match(path.rstrip("/") + "(/|$)", pattern) for pattern in outputs()
    )
    given = any(path == name or path.startswith(f"{name}/") for name in GIVEN)
    assert tracked or made or given


def messages() -> list[str]:
    """The constant parts of the messages in docs/troubleshooting.md, between their `…`."""
    rows = re.findall(r"^\| `(.*?)` \|", (ROOT / "docs/troubleshooting.md").read_text(), re.MULTILINE)
    return sorted({part.strip() for row in rows for part in row.split("…") if len(part.strip()) > 3})


@pytest.fixture(scope="module")
def all_strings() -> str:
    """All strings in our sources, in the set-up scripts, and in DVC, whose errors the page explains too."""
    ours = [path for folder in ("fashiongen", "stages") for path in (ROOT / folder).rglob("*.py")]
    theirs = [path for path in Path(dvc.__file__).parent.rglob("*.py") if path.parent.name != "testing"]
    strings = [
        part.value
        for path in [*ours, *theirs]
        for part in ast.walk(ast.parse(path.read_text()))
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    scripts = [(ROOT / ".ci" / name).read_text() for name in ("browser", "environment")]
    return "\n".join([*strings, *scripts, "CUDA out of memory"])  # torch's, in C++


@pytest.mark.parametrize("message", messages())
def test_every_message_is_in_the_sources(all_strings, message):
    assert message in all_strings
