"""The workflow and the hooks: their files are what their readers take, and what they run does what it should."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
WORKFLOW = ROOT / ".github/workflows/ci.yml"
HOOKS = ROOT / ".pre-commit-config.yaml"
IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Test"), ("EMAIL", "test@example.com"))
}


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=os.environ | IDENTITY | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def read_jobs() -> dict[str, dict]:
    return yaml.safe_load(WORKFLOW.read_text())["jobs"]


def shell_of(job: str, name: str) -> str:
    """The shell of a step."""
    (script,) = (step["run"] for step in read_jobs()[job]["steps"] if step.get("name") == name)
    return script


def commit(folder: Path, metrics: dict[str, float], branch: str, other: dict[str, float] | None = None) -> str:
    """Commit metrics on a branch; gives the commit."""
    assert run("git", "switch", "-q", branch, cwd=folder).returncode == 0
    for name, values in (("run", metrics), ("other", other)):
        if values is not None:
            (folder / f"metrics/{name}.json").write_text(json.dumps(values))
    run("git", "add", "-A", cwd=folder)
    run("git", "commit", "-qm", "metrics", cwd=folder)
    return run("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()


@pytest.fixture
def repository(tmp_path):
    """A DVC repository with two files of metrics, and a branch where a pull request may grow; no cache, no remote."""
    folder = tmp_path / "repository"
    (folder / "metrics").mkdir(parents=True)
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"metrics": ["metrics/run.json", "metrics/other.json"]}))
    (folder / ".venv").symlink_to(BIN.parent)
    (folder / ".gitignore").write_text("/.venv\n/table.md\n/metrics.md\n")
    run("git", "init", "-q", "-b", "main", cwd=folder)
    run(BIN / "dvc", "init", "-q", cwd=folder)
    (folder / "metrics/run.json").write_text(json.dumps({"KID": 0.25, "AP": 0.5}))
    (folder / "metrics/other.json").write_text(json.dumps({"images": 10}))
    run("git", "add", "-A", cwd=folder)
    run("git", "commit", "-qm", "begun", cwd=folder)
    run("git", "branch", "work", cwd=folder)
    return folder


def start_compare(folder: Path, base: str, head: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the step that compares, as GitHub runs a step: only a shell that is named has pipefail."""
    named = yaml.safe_load(WORKFLOW.read_text()).get("defaults", {}).get("run", {}).get("shell")
    shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail") if named == "bash" else ("bash", "-e")
    script = shell_of("test", "Compare the metrics")
    return run(*shell, "-c", script, cwd=folder, BASE=base, HEAD=head, **environment)


def compare(folder: Path, base: str, head: str) -> tuple[str, str]:
    """What the step gave as the output `table`, and the summary."""
    output, summary = folder.parent / "output", folder.parent / "summary"
    output.touch()
    result = start_compare(folder, base, head, GITHUB_OUTPUT=str(output), GITHUB_STEP_SUMMARY=str(summary))
    assert result.returncode == 0, result.stderr
    first, *lines, last = output.read_text().splitlines()
    assert first == f"table<<{last}"
    return "\n".join(lines), summary.read_text()


def rows_of(table: str) -> list[list[str]]:
    """The cells of a Markdown table's rows, without its head."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"]
    return rows[2:]


@pytest.mark.slow
def test_the_table_has_what_the_pull_request_changed_and_nothing_of_the_base(repository):
    head = commit(repository, {"KID": 0.125, "AP": 0.5}, "work")
    base = commit(repository, {"KID": 0.25, "AP": 0.5}, "main", other={"images": 99})
    table, summary = compare(repository, base, head)
    assert rows_of(table) == [["metrics/run.json", "KID", "0.25", "0.125", "-0.125"]]
    assert rows_of(summary) == rows_of(table)
    assert re.search(r"\| Path +\| Metric +\| before +\| after +\| Change +\|", table)


@pytest.mark.slow
def test_a_pull_request_that_changes_no_metric_says_so(repository):
    base = run("git", "rev-parse", "main", cwd=repository).stdout.strip()
    run("git", "switch", "-q", "work", cwd=repository)
    (repository / "page.md").write_text("a word\n")
    run("git", "add", "-A", cwd=repository)
    run("git", "commit", "-qm", "a word", cwd=repository)
    table, _ = compare(repository, base, run("git", "rev-parse", "HEAD", cwd=repository).stdout.strip())
    assert "No metric changed." in table
    assert rows_of(table) == []


@pytest.mark.slow
def test_a_comparison_that_fails_is_no_table(repository):
    (repository / ".dvc/config").write_text("no configuration\n")
    base = run("git", "rev-parse", "main", cwd=repository).stdout.strip()
    assert start_compare(repository, base, base).returncode != 0


def test_the_workflow_fits_its_schema():
    result = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", WORKFLOW)
    assert result.returncode == 0, result.stdout


def test_the_workflow_gives_nothing_away():
    """By an auditor of workflows: code in expressions, tokens that are kept or may too much, actions not pinned."""
    result = run(BIN / "zizmor", "--offline", "--no-progress", WORKFLOW)
    assert result.returncode == 0, result.stdout


def test_only_the_job_that_runs_nothing_of_a_pull_request_may_write():
    jobs = read_jobs()
    writing = {name for name, job in jobs.items() if "write" in job["permissions"].values()}
    assert writing == {"comment"}
    assert all("uses" not in step for step in jobs["comment"]["steps"])
    assert "github.event.pull_request.head.repo.full_name == github.repository" in jobs["comment"]["if"]


def test_every_make_target_of_the_workflow_is_one():
    scripts = [step["run"] for job in read_jobs().values() for step in job["steps"] if "run" in step]
    targets = [line.removeprefix("make ") for script in scripts for line in script.splitlines() if line[:5] == "make "]
    assert {"setup", "test", "docs"} <= set(targets)
    for target in targets:
        assert run("make", "--dry-run", target).returncode == 0


@pytest.fixture
def hooked(tmp_path):
    """Runs a hook on one file, in a repository with the project's hooks and environment."""
    folder = tmp_path / "repository"
    folder.mkdir()
    for path in (HOOKS, ROOT / "pyproject.toml"):
        shutil.copy(path, folder)
    (folder / ".venv").symlink_to(BIN.parent)
    run("git", "init", "-q", cwd=folder)

    def hook(name: str, file: str, text: str) -> subprocess.CompletedProcess[str]:
        (folder / file).write_text(text)
        run("git", "add", file, cwd=folder)
        command = (BIN / "pre-commit", "run", name, "--files", file)
        return run(*command, cwd=folder, PRE_COMMIT_HOME=str(tmp_path / "cache"))

    return hook


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "file", "bad", "good"),
    [
        ("ruff-check", "code.py", "import os\n", "import os\n\nprint(os.sep)\n"),
        ("ruff-format", "code.py", "x=1\n", "x = 1\n"),
        ("credentials", "config", "aws_key = AKIA" + "QW3RT5Y7U8I9O0PA\n", "aws_profile = team\n"),
        ("credentials", "config", "url = s3://user:" + "hunter2@host/bucket\n", "url = s3://bucket/path\n"),
        ("credentials", "id", "-----BEGIN RSA " + "PRIVATE KEY-----\n", "a public word\n"),
    ],
)
def test_a_hook_stops_what_is_wrong_and_lets_pass_what_is_right(hooked, name, file, bad, good):
    assert hooked(name, file, bad).returncode == 1
    passed = hooked(name, file, good)
    assert passed.returncode == 0, passed.stdout
    assert "Passed" in passed.stdout


@pytest.mark.slow
def test_no_tracked_file_holds_a_credential():
    """With the hook's own options, on every file that Git has."""
    hooks = {hook["id"]: hook for hook in yaml.safe_load(HOOKS.read_text())["repos"][0]["hooks"]}
    _, *options = hooks["credentials"]["entry"].split()
    excluded = re.compile(hooks["credentials"]["exclude"])
    tracked = run("git", "ls-files", "-z").stdout.split("\0")
    files = [name for name in tracked if name and (ROOT / name).is_file() and not excluded.search(name)]
    assert len(files) > 300
    result = run(BIN / "detect-secrets-hook", *options, *files)
    assert result.returncode == 0, result.stdout
