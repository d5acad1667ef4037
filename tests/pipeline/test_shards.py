"""The stages write shards, and what is in them is what they write as files of their own."""

import csv
import zipfile
from pathlib import Path

import pytest

PER_SHARD = 5
FOLDERS = ("scraped/images", "pinterest/images", "crops/images", "crops/masks", "crops/cutouts")
TABLES = ("scraped/pins.csv", "pinterest/manifest.csv", "pinterest/duplicates.csv", "crops/crops.csv")


def read_files(folder: Path) -> dict[str, bytes]:
    """The content of each file below a folder, those in zip files included, as if these were not there."""
    found = {}
    for path in folder.rglob("*.*"):
        place = path.parent.relative_to(folder)
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as shard:
                assert 0 < len(shard.namelist()) <= PER_SHARD
                found |= {f"{place}/{name}": shard.read(name) for name in shard.namelist()}
        else:
            found[f"{place}/{path.name}"] = path.read_bytes()
    return found


def read_rows(path: Path) -> list[list[str]]:
    """The cells of a table, without the shard in the names of files."""
    with path.open(newline="", encoding="utf-8") as file:
        return [[cell.replace(find_shard(cell), "") for cell in row] for row in csv.reader(file)]


def find_shard(cell: str) -> str:
    return next((f"{part}/" for part in cell.split("/") if part.endswith(".zip")), "")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(1800)  # `finished` may have to run first
def test_shards_hold_the_files_of_a_run_without_them(finished, copy_finished):
    clone = copy_finished()
    clone.change_yaml("params.yaml", {"storage": {"images_per_shard": PER_SHARD}})
    clone.run("dvc repro crop_pinterest")
    alone, sharded = finished / "data", clone.folder / "data"
    for table in TABLES:
        assert read_rows(sharded / table) == read_rows(alone / table)
    for folder in FOLDERS:
        assert read_files(sharded / folder) == read_files(alone / folder)
        assert {path.suffix for path in (sharded / folder).rglob("*.*")} == {".zip"}
