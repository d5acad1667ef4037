"""COCO files, read back by pycocotools."""

import json

import pytest

from fashiongen.coco.dataset import LabelledImage, build_dataset, load_dataset, write_dataset
from fashiongen.errors import AnnotationError, BadInput, MissingInput

ROWS = [
    LabelledImage(3, "Img/img/Blouse/img_00000001.jpg", 200, 300, 1, (72.0, 79.0, 100.0, 150.0)),
    LabelledImage(8, "Img/img/Robe/img_00000001.jpg", 201, 299, 3, (0.0, 0.0, 201.0, 299.0)),
]


@pytest.fixture
def path(tmp_path):
    write_dataset(tmp_path / "train.json", build_dataset(ROWS, "two images"))
    return tmp_path / "train.json"


def test_pycocotools_finds_images_boxes_and_categories(path, capsys):
    coco = load_dataset(path)
    assert capsys.readouterr().out == ""
    assert sorted(coco.getImgIds()) == [3, 8]
    assert [cat["name"] for cat in coco.loadCats([1, 2, 3])] == ["upper", "lower", "full"]
    (annotation,) = coco.loadAnns(coco.getAnnIds(imgIds=[3]))
    assert annotation["bbox"] == [72, 79, 100, 150]
    assert annotation["area"] == 15_000
    assert annotation["iscrowd"] == 0
    assert coco.loadImgs([8])[0]["file_name"] == "Img/img/Robe/img_00000001.jpg"
    assert coco.getImgIds(catIds=[3]) == [8]


def test_the_file_has_the_five_tables_and_a_row_a_line(path):
    lines = path.read_text().splitlines()
    assert list(json.loads(path.read_text())) == ["info", "licenses", "images", "annotations", "categories"]
    assert sum(line.startswith('{"id": 8') for line in lines) == 2


def test_every_category_is_listed_without_an_image(tmp_path):
    write_dataset(tmp_path / "a.json", build_dataset([], "nothing"))
    coco = load_dataset(tmp_path / "a.json")
    assert coco.getCatIds() == [1, 2, 3]
    assert coco.getImgIds() == []


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("[]", AnnotationError, "not a COCO file: no images, annotations, categories"),
        ('{"images": [], "categories": []}', AnnotationError, "no annotations"),
        ("{", BadInput, "not JSON"),
    ],
)
def test_another_file_is_an_error_that_names_it(tmp_path, content, error, message):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(error, match=rf"a\.json: .*{message}"):
        load_dataset(tmp_path / "a.json")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(MissingInput):
        load_dataset(tmp_path / "a.json")


@pytest.mark.parametrize("key", ["image_id", "category_id"])
def test_an_annotation_of_nothing_is_an_error(path, key):
    document = json.loads(path.read_text())
    document["annotations"][1][key] = 99
    path.write_text(json.dumps(document))
    with pytest.raises(AnnotationError, match="annotation 8"):
        load_dataset(path)
