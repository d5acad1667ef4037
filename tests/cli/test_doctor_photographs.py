"""Doctor knows catalogues of photographs: what they need, and a path that leads nowhere."""

import os
from pathlib import Path

import pytest
import yaml

from fashiongen import config


@pytest.fixture
def catalogue(call, tmp_path):
    """The current folder's params name data/own, whose catalogue lists one folder of photographs."""
    assert call("profile", "demo")[0] == 0
    values = config.read_yaml(tmp_path / "params.yaml")
    values["scrape"]["boards"] = "data/own"
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(values))
    (tmp_path / "data/own/nord").mkdir(parents=True)
    path = tmp_path / "data/own/catalogue.yaml"
    path.write_text("photographs:\n  - {brand: Nord, season: FW26, path: nord}\n")
    return path


def test_photographs_alone_need_no_browser_and_no_account(call, catalogue, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    status, output, error = call("doctor")
    assert (status, error) == (0, "")
    assert output.count("not needed: the catalogue lists photographs alone") == 2


def test_photographs_that_are_not_there_are_named_with_the_remedy(call, catalogue):
    (catalogue.parent / "nord").rmdir()
    status, output, error = call("doctor")
    assert status == 1
    assert "photographs.0.path: nord: no folder or zip file at" in output + error
    assert "correct the path (a relative one starts at the catalogue's folder)" in output + error


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: (folder / "a.jpg").symlink_to("nowhere.jpg"), "nord/a.jpg: a link that leads nowhere"),
        (lambda folder: os.mkfifo(folder / "a.jpg"), "nord/a.jpg: neither a file nor a folder"),
        (
            lambda folder: Path(os.fsdecode(bytes(folder) + b"/\xfc.jpg")).touch(),
            r"nord/\xfc.jpg: its name is not UTF-8",
        ),
    ],
    ids=["broken_link", "pipe", "name"],
)
def test_a_file_that_dvc_cannot_hash_is_named_with_the_remedy(call, catalogue, make, said):
    make(catalogue.parent / "nord")
    status, output, _ = call("doctor")
    assert status == 1
    assert said in output


def test_photographs_behind_links_and_with_odd_names_are_no_fault(call, catalogue):
    folder = catalogue.parent / "nord"
    for name in ("Ä ö.jpg", "a;$(b)\n'c.jpg", "n" * 255):
        (folder / name).touch()
    (folder / "link.jpg").symlink_to("Ä ö.jpg")
    (folder / "circle").symlink_to(".")
    assert call("doctor")[0] == 0
