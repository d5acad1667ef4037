"""The command line in a folder with the real profiles: what is switched, what is said, and with which status."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import onnx
import pytest
import torch
import yaml

from fashiongen.boards.credentials import EMAIL_VARIABLE, PASSWORD_VARIABLE
from fashiongen.cli.doctor import hide_secrets
from fashiongen.cli.profiles import compose
from fashiongen.dcgan.networks.dcgan import Discriminator, Generator
from fashiongen.dcgan.networks.model_card import ModelCard
from fashiongen.dcgan.networks.weights import save_networks
from fashiongen.files import write_json, write_text
from fashiongen.sources.street.ccp import ENVIRONMENT_NAME

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize("name", ["street", "atelier", "thesis", "demo"])
def test_profile_writes_the_whole_profile_over_params(call, name):
    assert call("profile", name)[0] == 0
    assert Path("params.yaml").read_text() == compose(name)


def test_profile_refuses_to_overwrite_edited_params_until_it_is_told_what_to_do(call):
    change_params("epochs: 54", "epochs: 3")
    edited = Path("params.yaml").read_bytes()
    status, output, error = call("profile", "street")
    assert (status, output, len(error.splitlines())) == (1, "", 1)
    assert "dcgan.settings.epochs 3, in demo 54" in error
    assert call("profile", "street", "--keep", "--discard")[0] == 1
    assert Path("params.yaml").read_bytes() == edited
    status, output, _ = call("profile", "street", "--keep")
    assert (status, output.splitlines()[0]) == (0, "the former params.yaml is now params.yaml.bak-1")
    assert Path("params.yaml.bak-1").read_bytes() == edited
    assert Path("params.yaml").read_text() == compose("street")
    change_params("epochs: 54", "epochs: 3")
    assert call("profile", "street", "--discard")[0] == 0
    assert Path("params.yaml").read_text() == compose("street")


def test_profile_keeps_the_former_params_beside_a_broken_link_of_that_name(call):
    change_params("epochs: 54", "epochs: 3")
    Path("params.yaml.bak-1").symlink_to("not_mounted.yaml")
    assert call("profile", "street", "--keep")[0] == 0
    assert Path("params.yaml.bak-1").is_symlink()
    assert "epochs: 3" in Path("params.yaml.bak-2").read_text()


def test_profile_lists_the_profiles_there_are_when_asked_for_another(call):
    status, _, error = call("profile", "milano")
    assert (status, error) == (
        1,
        "error: profiles/milano.yaml: no such profile; choose from atelier, demo, street, street-pretrained, thesis\n",
    )


def test_profile_refuses_a_key_it_does_not_know_and_leaves_params_as_it_was(call):
    before = Path("params.yaml").read_bytes()
    with Path("profiles/street.yaml").open("a") as file:
        file.write("dedup: {held_out_fraction: 0.1}\n")
    status, _, error = call("profile", "street")
    assert status == 1
    assert "profiles/street.yaml: dedup.held_out_fraction: unknown key; did you mean held_out_frac?" in error
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
    assert "labelled images" not in output  # they are DeepFashion itself
    assert error.rpartition("missing: ")[2].strip().split(", ")[-2:] == ["DeepFashion", "credentials"]


def test_doctor_asks_to_keep_the_archive_that_dvc_watches(call):
    call("profile", "thesis")
    tree = Path("data/thesis/deepfashion")
    for name in ("list_bbox.txt", "list_category_cloth.txt", "list_category_img.txt"):
        write_text(tree / "Anno_coarse" / name, "")
    (tree / "Img/img").mkdir(parents=True)
    assert "no Img/img.zip beside its images: DVC tracks that file, not the images" in call("doctor")[1]
    (tree / "Img/img.zip").touch()
    assert "img.zip" not in call("doctor")[1]


def change_params(before: str, after: str) -> None:
    path = Path("params.yaml")
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_costs_records_what_the_stages_of_both_locks_took(call):
    outs = [{"path": "data/x", "size": 2_000_000, "nfiles": 4}]
    for lock, stage in (("data/demo/dvc.lock", "demo"), ("dvc.lock", "scrape"), ("dvc.lock", "train_dcgan@cropped")):
        path = Path(lock)
        stages = yaml.safe_load(path.read_text())["stages"] if path.exists() else {}
        path.write_text(yaml.safe_dump({"schema": "2.0", "stages": {**stages, stage: {"outs": outs}}}))
        write_json(Path(f".costs/demo/{stage}.json"), {"wall_s": 50.0, "cpu_s": 90.0, "peak_mib": 700})
    status, output, _ = call("costs")
    assert status == 0
    assert "one after the other  2 min 30 s      4 min 30 s  700 MiB  6.0 MB     12" in output
    recorded = json.loads(Path("metrics/costs/demo.json").read_text())
    assert list(recorded["stages"]) == ["demo", "scrape", "train_dcgan@cropped"]


def test_costs_of_a_run_that_was_never_measured_says_what_measures_it(call):
    Path("dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": {"scrape": {"outs": []}}}))
    status, _, error = call("costs")
    assert status == 1
    assert "error: .costs/demo: no stage was measured here: `dvc repro` measures those that it runs" in error
    assert not Path("metrics/costs").exists()


@pytest.fixture
def add_remote(call):
    """Makes the folder a DVC repository with a remote, and changes a setting of it."""

    def add(*setting: str) -> None:
        for words in (["git", "init", "-q"], ["dvc", "init", "-q"], ["dvc", "remote", "add", "-d", "team", "s3://b/f"]):
            subprocess.run([shutil.which(words[0], path=f"{BIN}:{os.environ['PATH']}"), *words[1:]], check=True)
        subprocess.run([BIN / "dvc", "remote", "modify", *setting], check=True)

    return add


@pytest.mark.slow
def test_doctor_finds_a_key_in_a_file_that_git_keeps(call, add_remote):
    add_remote("team", "secret_access_key", "abc")
    status, output, _ = call("doctor")
    assert status == 1
    assert "team: .dvc/config, which Git keeps, has secret_access_key: take it out" in output


@pytest.mark.slow
@pytest.mark.slow
def test_doctor_finds_a_secret_in_the_address_of_a_remote_and_does_not_print_it(call, add_remote):
    add_remote("team", "url", "https://someone:canary@store.example/f")  # pragma: allowlist secret
    status, output, error = call("doctor")
    assert status == 1
    assert "team: .dvc/config, which Git keeps, has a secret in its url: take it out" in output
    assert "canary" not in output + error


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/path", "s3://bucket/path"),
        ("/mnt/store", "/mnt/store"),
        ("ssh://someone@store.example:22/f", "ssh://someone@store.example:22/f"),
        ("ssh://someone:canary@store.example:22/f", "ssh://someone:***@store.example:22/f"),  # pragma: allowlist secret
        ("azure://container/f?sig=canary&se=2026", "azure://container/f?sig=***&se=***"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url, shown):
    assert hide_secrets(url) == shown


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (("--local", "team", "secret_access_key", "abc"), "`dvc remote modify team verify true` makes it"),
        (("team", "verify", "true"), "team: s3://b/f"),
    ],
)
def test_doctor_says_whether_the_remote_is_checked(call, add_remote, setting, said):
    add_remote(*setting)
    status, output, _ = call("doctor")
    assert status == 0
    assert said in output
    assert "abc" not in output


def test_doctor_says_what_to_do_about_weights_that_are_not_there(call):
    change_params("weights: none #", "weights: data/resnet18.pth #")
    change_params("weights_sha256: null", f"weights_sha256: {'ab' * 32}")
    status, output, _ = call("doctor")
    assert status == 1
    assert "data/resnet18.pth: no such file; `dvc pull` or put it there, or set detector.model.weights" in output


@pytest.mark.skipif(find_spec("detectron2") is not None, reason="detectron2 is installed")
def test_doctor_misses_an_engine_that_is_asked_for(call):
    change_params("engine: torchvision", "engine: detectron2")
    change_params("size_divisor_px: 16", "size_divisor_px: 32")
    change_params("backbone_width_divisor: 2", "backbone_width_divisor: 1")
    status, output, error = call("doctor")
    assert status == 1
    assert "install it from its source" in output
    assert "missing: detectron2" in error


def test_params_that_began_as_no_profile_are_refused(call):
    change_params("profile: demo", "profile: demos")
    status, _, error = call("doctor")
    assert status == 1
    assert (
        "params.yaml: profile: demos: no such profile; choose from atelier, demo, street, street-pretrained, thesis"
        in error
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "last_kept",
    [
        pytest.param(r"\A", id="nothing"),
        pytest.param(r"stages:\n", id="no stage"),
        pytest.param(r"md5: \w{5}", id="within a hash"),
        pytest.param(r"- path: .*\n", id="no hash"),
        pytest.param(r"    params:\n(.*\n){2}", id="within the params"),
        pytest.param(r"    outs:\n", id="no output"),
        pytest.param(r"(?s:.*)(?=\n)", id="no last line end"),
    ],
)
@pytest.mark.parametrize("name", ["dvc.lock", "data/demo/dvc.lock"])
def test_doctor_finds_a_lock_that_a_kill_cut_off(call, name, last_kept):
    whole = (ROOT / name).read_text()
    Path(name).write_text(whole)
    assert call("doctor")[0] == 0
    Path(name).write_text(whole[: re.search(last_kept, whole).end()])
    status, output, error = call("doctor")
    assert status == 1
    assert f"{name}: incomplete: DVC was killed while writing it: `git checkout {name}`" in output
    assert "missing: dvc.lock" in error


def test_doctor_never_shows_the_password(call, monkeypatch):
    monkeypatch.setenv(EMAIL_VARIABLE, "someone@example.com")
    monkeypatch.setenv(PASSWORD_VARIABLE, "canary-6061")
    call("profile", "thesis")
    _, output, error = call("doctor")
    assert "canary-6061" not in output + error


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--jobs", "0"), "--jobs 0: ask for 1 or more"),
        (("--devices", "0,99"), ": no such GPU; torch sees "),
        ((), ": you are not inside of a DVC repository"),
    ],
)
def test_train_refuses_in_a_line_what_it_cannot_share_out(call, words, message):
    status, output, error = call("train", *words)
    assert (status, output, len(error.splitlines())) == (1, "", 1)
    assert message in error


def test_summary_prints_each_number_and_the_reports_path(call):
    write_json(Path("metrics/summary.json"), {"detector": {"resnet18": {"AP": 0.45}}, "data": {"pins": None}})
    status, output, _ = call("summary")
    assert status == 0
    assert [line.split() for line in output.splitlines()] == [
        ["detector.resnet18.AP", "0.45"],
        ["data.pins", "None"],
        ["report:", "not", "here", "yet:", "`dvc", "repro`", "writes", "it"],
    ]
    write_text(Path("reports/index.html"), "")
    assert call("summary")[1].splitlines()[-1] == f"report: {Path('reports/index.html').resolve()}"


@pytest.fixture
def trained(call, small_shape, query_all):
    """The variant `cropped`, trained as far as its files go."""
    torch.manual_seed(0)
    told = {"variant": "cropped", "seed": 7, "epochs": 1, "kept_epoch": 1, "fit": "cover", "query": query_all("crops")}
    counted = {"images_seen": 8, "training_images": 8, "generator_parameters": 1, "discriminator_parameters": 1}
    states = (network.state_dict() for network in (Generator(small_shape), Discriminator(small_shape)))
    save_networks(Path("models/dcgan/cropped"), *states, ModelCard(**small_shape.model_dump(), **told, **counted))


@pytest.mark.usefixtures("trained")
def test_generate_writes_images_a_grid_and_an_interpolation(call):
    words = ("generate", "cropped", "-n", "3", "--seed", "4", "--grid", "--interpolate", "--frames", "5")
    status, output, error = call(*words)
    folder = Path("generated/cropped-seed4")
    assert (status, output, error) == (0, f"3 images by cropped: {folder.resolve()}\n", "")
    files = ["seed4_0001.png", "seed4_0002.png", "seed4_0003.png", "seed4_grid.png", "seed4_interpolation.gif"]
    assert sorted(path.name for path in folder.iterdir()) == files
    assert call(*words)[::2] == (1, f"error: {folder}: exists already; name another folder, or delete this one\n")


@pytest.mark.usefixtures("trained")
def test_generate_writes_images_alone_where_nothing_else_is_asked(call):
    assert call("generate", "cropped", "-n", "2", "--out", "deep/here")[0] == 0
    assert sorted(path.name for path in Path("deep/here").iterdir()) == ["seed7_0001.png", "seed7_0002.png"]


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("generate", "cropped", "-n", "0"), "-n 0: ask for 1 or more"),
        (("generate", "cropped", "--interpolate", "--frames", "-2"), "--frames -2: ask for 1 or more"),
        (("generate", "cropped", "--seed", "-1"), "--seed -1: give a number from 0 to 4294967295"),
        (("generate", "cropped", "--seed", "9" * 400), "--seed 9999999999999999999…: give a number from 0 to"),
        (("generate", "cropped", "--transparent"), "--transparent: cropped trains on crops, which have a background"),
        (("generate", "milano"), "models/dcgan/milano: no such variant; params.yaml has cropped, original, subset"),
        (("generate", "subset"), "models/dcgan/subset: not trained yet; `dvc repro train_dcgan@subset`, or `dvc pull"),
        (("export", "subset", "--to", "subset.onnx"), "models/dcgan/subset: not trained yet; `dvc repro train"),
    ],
)
def test_what_cannot_be_drawn_is_one_line_and_leaves_no_file(call, words, message):
    before = sorted(Path().rglob("*"))
    status, _, error = call(*words)
    assert status == 1
    assert error.startswith(f"error: {message}")
    assert len(error.splitlines()) == 1
    assert sorted(Path().rglob("*")) == before


NO_SLUGS = ["../cropped", "cropped/..", "..", "/tmp", "a.b", "a b", "a\nb", "A", "", "é", "a;b", "x" * 65, "x" * 5000]


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("name", NO_SLUGS)
@pytest.mark.parametrize("words", [("generate", "-n", "1"), ("export", "--to", "x.onnx"), ("profile",)])
def test_a_name_that_is_no_slug_is_refused_in_one_line(call, words, name):
    before = sorted(Path().rglob("*"))
    status, output, error = call(*words, "--", name)
    assert (status, output, len(error.splitlines())) == (1, "", 1)
    assert error.startswith("error: '")
    assert "a name has at most 64 lower-case letters, digits, - and _" in error
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize("name", ["../demo", "a/b", "a\nb"])
def test_costs_refuses_a_profile_that_is_no_slug(call, name):
    values = yaml.safe_load(Path("params.yaml").read_text()) | {"profile": name}
    Path("params.yaml").write_text(yaml.safe_dump(values))
    status, output, error = call("costs")
    assert (status, output, len(error.splitlines())) == (1, "", 1)
    assert error.startswith("error: params.yaml: profile: '")


def test_train_refuses_what_doctor_refuses_before_it_starts_anything(call, monkeypatch):
    monkeypatch.setattr("fashiongen.cli.jobs.reproduction.plan_stages", lambda *args: pytest.fail("DVC was asked"))
    change_params("epochs: 54", "epochs: -60")
    refused = call("train")
    assert refused == call("doctor")
    assert refused[:2] == (1, "")
    assert "error: params.yaml: dcgan." in refused[2]
    assert "epochs" in refused[2]


@pytest.mark.slow
@pytest.mark.usefixtures("trained")
def test_export_writes_an_onnx_file(call):
    assert call("export", "cropped", "--to", "out/cropped.onnx")[0] == 0
    assert [value.name for value in onnx.load("out/cropped.onnx").graph.output] == ["images"]


def test_the_command_line_starts_without_torch():
    """`fashiongen --help` should not wait for what only some commands need."""
    code = "import sys; import fashiongen.cli.main; sys.exit(bool({'torch', 'PIL', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_summary_says_so_where_nothing_has_run(call):
    assert call("summary")[::2] == (1, "error: metrics/summary.json: no such file\n")
