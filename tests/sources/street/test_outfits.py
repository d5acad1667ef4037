"""The benchmark of whole outfits: a box for each garment of a label map, in the pixels of the labelled image."""

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture
def outfits(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("outfits")


def test_each_garment_has_its_box_and_bags_and_small_parts_have_none(outfits, ccp):
    """The photograph is 60 x 90, the labelled image half of it; the vest has a twentieth of the skirt's pixels."""
    regions = {"jacket": (10, 10, 40, 40), "skirt": (10, 40, 50, 80), "vest": (50, 10, 58, 20), "bag": (0, 60, 8, 80)}
    ccp.mapped("0003", regions)
    kinds = [{"id": number, "name": name} for number, name in enumerate(("upper", "lower", "full"), 1)]
    val = {"images": [{"id": 3, "width": 30, "height": 45}], "annotations": ["one"], "categories": kinds}
    made = outfits.label_outfits(val, ccp.folder, min_area_frac=0.1)
    assert made["images"] == val["images"]
    found = {(row["category_id"], *row["bbox"]) for row in made["annotations"]}
    assert found == {(2, 5, 20, 20, 20), (1, 5, 5, 15, 15)}
    assert [row["area"] for row in made["annotations"]] == [400, 225]
    every = outfits.label_outfits(val, ccp.folder, min_area_frac=0.0)
    assert len(every["annotations"]) == 3
