"""The whole graph, from drawn boards to the page, on a tiny profile in a clone; and every command of the README."""

import csv
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from fashiongen.dcgan.params import DcganParams

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
TINY = yaml.safe_load((Path(__file__).parent / "tiny.yaml").read_text())


def merge(values: dict, changes: dict) -> None:
    """Change the keys that stand in `changes` in place; a key that is not there already is an error."""
    for key, change in changes.items():
        if isinstance(change, dict) and isinstance(values[key], dict):
            merge(values[key], change)
        else:
            assert key in values, key
            values[key] = change


class Clone:
    """A copy of the working tree in an empty folder, on a tiny profile, committed to a Git of its own."""

    def __init__(self, folder: Path, profile: str = "demo") -> None:
        self.folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes((ROOT / name).read_bytes())
                (folder / name).chmod((ROOT / name).stat().st_mode)
        (folder / "params.yaml").write_bytes((ROOT / f"profiles/{profile}.yaml").read_bytes())
        for file, changes in TINY.items():
            values = yaml.safe_load((folder / file).read_text())
            merge(values, changes)
            (folder / file).write_text(yaml.safe_dump(values, sort_keys=False))
        (folder / f"profiles/{profile}.yaml").write_bytes((folder / "params.yaml").read_bytes())  # one may switch to it
        (folder / ".venv").symlink_to(BIN.parent)
        for name in ("requirements.lock", "pyproject.toml", ".ci/environment"):
            os.utime(folder / name, (0, 0))  # older than the environment, which `make` then leaves alone
        self.run("git init -q -b main")
        self.run("git add -A")
        self.run("git -c user.name=Test -c user.email=test@example.com commit -q -m tiny")

    def run(self, command: str, status: int = 0) -> str:
        """The output of a shell command, which must end with `status`."""
        env = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONPATH": str(self.folder), "COLUMNS": "200"}
        result = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )
        assert result.returncode == status, f"{command}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
        return result.stdout + result.stderr


def readme_variant(profile: str) -> tuple[str, dict]:
    """The name and the values of the README's variant, put under the variants of a profile."""
    (block,) = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    text = (ROOT / f"profiles/{profile}.yaml").read_text()
    values = yaml.safe_load(re.sub(r"^  variants:.*\n", lambda line: line[0] + block, text, flags=re.MULTILINE))
    name = block.split(":")[0].strip()
    assert len(block.splitlines()) == 3
    return name, values["dcgan"]["variants"][name]


def readme_commands() -> list[str]:
    """The lines of the README's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def add_readme_variant(params: Path) -> str:
    """Write the README's variant, as tiny as the others, into a params.yaml; gives its name."""
    name, variant = readme_variant("demo")
    merge(variant, TINY["params.yaml"]["dcgan"]["variants"]["cropped"])
    values = yaml.safe_load(params.read_text())
    values["dcgan"]["variants"][name] = variant
    params.write_text(yaml.safe_dump(values, sort_keys=False))
    return name


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("profile", ["demo", "street", "thesis"])
def test_the_readmes_variant_is_three_lines_in_every_profile(profile):
    _, values = readme_variant(profile)
    query = DcganParams.model_validate(values).query
    assert (query.source, query.brand, query.season) == ("crops", "Maison Aurore", "FW26")


def test_a_variant_more_joins_dvcs_graph_by_params_alone(tmp_path):
    clone = Clone(tmp_path)
    name = add_readme_variant(tmp_path / "params.yaml")
    graph = clone.run("dvc dag --dot evaluate")
    assert {f'"crop_pinterest" -> "train_dcgan@{name}"', f'"train_dcgan@{name}" -> "evaluate"'} <= {
        line.rstrip(";") for line in graph.splitlines()
    }


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(1800)
def test_a_part_of_the_street_profile_runs_end_to_end(link_ccp, tmp_path, monkeypatch):
    """Real photographs, from their label maps to the page: 40 labelled ones, 40 on the boards and their repeats."""
    monkeypatch.setenv("FASHIONGEN_CCP", str(link_ccp(40)))
    clone = Clone(tmp_path / "clone", "street")
    clone.run("dvc repro --quiet")
    summary = json.loads((clone.folder / "metrics/summary.json").read_text())
    assert summary["data"]["distinct"] == 40
    assert summary["data"]["train_annotations"] + summary["data"]["val_annotations"] in (39, 40)
    assert {"resnet18", "resnet34", "resnet50", "cropped", "original", "subset"} <= summary.keys()
    assert "profile street" in (clone.folder / "reports/index.html").read_text()


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    folder = Clone(tmp_path_factory.mktemp("clone"))
    folder.run("dvc repro --quiet")
    return folder


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(1800)  # the first test waits for the whole run
class TestThePipeline:
    def test_writes_every_output_that_dvc_yaml_names(self, clone):
        lock = yaml.safe_load((clone.folder / "dvc.lock").read_text())["stages"]
        assert {name.split("@")[0] for name in lock} == set(
            yaml.safe_load((clone.folder / "dvc.yaml").read_text())["stages"]
        )
        outputs = [clone.folder / out["path"] for stage in lock.values() for out in stage["outs"]]
        assert [path for path in outputs if not path.exists()] == []

    def test_scrapes_and_dedups_what_the_truth_about_the_boards_says(self, clone):
        learned = "figures or crops or detector"  # which six iterations do not teach
        shown = clone.run(f"python -m pytest -q tests/test_demo_truth.py -k 'not ({learned})'")
        assert "4 passed" in shown

    def test_does_nothing_the_second_time(self, clone):
        before = (clone.folder / "dvc.lock").read_bytes()
        start = time.monotonic()
        output = clone.run("dvc repro")
        assert "Running stage" not in output
        assert (clone.folder / "dvc.lock").read_bytes() == before
        assert time.monotonic() - start < 20  # a bound against a stage that never settles, not a benchmark

    def test_trains_nothing_when_it_goes_back_to_earlier_params(self, clone):
        params = clone.folder / "params.yaml"
        earlier, lock = params.read_text(), (clone.folder / "dvc.lock").read_bytes()
        changed = yaml.safe_load(earlier)
        changed["dcgan"]["variants"]["cropped"]["epochs"] += 1
        params.write_text(yaml.safe_dump(changed, sort_keys=False))
        there = clone.run("dvc repro train_dcgan@cropped")
        params.write_text(earlier)
        back = clone.run("dvc repro")
        assert "Running stage 'train_dcgan@cropped'" in there
        assert "Running stage" not in back
        assert (clone.folder / "dvc.lock").read_bytes() == lock

    def test_gives_the_same_lock_when_a_detector_and_a_network_train_again(self, clone):
        before = (clone.folder / "dvc.lock").read_bytes()
        again = clone.run("dvc repro --force --single-item train_detector@resnet18 train_dcgan@cropped")
        assert again.count("Running stage") == 2
        assert (clone.folder / "dvc.lock").read_bytes() == before

    @pytest.mark.parametrize("command", readme_commands())
    def test_every_command_of_the_readme_works(self, clone, command):
        """`make test` alone is only looked at, since it is what runs this."""
        clone.run("make --dry-run test" if command == "make test" else command)

    def test_trains_and_measures_the_readmes_brand_and_season_and_lets_it_go(self, clone):
        params, lock = clone.folder / "params.yaml", (clone.folder / "dvc.lock").read_bytes()
        earlier = params.read_text()
        name = add_readme_variant(params)
        ran = re.findall(r"Running stage '(.*)'", clone.run("dvc repro"))
        assert ran == [f"train_dcgan@{name}", "evaluate"]
        assert name in json.loads((clone.folder / "metrics/dcgan.json").read_text())["variants"]
        crops = {row["file"]: row for row in read_rows(clone.folder / "data/crops/crops.csv")}
        trained_on = [crops[row["file"]] for row in read_rows(clone.folder / f"reports/dcgan/{name}/training_set.csv")]
        assert {(row["brand"], row["season"], row["split"]) for row in trained_on} == {
            ("Maison Aurore", "FW26", "train")
        }
        params.write_text(earlier)
        assert f"{name}: of no variant in params.yaml" in clone.run("dvc repro", status=255)
        assert "Running stage" not in clone.run("dvc checkout --quiet && dvc repro")
        (clone.folder / "dvc.lock").write_bytes(lock)  # DVC forgets no stage that has run
        assert "up to date" in clone.run("dvc status")

    def test_shows_readable_metrics(self, clone):
        shown = clone.run("dvc metrics show metrics/summary.json --json")
        summary = json.loads(shown[shown.index("{") :])[""]["data"]["metrics/summary.json"]["data"]
        assert {"AP", "AP50"} <= set(summary["resnet18"])
        assert {"KID", "Loss_D", "Loss_G"} <= set(summary["cropped"])

    def test_draws_its_graph(self, clone):
        graph = clone.run("dvc dag --dot")
        assert '"crop_pinterest" -> "train_dcgan@cropped"' in graph

    def test_refuses_a_wrong_params_file_in_one_line(self, clone):
        params = clone.folder / "params.yaml"
        before = params.read_text()
        params.write_text(before.replace("held_out_frac", "held_out_fraction"))
        result = clone.run("python -m stages.dedup", status=1)
        params.write_text(before)
        assert len(result.strip().splitlines()) == 1
        assert "params.yaml: dedup.held_out_frac" in result

    def test_can_be_pulled_from_a_remote_into_another_clone(self, clone, tmp_path):
        clone.run(f"dvc remote add --force --default team {tmp_path}/remote && dvc push --quiet")
        clone.run("git add -A && git -c user.name=T -c user.email=t@example.com commit -q -m run")
        clone.run(f"git clone -q . {tmp_path}/other")
        clone.run(f"cd {tmp_path}/other && dvc pull --quiet && dvc status")
        ours, theirs = (folder / "reports/index.html" for folder in (clone.folder, tmp_path / "other"))
        assert ours.read_bytes() == theirs.read_bytes()
