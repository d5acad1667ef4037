import json
import re

import pytest
from PIL import Image, UnidentifiedImageError

pytestmark = pytest.mark.slow

# The published rows, copied out of the benchmark's description; the writer does not share them.
BOX_ROW = re.compile(r"^img/[A-Za-z_-]+/img_\d{8}\.jpg {1,60}(\d{3}) (\d{3}) (\d{3}) (\d{3})$")
LABEL_ROW = re.compile(r"^img/[A-Za-z_-]+/img_\d{8}\.jpg {1,60}([1-9]\d?)$")
STATUS_ROW = re.compile(r"^img/[A-Za-z_-]+/img_\d{8}\.jpg {1,60}(train|val|test)$")


def lines_of(demo, name):
    text = (demo / "deepfashion" / name).read_bytes().decode("ascii")
    assert text.endswith("\n") and "\r" not in text and "\t" not in text
    return text.split("\n")[:-1]


def test_every_category_is_listed_under_its_count_with_its_type_in_column_16(demo):
    lines = lines_of(demo, "Anno_coarse/list_category_cloth.txt")
    assert lines[:2] == ["50", "category_name  category_type"]
    assert lines[2:4] == ["Anorak         1", "Blazer         1"]
    assert lines[-1] == "Sundress       3"
    assert len(lines) == 52 and all(
        re.fullmatch(r"[A-Z][A-Za-z-]+ +[123]", line) and len(line) == 16 for line in lines[2:]
    )


@pytest.mark.parametrize(
    ("name", "header", "row", "width"),
    [
        ("Anno_coarse/list_bbox.txt", "image_name  x_1  y_1  x_2  y_2", BOX_ROW, 71 + 15),
        ("Anno_coarse/list_category_img.txt", "image_name  category_label", LABEL_ROW, None),
        ("Eval/list_eval_partition.txt", "image_name  evaluation_status", STATUS_ROW, None),
    ],
)
def test_rows_have_the_published_columns(demo, name, header, row, width):
    lines = lines_of(demo, name)
    assert lines[1] == header
    assert all(row.match(line) for line in lines[2:])
    assert all(line[70] == " " and line[71] != " " for line in lines[2:])
    assert width is None or {len(line) for line in lines[2:]} == {width}


def test_only_the_box_files_count_line_is_wrong_by_the_planted_difference(demo, params):
    for name in ("Anno_coarse/list_category_img.txt", "Eval/list_eval_partition.txt"):
        lines = lines_of(demo, name)
        assert int(lines[0]) == len(lines) - 2 == params.labelled.images
    lines = lines_of(demo, "Anno_coarse/list_bbox.txt")
    assert int(lines[0]) == len(lines) - 2 + params.defects.rows_fewer_than_counted


def test_an_item_is_never_split_between_train_and_test(demo):
    statuses: dict[str, set[str]] = {}
    for line in lines_of(demo, "Eval/list_eval_partition.txt")[2:]:
        path, status = line.split()
        statuses.setdefault(path.rsplit("/", 1)[0], set()).add(status)
    assert all(len(status) == 1 for status in statuses.values())


def test_exactly_the_listed_rows_have_defects(demo, params):
    defects = json.loads((demo / "truth/defects.json").read_text())
    kinds = {path: kind for kind, paths in defects.items() if kind != "count_line" for path in paths}
    assert len(kinds) == sum(count for kind, count in params.defects if kind != "rows_fewer_than_counted")
    for line in lines_of(demo, "Anno_coarse/list_bbox.txt")[2:]:
        path, *box = line.split()
        assert find_defect(demo / "deepfashion/Img" / path, *map(int, box)) == kinds.get(path), path


def find_defect(file, x1, y1, x2, y2):
    """What is wrong with a row, judged from its file and box alone."""
    if not file.exists():
        return "missing_images"
    try:
        with Image.open(file) as image:
            width, height = image.size
            image.load()
    except UnidentifiedImageError:
        return "not_images"
    except OSError:
        return "truncated_images"
    if x2 < x1 or y2 < y1:
        return "reversed_boxes"
    if x2 > width or y2 > height:
        return "boxes_past_the_edge"
    return "degenerate_boxes" if x2 - x1 <= 1 or y2 - y1 <= 1 else None
