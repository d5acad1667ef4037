"""The guide for one's own photographs, followed with something to lose: DVC and the stages lose none of it."""

import csv
import hashlib
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

CATALOGUE = {
    "photographs": [
        {"brand": "Maison Aurore", "season": "FW26", "path": "aurore_fw26"},
        {"brand": "Nord", "season": "SS26", "path": "nord.zip"},
    ]
}


def draw(path: Path, number: int) -> None:
    """A photograph that looks like no other: noise of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(number).integers(0, 256, (24, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((160, 240)).save(path)


def hash_all(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def clone(lay_out, tmp_path):
    """A repository whose catalogue lists two brands' photographs of equal names."""
    (tmp_path / "clone").mkdir()
    made = lay_out(tmp_path / "clone")
    own = made.folder / "data/own"
    for number in range(5):
        draw(own / f"aurore_fw26/{number:03d}.jpg", number)
        draw(tmp_path / f"nord/{number:03d}.jpg", 10 + number)
    shutil.make_archive(str(own / "nord"), "zip", tmp_path / "nord")
    (own / "catalogue.yaml").write_text(yaml.safe_dump(CATALOGUE))
    made.change_yaml("params.yaml", {"scrape": {"boards": "data/own"}})
    return made


@pytest.mark.slow
def test_nothing_that_the_user_put_anywhere_is_lost(clone):
    own, mine = clone.folder / "data/own", clone.folder / "data/scraped/mine"
    originals = hash_all(own)
    clone.run("dvc repro dedup")
    assert hash_all(own) == originals
    assert len(hash_all(clone.folder / "data/pinterest/images")) == 10
    manifest = read_rows(clone.folder / "data/pinterest/manifest.csv")
    assert Counter(row["brand"] for row in manifest) == {"Maison Aurore": 5, "Nord": 5}

    for number in range(3):  # photographs in the output, where an older guide told users to put them
        draw(mine / f"{number:03d}.jpg", 20 + number)
    held = hash_all(mine)
    clone.run("dvc repro scrape")
    clone.run("dvc checkout scrape")
    assert hash_all(mine) == held
    refused = "3 files there were not written by a scrape, such as mine/000.jpg"
    with (clone.folder / "stages/scrape.py").open("a") as script:
        script.write("# a change of the code\n")
    assert refused in clone.fail("dvc repro scrape")
    assert hash_all(mine) == held

    mine.rename(own / "mine")  # what the message says to do
    added = {"brand": "Mine", "season": "SS26", "path": "mine"}
    (own / "catalogue.yaml").write_text(yaml.safe_dump({"photographs": [*CATALOGUE["photographs"], added]}))
    clone.run("dvc repro dedup")
    assert len(hash_all(clone.folder / "data/pinterest/images")) == 13
    after = hash_all(own)
    assert {name for name, digest in originals.items() if after[name] != digest} == {"catalogue.yaml"}
    (own / "mine/000.jpg").unlink()
    assert "modified:           data/own" in clone.run("dvc status scrape")
