"""The stage and its command, on planted cut-outs."""

import json
from pathlib import Path

import pytest
import yaml
from PIL import Image

from fashiongen.errors import CorruptImage
from fashiongen.files import read_csv, write_csv
from fashiongen.images.manifest import CropRecord
from fashiongen.trends.records import GarmentRecord, SeasonExample, SeriesRecord, SwatchRecord
from stages import trends
from tests.trends.conftest import crop_record, plain

RED, BLUE, CREAM = (180, 30, 40), (30, 50, 140), (244, 240, 230)
OUTPUTS = ("data/trends", "reports/trends", "metrics")


@pytest.fixture
def lay_out(tmp_path, monkeypatch, params):
    """Writes the rows of crops.csv, and goes where the stage runs."""
    monkeypatch.chdir(tmp_path)
    executor = {"engine": "local", "address": None, "workers": 1}
    Path("params.yaml").write_text(yaml.safe_dump({"executor": executor, "trends": params.model_dump()}))
    return lambda crops: write_csv(Path("data/crops/crops.csv"), CropRecord, crops)


@pytest.fixture
def crops(cut_out):
    """A brand that goes from red to blue, another that stays cream, and a garment without a cut-out."""
    of_nord = [
        cut_out(plain(colour), season=season) for colour, season in ((RED, "SS26"), (BLUE, "FW26")) for _ in range(6)
    ]
    of_aurore = [cut_out(plain(CREAM), brand="Maison Aurore", season=season) for season in ("SS26", "FW26", "archive")]
    return [*of_nord, *of_aurore, crop_record(file="torn.png", mask="torn")]


def read_outputs():
    return {path: path.read_bytes() for top in OUTPUTS for path in Path(top).rglob("*") if path.is_file()}


def test_a_planted_change_of_colour_is_in_the_tables(lay_out, crops):
    lay_out(crops)
    trends.main()
    palettes = read_csv(Path("data/trends/palettes.csv"), SwatchRecord)
    assert {(row.season, row.colour): row.share for row in palettes if row.brand == "Nord"} == {
        ("SS26", "#b41e28"): 1,
        ("FW26", "#1e328c"): 1,
    }
    assert {row.colour for row in palettes if row.brand == "Maison Aurore"} == {"#f4f0e6"}
    lightness = {
        (row.brand, row.season): row
        for row in read_csv(Path("data/trends/series.csv"), SeriesRecord)
        if row.measure == "lightness"
    }
    assert lightness["Nord", "FW26"].high < lightness["Nord", "SS26"].low
    assert lightness["Maison Aurore", "SS26"].low is None
    assert lightness["", "SS26"].garments == 7
    counts = json.loads(Path("metrics/trends.json").read_text())
    assert (counts["garments"], counts["without_cutout"], counts["without_season"]) == (15, 1, 1)
    assert counts["season_from_pin"] == 0


def test_the_picture_shows_each_seasons_colours(lay_out, crops):
    """All brands, Maison Aurore and Nord have two bars each, from top to bottom."""
    lay_out(crops)
    trends.main()
    with Image.open("reports/trends/palettes.png") as image:
        column = [image.convert("RGB").getpixel((image.width - 40, y)) for y in range(image.height)]
    shown = [colour for colour, before in zip(column, [None, *column], strict=False) if colour != before]
    assert [colour for colour in shown if colour in (RED, BLUE, CREAM)][-4:] == [CREAM, CREAM, RED, BLUE]


def test_garments_that_stand_for_a_season_are_pictures(lay_out, crops):
    lay_out(crops)
    trends.main()
    rows = read_csv(Path("data/trends/examples.csv"), SeasonExample)
    assert {(row.brand, row.season): row.rank for row in rows}["Nord", "SS26"] == 3
    of_nord = [row for row in rows if (row.brand, row.season) == ("Nord", "FW26")]
    assert {row.file for row in of_nord} <= {crop.file for crop in crops[6:12]}
    assert sorted(path.name for path in Path("reports/trends/garments").iterdir()) == [row.picture for row in rows]
    with Image.open(Path("reports/trends/garments") / of_nord[0].picture) as image:
        assert image.getpixel((image.width // 2, image.height // 2)) == (*BLUE, 255)


def test_the_same_cutouts_give_the_same_bytes_whoever_measures(lay_out, crops):
    lay_out(crops)
    trends.main()
    first = read_outputs()
    values = yaml.safe_load(Path("params.yaml").read_text())
    values["executor"]["workers"] = 2
    Path("params.yaml").write_text(yaml.safe_dump(values))
    trends.main()
    assert read_outputs() == first
    assert len({path.suffix for path in first}) == 3


@pytest.mark.parametrize("masks", [[], ["torn", "empty"], [None]])
def test_without_cutouts_the_tables_are_empty_and_the_run_goes_on(lay_out, cut_out, masks, capsys):
    lay_out([crop_record(file=f"{number}.png", mask=mask) for number, mask in enumerate(masks)])
    trends.main()
    assert read_csv(Path("data/trends/garments.csv"), GarmentRecord) == []
    assert f"0 garments, {len(masks)} without cutout" in capsys.readouterr().out
    with Image.open("reports/trends/palettes.png") as image:
        image.load()


def test_a_damaged_cutout_ends_the_stage_and_keeps_the_last_run(lay_out, crops, cut_out):
    lay_out(crops)
    trends.main()
    before = read_outputs()
    (cut_out.folder / crops[3].file).write_bytes(b"no image")
    with pytest.raises(CorruptImage, match=crops[3].file):
        trends.main()
    assert read_outputs() == before


class TestTheCommand:
    @pytest.fixture
    def told(self, lay_out, crops, call, capsys):
        lay_out(crops)
        trends.main()
        capsys.readouterr()
        return call

    def test_prints_each_brands_seasons(self, told):
        status, output, error = told("trends")
        assert (status, error) == (0, "")
        captions = [line for line in output.splitlines() if line and not line.startswith(("─", "season", "SS", "FW"))]
        assert captions == [f"{name}, season by season" for name in ("all brands", "Maison Aurore", "Nord")]
        of_nord = output[output.index("Nord") :].splitlines()
        assert [line.split()[0] for line in of_nord if line.startswith(("SS", "FW"))] == ["SS26", "FW26"]
        assert of_nord[4].endswith("scarlet 100 %")

    @pytest.mark.parametrize("name", ["Maison Aurore", "maison aurore"])
    def test_prints_one_brand(self, told, name):
        _, output, _ = told("trends", "--brand", name)
        assert output.startswith("Maison Aurore, season by season\n")
        assert "Nord" not in output

    def test_names_the_brands_that_there_are(self, told):
        status, _, error = told("trends", "--brand", "Noire")
        assert status == 1
        assert "--brand Noire: no such brand in data/trends/series.csv, which has Maison Aurore, Nord" in error

    def test_says_what_to_run_first(self, call):
        status, _, error = call("trends")
        assert status == 1
        assert "data/trends/series.csv" in error
