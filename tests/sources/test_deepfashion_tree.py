"""The written text files against what the benchmark's documentation shows, byte for byte."""

from collections import Counter

import numpy as np
import pytest

from fashiongen.sources.categories import CATEGORY_LABELS, CATEGORY_TYPES
from fashiongen.sources.deepfashion_tree import LabelledImage, image_file, split_officially, write_tree

BLOUSE = "img/Sheer_Pleated-Front_Blouse/img_00000001.jpg"


@pytest.fixture
def tree(tmp_path):
    write_tree(
        tmp_path,
        [
            LabelledImage(BLOUSE, "Blouse", (72, 79, 232, 273), "train"),
            LabelledImage("img/Coat/img_00000002.jpg", "Coat", (0, 5, 300, 7), "val"),
        ],
    )
    return tmp_path


def test_the_fifty_categories_have_the_published_types_and_labels():
    assert Counter(CATEGORY_TYPES.values()) == {"upper": 20, "lower": 16, "full": 14}
    published = {"Anorak": 1, "Blouse": 3, "Turtleneck": 20, "Capris": 21, "Trunks": 36, "Caftan": 37, "Sundress": 50}
    assert {name: CATEGORY_LABELS[name] for name in published} == published


def test_a_box_row_is_that_of_the_published_file(tree):
    lines = (tree / "Anno_coarse/list_bbox.txt").read_bytes().split(b"\n")
    assert lines[0] == b"2"
    assert lines[1] == b"image_name  x_1  y_1  x_2  y_2"
    assert lines[2] == BLOUSE.encode() + b" " * 24 + b"072 079 232 273"
    assert lines[3].endswith(b" 000 005 300 007")
    assert lines[4:] == [b""]


def test_labels_and_partition_start_in_the_same_column(tree):
    labels = (tree / "Anno_coarse/list_category_img.txt").read_text().splitlines()
    partition = (tree / "Eval/list_eval_partition.txt").read_text().splitlines()
    assert [row[71:] for row in labels[2:]] == ["3", "39"]
    assert [row[71:] for row in partition[2:]] == ["train", "val"]
    assert {row[70] for row in labels[2:] + partition[2:]} == {" "}


def test_the_category_file_lists_all_fifty(tree):
    lines = (tree / "Anno_coarse/list_category_cloth.txt").read_text().splitlines()
    assert lines[:3] == ["50", "category_name  category_type", "Anorak         1"]
    assert lines[-1] == "Sundress       3"
    assert len(lines) == 52


def test_a_path_as_long_as_its_column_keeps_its_separator(tmp_path):
    path = f"img/{'x' * 70}/img_00000001.jpg"
    write_tree(tmp_path, [LabelledImage(path, "Tee", (1, 2, 3, 4), "test")])
    assert (tmp_path / "Eval/list_eval_partition.txt").read_text().splitlines()[2] == f"{path} test"


def test_only_the_box_files_count_is_overstated(tmp_path):
    write_tree(tmp_path, [LabelledImage(BLOUSE, "Blouse", (72, 79, 232, 273), "train")], overcounted_boxes=3)
    counts = {path.name: path.read_text().splitlines()[0] for path in tmp_path.rglob("*.txt")}
    assert counts == {
        "list_bbox.txt": "4",
        "list_category_img.txt": "1",
        "list_category_cloth.txt": "50",
        "list_eval_partition.txt": "1",
    }


def test_images_lie_under_img(tmp_path):
    assert image_file(tmp_path, BLOUSE) == tmp_path / "Img" / BLOUSE


def test_the_official_partition_has_its_shares_whatever_the_seed():
    for seed in range(5):
        drawn = split_officially(101, {"train": 0.7, "val": 0.2, "test": 0.1}, np.random.default_rng(seed))
        assert Counter(drawn) == {"train": 71, "val": 20, "test": 10}
