"""The detector's benchmarks: contenders in a tiny size, their table, and the settings of the ablation."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from fashiongen.cli.profiles import read_profile

ROOT = Path(__file__).parents[2]


@pytest.fixture
def load(monkeypatch):
    """Imports a module of benchmarks/, which need not be a package."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module


@pytest.fixture
def repository(tmp_path):
    """Eight labelled images, and the demo's params with the narrowest networks."""
    rng = np.random.default_rng(0)
    content = {"images": [], "annotations": [], "categories": []}
    content["categories"] = [{"id": number, "name": name} for number, name in enumerate(("upper", "lower", "full"), 1)]
    (tmp_path / "img").mkdir()
    for number in range(1, 9):
        picture = Image.fromarray(rng.integers(0, 256, (96, 64, 3), dtype=np.uint8))
        picture.save(tmp_path / f"img/{number}.jpg")
        content["images"].append({"id": number, "file_name": f"img/{number}.jpg", "width": 64, "height": 96})
        box = {"bbox": [10, 20, 40, 60], "area": 2400, "iscrowd": 0}
        content["annotations"].append({"id": number, "image_id": number, "category_id": 1 + number % 3, **box})
    (tmp_path / "data/coco").mkdir(parents=True)
    for split in ("train", "val"):
        (tmp_path / f"data/coco/{split}.json").write_text(json.dumps(content))
    params = read_profile("demo", ROOT / "profiles")
    params["deepfashion"]["root"] = str(tmp_path)
    params["detector"]["model"] |= {"fpn_channels": 8, "box_head_dim": 8}
    params["detector"]["infer"] |= {"min_score": 0.0, "workers": 0}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    return tmp_path


@pytest.mark.slow
@pytest.mark.usefixtures("warm_python")
def test_every_contender_trains_and_detects(load, repository, capsys):
    load("detector").main(
        [
            "--repository",
            str(repository),
            "--iterations",
            "3",
            "--batch-size",
            "2",
            "--side-px",
            "64",
            "--device",
            "cpu",
        ]
    )
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    speeds = {row[0].strip("| "): (float(row[1]), float(row[4])) for row in rows[2:]}
    assert speeds.keys() >= {"torchvision, its reference loop", "ours, 32-true"}
    assert all(min(of) > 0 for of in speeds.values())


def test_a_setting_changes_only_the_params_that_it_names(load):
    ablation = load("detector_ablation")
    section = {"model": {"side": 1, "other": 2}, "train": {"augment": {"colour": 0.0}}}
    assert ablation.change(section, {"model.side": 3, "train.augment.colour": 0.5}) == {
        "model": {"side": 3, "other": 2},
        "train": {"augment": {"colour": 0.5}},
    }
    assert section["model"]["side"] == 1
    with pytest.raises(SystemExit, match=r"model\.sides: no such param"):
        ablation.change(section, {"model.sides": 3})


def test_every_setting_of_the_ablation_is_valid(load):
    ablation = load("detector_ablation")
    section = read_profile("street", ROOT / "profiles")["detector"]
    for changes in ablation.SETTINGS.values():
        assert ablation.build_params(section, changes, seed=1, iterations=100).train.iterations == 100
