"""The examples of the docs work: both catalogues, and the tree of labelled images."""

import re
import textwrap
from pathlib import Path

import pytest
import yaml
from PIL import Image

from fashiongen import config
from fashiongen.boards.catalogue import read_catalogue, require_photographs
from fashiongen.cli.profiles import compose
from fashiongen.dcgan.params import DcganParams
from fashiongen.deepfashion.annotations import read_annotations
from fashiongen.deepfashion.conversion import convert_items
from fashiongen.deepfashion.image_sizes import measure_sizes
from fashiongen.deepfashion.items import join_items
from fashiongen.deepfashion.layout import find_image_folder
from fashiongen.deepfashion.params import DeepfashionParams
from fashiongen.images.manifest import PinRecord

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)


def test_the_catalogue_is_one_that_can_be_scraped(tmp_path):
    (block,) = blocks("own-boards.md", "yaml")
    (tmp_path / "catalogue.yaml").write_text(block)
    catalogue = read_catalogue(tmp_path)
    require_photographs(catalogue, tmp_path)
    assert [(board.brand, board.season) for board in catalogue.boards] == [
        ("Chanel", "SS26"),
        ("Chanel", "FW26"),
        ("Marni", "SS26"),
        ("Missoni", "runway"),
    ]


def test_the_photographs_of_the_guide_are_a_valid_catalogue(tmp_path):
    (block,) = re.findall(
        r"^ +```yaml\n(.*?)^ +```", (DOCS / "own-photographs.md").read_text(), re.MULTILINE | re.DOTALL
    )
    (tmp_path / "catalogue.yaml").write_text(textwrap.dedent(block))
    catalogue = read_catalogue(tmp_path)
    assert [(each.brand, each.season, each.path) for each in catalogue.photographs] == [
        ("Maison Aurore", "FW26", "aurore_fw26"),
        ("Nord", "SS26", "nord_ss26.zip"),
    ]


@pytest.mark.parametrize("page", ["own-boards.md", "own-photographs.md"])
def test_the_columns_of_pins_that_a_page_names_are_columns(page):
    named = re.findall(r"its `(\w+)` is|`(\w+)` is its path|and\s+`(\w+)` says", (DOCS / page).read_text())
    columns = {column for found in named for column in found if column}
    assert "outcome" in columns
    assert columns <= PinRecord.model_fields.keys()


@pytest.fixture
def tree(tmp_path):
    """The files of the page, in the order in which it shows them, and an image for each row."""
    layout, *texts = blocks("own-data-set.md", "text")
    names = re.findall(r"^`(Anno_coarse/\w+\.txt)`$", (DOCS / "own-data-set.md").read_text(), re.MULTILINE)
    assert len(names) == 3
    for name, text in zip(names, texts, strict=False):
        assert name in layout
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    for name in ("img/coats/0001.jpg", "img/skirts/0001.jpg"):
        path = tmp_path / "Img" / name
        path.parent.mkdir(parents=True)
        Image.new("RGB", (200, 300)).save(path)
    return tmp_path


def test_the_tree_is_read_as_the_page_says(tree):
    items, unmatched = join_items(read_annotations(tree, with_partition=False))
    folder = find_image_folder(tree, (item.image_name for item in items))
    assert (folder, unmatched) == (Path("Img"), [])
    assert [(item.category.name, item.category.type) for item in items] == [("Coat", "full"), ("Skirt", "lower")]
    names = (item.image_name for item in items)
    sizes = list(measure_sizes(tree / folder, names, decode=True, cache=tree / "sizes.sqlite"))
    converted = list(convert_items(items, sizes, folder, check_boxes=True))
    assert [each.image.bbox for each in converted] == [(24, 10, 162, 253), (30, 120, 120, 160)]


def test_the_params_are_those_of_the_section():
    (block,) = blocks("own-data-set.md", "yaml")
    params = DeepfashionParams.model_validate(yaml.safe_load(block))
    assert (params.root, params.split) == (Path("data/mine/deepfashion"), "random")


@pytest.mark.parametrize("block", [block for block in blocks("variants.md", "yaml") if "<<: *settings" in block])
def test_the_variants_of_the_page_can_be_added_to_a_profile(block):
    """After its other variants, read as the stages read it."""
    before, evaluate, rest = compose("demo", DOCS.parent / "profiles").partition("\nevaluate:")
    variants = config.parse_yaml(f"{before}\n{block}{evaluate}{rest}", Path("params.yaml"))["dcgan"]["variants"]
    DcganParams.model_validate(variants[block.split(":")[0].strip()])
