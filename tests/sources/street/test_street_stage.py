"""The stage on a drawn data set, and on a part of the real one where there is a copy of it."""

import csv
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.io import loadmat

from fashiongen.errors import MissingInput
from fashiongen.sources.standin.database import read_site
from fashiongen.sources.street.ccp import read_photograph
from fashiongen.sources.street.garments import CATEGORIES
from stages import find_ccp, street

ROOT = Path(__file__).parents[3]


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """An empty repository with the committed params of this source."""
    folder = tmp_path / "repository"
    (folder / "data/street").mkdir(parents=True)
    (folder / "data/street/params.yaml").write_bytes((ROOT / "data/street/params.yaml").read_bytes())
    monkeypatch.chdir(folder)
    return folder / "data/street"


def plant_densely(folder: Path) -> None:
    """Fractions of which something is left on a few pictures."""
    values = yaml.safe_load((folder / "params.yaml").read_text())
    values["street"]["planting"] |= {"repeated_frac": 0.1, "near_duplicate_frac": 0.1}
    values["street"]["planting"] |= {"forbidden_frac": 0.1, "more_ideas_per_board": 3}
    (folder / "params.yaml").write_text(yaml.safe_dump(values))


@pytest.fixture
def made(ccp, workplace):
    """The two inputs out of four mapped and twenty tagged photographs."""
    for number, tag in enumerate(["dress", "skirt", "suit", "bag"], start=1):
        ccp.mapped(f"{number:04d}", {tag: (10, 20, 40, 80)})
    for number in range(1005, 1025):
        ccp.tagged(str(number), ["skin", "coat", "boots"])
    (workplace / "ccp").symlink_to(ccp.folder)
    plant_densely(workplace)
    street.main()
    return workplace


def read_rows(folder: Path, name: str) -> list[list[str]]:
    return [line.split() for line in (folder / "deepfashion" / name).read_text().splitlines()[2:]]


def test_each_photograph_with_a_listed_garment_is_a_labelled_image(made):
    boxes = read_rows(made, "Anno_coarse/list_bbox.txt")
    assert [row[0] for row in boxes] == [
        "img/Street_0001_Dress/img_00000001.jpg",
        "img/Street_0002_Skirt/img_00000002.jpg",
        "img/Street_0003_Blazer/img_00000003.jpg",
    ]
    assert {tuple(row[1:]) for row in boxes} == {("033", "067", "133", "267")}  # 300/90 of 10, 20, 40, 80
    assert [row[1] for row in read_rows(made, "Anno_coarse/list_category_img.txt")] == ["41", "33", "2"]
    sizes = {read_photograph(made / "deepfashion/Img" / row[0]).size for row in boxes}
    assert sizes == {(200, 300)}


def test_the_boards_and_the_truth_tell_of_the_same_pins(made):
    boards = read_site(made / "boards/site")
    with (made / "truth/pins.csv").open() as file:
        truth = list(csv.DictReader(file))
    assert [(row["pin_id"], row["signature"]) for row in truth] == [
        (pin.id, pin.signature) for board in boards for pin in board.feed
    ]
    assert Counter(row["rule"] for row in truth) == {"": 20, "name": 2, "near": 2}
    catalogue = yaml.safe_load((made / "boards/catalogue.yaml").read_text())
    assert [entry["url"] for entry in catalogue["boards"]] == [board.url for board in boards]


def test_two_runs_write_the_same_bytes(made):
    def content() -> dict[str, str]:
        files = sorted(path for name in ("deepfashion", "boards", "truth") for path in (made / name).rglob("*.*"))
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()}

    first = content()
    street.main()
    assert content() == first


def test_a_copy_named_in_the_environment_is_found(ccp, workplace, monkeypatch):
    monkeypatch.setenv("FASHIONGEN_CCP", str(ccp.folder))
    find_ccp.main()
    assert (workplace / "ccp").resolve() == ccp.folder.resolve()
    assert (workplace / "found.txt").is_file()


def test_without_the_photographs_the_line_says_how_to_get_them(workplace, monkeypatch):
    monkeypatch.delenv("FASHIONGEN_CCP", raising=False)
    with pytest.raises(MissingInput, match=r"^data/street/ccp: .*dvc import .*FASHIONGEN_CCP$"):
        find_ccp.main()
    assert not (workplace / "found.txt").exists()


def test_the_box_of_a_real_photograph_holds_its_garment_and_touches_it_on_each_side(link_ccp, workplace):
    """The oracle reads the label maps by itself, at the size at which they were drawn."""
    real_ccp = link_ccp(20)
    (workplace / "ccp").symlink_to(real_ccp)
    plant_densely(workplace)
    street.main()
    tags = [str(cell.item()) for cell in loadmat(real_ccp / "label_list.mat")["label_list"].ravel()]
    garments = [tags.index(tag) for tag in CATEGORIES]
    rows = read_rows(workplace, "Anno_coarse/list_bbox.txt")
    assert len(rows) == 20
    for path, *cells in rows:
        labels = loadmat(real_ccp / "annotations/pixel-level" / f"{path.split('_')[1]}.mat")["groundtruth"]
        mask = labels == max(garments, key=lambda label, labels=labels: (labels == label).sum())
        scale = 300 / max(mask.shape)
        x1, y1, x2, y2 = (round(int(cell) / scale) for cell in cells)
        inside = mask[y1:y2, x1:x2]
        assert inside.sum() > 0.97 * mask.sum()
        edges = (inside[:6], inside[-6:], inside[:, :6], inside[:, -6:])  # 6 pixels are 2 of the resized photograph
        assert all(np.any(edge) for edge in edges)
    assert len(read_site(workplace / "boards/site")) == 6
