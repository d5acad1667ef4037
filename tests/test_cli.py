"""The command line in a folder with the real profiles: what is switched, what is said, and with which status."""

import shutil
from pathlib import Path

import pytest

from fashiongen import cli
from fashiongen.boards.credentials import EMAIL_VARIABLE, PASSWORD_VARIABLE
from fashiongen.files import write_json
from fashiongen.street.ccp import ENVIRONMENT_NAME

ROOT = Path(__file__).parent.parent


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Runs `fashiongen WORDS` in a copy of the files that it reads; gives status, stdout and stderr."""
    for name in ("params.yaml", "profiles", "data/demo/dvc.yaml", "data/street/dvc.yaml", "data/thesis/dvc.yaml"):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target)
    monkeypatch.chdir(tmp_path)
    for variable in (ENVIRONMENT_NAME, EMAIL_VARIABLE, PASSWORD_VARIABLE):
        monkeypatch.delenv(variable, raising=False)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["fashiongen", *words])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        return exit_.value.code or 0, *capsys.readouterr()

    return call


@pytest.mark.parametrize("name", ["street", "thesis", "demo"])
def test_profile_copies_the_profile_over_params(call, name):
    assert call("profile", name)[0] == 0
    assert Path("params.yaml").read_bytes() == Path(f"profiles/{name}.yaml").read_bytes()


def test_profile_lists_the_profiles_there_are_when_asked_for_another(call):
    status, _, error = call("profile", "milano")
    assert (status, error) == (1, "error: profiles/milano.yaml: no such profile; choose from demo, street, thesis\n")


def test_profile_refuses_a_key_it_does_not_know_and_leaves_params_as_it_was(call):
    before = Path("params.yaml").read_bytes()
    path = Path("profiles/street.yaml")
    path.write_text(path.read_text().replace("held_out_frac:", "held_out_fraction:"))
    status, _, error = call("profile", "street")
    assert status == 1
    assert "profiles/street.yaml: dedup.held_out_frac: Field required; dedup.held_out_fraction: Extra inputs" in error
    assert len(error.splitlines()) == 1
    assert Path("params.yaml").read_bytes() == before


def test_doctor_finds_nothing_missing_in_the_demo(call):
    status, output, error = call("doctor")
    assert (status, error) == (0, "")
    assert "data/demo/boards: not there yet, `dvc repro` makes it" in output


def test_doctor_says_how_to_get_the_street_photographs(call):
    call("profile", "street")
    status, output, error = call("doctor")
    assert status == 1
    assert "dvc import https://github.com/bearpaw/clothing-co-parsing . -o" in output
    assert "missing: photographs" in error


def test_doctor_looks_into_the_copy_that_the_environment_names(call, monkeypatch, tmp_path):
    monkeypatch.setenv(ENVIRONMENT_NAME, str(tmp_path / "nowhere"))
    call("profile", "street")
    status, output, _ = call("doctor")
    assert status == 1
    assert f"{tmp_path}/nowhere: the photographs of Clothing Co-Parsing are not there" in output


def test_doctor_says_what_the_thesis_profile_needs_and_where(call):
    call("profile", "thesis")
    status, output, error = call("doctor")
    assert status == 1
    assert "data/thesis/deepfashion: no DeepFashion here" in output
    assert "export PINTEREST_EMAIL and PINTEREST_PASSWORD" in output
    assert "choose a board" in output
    assert {"DeepFashion", "credentials"} <= set(error.rpartition("missing: ")[2].strip().split(", "))


def test_doctor_never_shows_the_password(call, monkeypatch):
    monkeypatch.setenv(EMAIL_VARIABLE, "someone@example.com")
    monkeypatch.setenv(PASSWORD_VARIABLE, "canary-6061")
    call("profile", "thesis")
    _, output, error = call("doctor")
    assert "canary-6061" not in output + error


def test_summary_prints_each_number_and_the_reports_path(call):
    write_json(Path("metrics/summary.json"), {"resnet18": {"AP": 0.45}, "cropped": {"KID": None}})
    status, output, _ = call("summary")
    assert status == 0
    assert [line.split() for line in output.splitlines()] == [
        ["resnet18.AP", "0.45"],
        ["cropped.KID", "None"],
        ["report:", str(Path("reports/index.html").resolve())],
    ]


def test_summary_says_so_where_nothing_has_run(call):
    assert call("summary")[::2] == (1, "error: metrics/summary.json: no such file\n")
