"""Experiments in a clone whose pipeline has run: what they run, what is shown of them, and the way back."""

import csv
import json
import re
import shutil
from pathlib import Path

import dvc.api
import pytest

ROOT = Path(__file__).parents[2]
RATE = "dcgan.variants.cropped.learning_rate_g"

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800)]  # the first waits for the whole run


def documented_experiments() -> list[str]:
    """The lines of the shell blocks of docs/experiments.md."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs/experiments.md").read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def ran(output: str) -> list[str]:
    return re.findall(r"Running stage '(.*)'", output)


def read_json_in(output: str):
    return json.loads(output[output.index("{") :])


@pytest.fixture(scope="module")
def clone(copy_finished):
    return copy_finished()


@pytest.fixture(scope="module")
def compared(clone, tmp_path_factory):
    """The output of each command of the page, in the page's order, and of those that show what it left.

    The experiments end with `evaluate`: the report takes no part in what is compared, and half of the time.
    """
    said, elsewhere = {}, {"FASHIONGEN_CHECKPOINTS": str(tmp_path_factory.mktemp("elsewhere"))}
    for command in documented_experiments():
        is_queued = command == "dvc exp run --run-all"
        before = read_state(clone) if is_queued else None
        shorter = re.sub(r"dvc exp run (--name|--queue)", r"dvc exp run evaluate \1", command)
        said[command] = clone.run(shorter, **(elsewhere if is_queued else {}))
        if command == "dvc plots diff":
            said["page"] = (clone.folder / "dvc_plots/index.html").read_text()
            said["metrics"] = clone.run("dvc metrics diff --json")
        if is_queued:
            said["checkpoints"] = sorted(path.name for path in Path(elsewhere["FASHIONGEN_CHECKPOINTS"]).iterdir())
            said["workspace"] = (before, read_state(clone))
    return said


def read_state(clone) -> list[bytes]:
    return [(clone.folder / name).read_bytes() for name in ("params.yaml", "dvc.lock", "metrics/summary.json")]


def said(compared, words: str) -> str:
    """The output of the one command that begins so."""
    (output,) = [output for command, output in compared.items() if command.startswith(words)]
    return output


class TestTheDocumentedExperiments:
    def test_run_only_what_the_change_concerns(self, compared):
        assert ran(said(compared, "dvc exp run --name gentler")) == ["train_dcgan@cropped", "evaluate"]
        assert "Queued experiment 'bolder'" in said(compared, "dvc exp run --queue")
        assert ran(said(compared, "dvc exp run --run-all")) == ["train_dcgan@cropped", "evaluate"]

    def test_differ_in_one_param(self, compared):
        _, *rows = said(compared, "dvc params diff").splitlines()
        assert [row.split() for row in rows] == [["params.yaml", RATE, "0.0008", "0.0004"]]

    def test_differ_in_the_metrics_of_the_one_network_by_readable_names(self, compared):
        (rows,) = read_json_in(compared["metrics"]).values()
        changed = {name for name, row in rows.items() if row["old"] != row["new"]}
        assert {"dcgan.cropped.SWD", "dcgan.cropped.Loss_G"} <= changed
        assert {name.rpartition(".")[0] for name in changed} == {"dcgan.cropped"}
        assert re.search(r"metrics/summary.json +dcgan.cropped.SWD ", said(compared, "dvc metrics diff"))

    def test_are_drawn_over_each_other(self, compared):
        """The page holds the points of both runs, by their revision, and every series that dvc.yaml names."""
        revisions = set(re.findall(r'"rev": ?"([^"]*)"', compared["page"]))
        assert {"HEAD", "workspace"} <= revisions
        assert all(title in compared["page"] for title in ("DCGAN losses", "detector loss", "Loss_D"))

    def test_that_are_queued_leave_the_workspace_alone_and_checkpoints_where_they_are_asked_for(self, compared):
        before, after = compared["workspace"]
        assert before == after
        assert "train_dcgan" in compared["checkpoints"]

    def test_are_shown_in_columns_that_are_readable_and_differ(self, compared, clone):
        command = next(command for command in documented_experiments() if command.startswith("dvc exp show"))
        columns, *rows = csv.reader(clone.run(f"{command} --csv").splitlines())
        shown = [dict(zip(columns, row, strict=True)) for row in rows]
        assert {row[RATE]: row["Experiment"] for row in shown if row["Experiment"]} == {
            "0.0004": "gentler",
            "0.0016": "bolder",
        }
        measured = [name for name in columns if "." in name]
        assert {name.rpartition(".")[0] for name in measured} == {"dcgan.cropped", "dcgan.variants.cropped"}
        assert {"dcgan.cropped.SWD", RATE} <= set(measured)
        assert not any("/" in name for name in columns)
        assert "dcgan.cropped.SWD" in said(compared, "dvc exp show")

    def test_are_applied_with_their_outputs(self, compared, clone):
        assert clone.read_yaml("params.yaml")["dcgan"]["variants"]["cropped"]["learning_rate_g"] == 0.0016
        assert "up to date" in clone.run("dvc status evaluate")

    def test_end_where_the_profile_began_without_a_training(self, compared, clone):
        """Only `evaluate` runs, whose metrics lie in Git and not in the run cache."""
        clone.run("fashiongen profile demo --discard")
        assert ran(clone.run("dvc repro")) == ["evaluate"]
        assert clone.run("git status --short") == ""


def test_models_are_fetched_by_name_and_version_from_another_folder(clone, tmp_path):
    """Tagged and pushed here; fetched through a bare repository and the remote by who has no cache."""
    remote, bare, out = tmp_path / "remote", tmp_path / "bare.git", tmp_path / "got"
    clone.run(f"dvc remote add -d team {remote} && dvc push -q models/best_detector && git commit -qam 'A remote'")
    clone.run("git tag -a best-detector@v0.1.0 -m 'The first' && git tag -a best-detector@v0.2.0 -m 'The same again'")
    clone.run(f"git clone -q --bare . {bare}")
    shutil.rmtree(clone.folder / ".git/refs/tags")  # whatever is found is found in the other one
    clone.run(f"dvc artifacts get {bare} best-detector --rev v0.1.0 --out {out}")
    trained = clone.folder / "models/best_detector"
    assert {file.name: file.read_bytes() for file in out.iterdir()} == {
        file.name: file.read_bytes() for file in trained.iterdir()
    }
    head = clone.run("git rev-parse HEAD").strip()
    assert dvc.api.artifacts_show("best-detector", repo=str(bare)) == {"path": "models/best_detector", "rev": head}


def test_every_artifact_is_a_model_that_a_stage_writes(clone):
    artifacts = clone.read_yaml("dvc.yaml")["artifacts"]
    outputs = {out["path"] for stage in clone.read_yaml("dvc.lock")["stages"].values() for out in stage["outs"]}
    assert {artifact["path"] for artifact in artifacts.values()} <= outputs
    assert {artifact["type"] for artifact in artifacts.values()} == {"model"}
