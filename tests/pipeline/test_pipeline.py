"""The whole graph, from drawn boards to the page, on a tiny profile in a clone; and the commands of the docs."""

import csv
import json
import re
from pathlib import Path

import pytest
import yaml

from fashiongen.cli.profiles import compose
from fashiongen.dcgan.params import DcganParams

ROOT = Path(__file__).parents[2]


# Pages whose commands run one after the other in one clone. test_experiments.py, test_docs.py and test_reproducible.py
# run those of the other pages.
PAGES = ("README.md", *(f"docs/{name}.md" for name in ("variants", "use-networks", "profiles", "remotes")))


def example_variant(profile: str) -> tuple[str, dict]:
    """The name and the values of the first variant in docs/variants.md, added to the variants of a profile."""
    block, *_ = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs/variants.md").read_text(), re.MULTILINE | re.DOTALL)
    text = compose(profile, ROOT / "profiles")
    values = yaml.safe_load(re.sub(r"^  variants:.*\n", lambda line: line[0] + block, text, flags=re.MULTILINE))
    name = block.split(":")[0].strip()
    assert len(block.splitlines()) == 3
    return name, values["dcgan"]["variants"][name]


def documented_commands() -> list[str]:
    """The lines of the shell blocks of `PAGES`, in order."""
    text = "".join((ROOT / page).read_text() for page in PAGES)
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def add_example_variant(clone) -> str:
    """Write the documented variant into the params.yaml; gives its name."""
    name, values = example_variant("demo")
    clone.add_variant(name, values)
    return name


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("profile", ["atelier", "demo", "street", "thesis"])
def test_the_documented_variant_is_three_lines_in_every_profile(profile):
    _, values = example_variant(profile)
    query = DcganParams.model_validate(values).query
    assert (query.source, query.brand, query.season) == ("crops", "Maison Aurore", "FW26")


@pytest.mark.slow
def test_adding_a_variant_to_params_adds_it_to_dvcs_graph(lay_out, tmp_path):
    clone = lay_out(tmp_path)
    name = add_example_variant(clone)
    graph = clone.run("dvc dag --dot evaluate")
    assert {f'"crop_pinterest" -> "train_dcgan@{name}"', f'"train_dcgan@{name}" -> "evaluate"'} <= {
        line.rstrip(";") for line in graph.splitlines()
    }


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(1800)
def test_a_part_of_the_street_profile_runs_end_to_end(lay_out, link_ccp, tmp_path):
    """Real photographs, from their label maps to the page: 20 labelled ones, 20 on the boards and their repeats."""
    clone = lay_out(tmp_path / "clone", "street")
    clone.run("dvc repro --quiet", FASHIONGEN_CCP=str(link_ccp(20)))
    summary = json.loads((clone.folder / "metrics/summary.json").read_text())
    assert summary["data"]["distinct"] == 20
    assert summary["data"]["train_annotations"] + summary["data"]["val_annotations"] in (19, 20)
    assert summary["detector"].keys() == {"resnet18", "resnet34", "resnet50"}
    assert summary["dcgan"].keys() == {"cropped", "original", "subset", "cutout"}
    assert "profile street" in (clone.folder / "reports/index.html").read_text()


@pytest.fixture(scope="module")
def clone(copy_finished):
    return copy_finished()


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
        shown = clone.run(f"python -m pytest -q --noconftest tests/test_demo_truth.py -k 'not ({learned})'")
        assert "4 passed" in shown

    def test_does_nothing_the_second_time(self, clone):
        before = (clone.folder / "dvc.lock").read_bytes()
        output = clone.run("dvc repro")
        assert "Running stage" not in output
        assert (clone.folder / "dvc.lock").read_bytes() == before

    @pytest.mark.parametrize("command", documented_commands())
    def test_every_documented_command_works(self, clone, command):
        """`make test` is only looked at, since it is what runs this; test_network_file exports, which takes long."""
        instead = {"make test": "make --dry-run test"}
        if command.startswith("fashiongen export-detector"):
            instead[command] = "fashiongen export-detector --help"
        clone.run(instead.get(command, command))

    def test_trains_measures_and_removes_the_documented_variant(self, clone):
        params, lock = clone.folder / "params.yaml", (clone.folder / "dvc.lock").read_bytes()
        earlier = params.read_text()
        name = add_example_variant(clone)
        ran = re.findall(r"Running stage '(.*)'", clone.run("dvc repro evaluate"))
        assert ran == [f"train_dcgan@{name}", "evaluate"]
        assert name in json.loads((clone.folder / "metrics/dcgan.json").read_text())["variants"]
        crops = {row["file"]: row for row in read_rows(clone.folder / "data/crops/crops.csv")}
        trained_on = [crops[row["file"]] for row in read_rows(clone.folder / f"reports/dcgan/{name}/training_set.csv")]
        assert {(row["brand"], row["season"], row["split"]) for row in trained_on} == {
            ("Maison Aurore", "FW26", "train")
        }
        params.write_text(earlier)
        assert f"{name}: of no variant in params.yaml" in clone.run("dvc repro", status=255)
        again = re.findall(r"Running stage '(.*)'", clone.run("dvc checkout --quiet && dvc repro --dry evaluate"))
        assert again == ["evaluate"]  # DVC keeps no run of a stage with outputs in Git; nothing is trained
        (clone.folder / "dvc.lock").write_bytes(lock)  # DVC forgets no stage that has run
        clone.run("git checkout --quiet metrics && dvc checkout --quiet")
        assert "up to date" in clone.run("dvc status")

    def test_shows_readable_metrics(self, clone):
        shown = clone.run("dvc metrics show --json")
        files = json.loads(shown[shown.index("{") :])[""]["data"]
        assert list(files) == ["metrics/summary.json"]  # another one would show a number twice
        summary = files["metrics/summary.json"]["data"]
        assert {"AP", "AP50"} <= set(summary["detector"]["resnet18"])
        assert {"KID", "Loss_D", "Loss_G"} <= set(summary["dcgan"]["cropped"])

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
