"""The stage from the benchmark's tree to COCO files, an account and figures."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from fashiongen.coco.dataset import load_dataset
from fashiongen.deepfashion.records import ExampleRecord
from fashiongen.errors import AnnotationError, TooFewImages
from fashiongen.files import read_csv
from fashiongen.images.reading.decode import read_image
from fashiongen.sources.deepfashion_tree import LabelledImage, image_file, write_tree
from stages import deepfashion_to_coco

PARAMS = (
    "executor: {{engine: local, address: null, workers: null}}\n"
    "deepfashion: {{root: data/demo/deepfashion, split: {split}, train_frac: {frac}, seed: 7, "
    "decode_images: {decode}, check_boxes: {check}}}\n"
)
CATEGORIES = ["Tee", "Jeans", "Dress", "Blouse", "Skirt"]
IMAGES = 40


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Forty images in folders of four; rows 0 to 5 are bad in each of the known ways."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "data/demo/deepfashion"
    boxes = {0: (40, 5, 10, 50), 1: (10, 5, 99, 50), 2: (10, 5, 11, 50)}
    rows = []
    for n in range(IMAGES):
        category, part = CATEGORIES[n % 5], ("train", "val", "test", "train")[n % 4]
        path = f"img/Item_{n // 4}/img_{n:08d}.jpg"
        rows.append(LabelledImage(path, category, boxes.get(n, (10, 5, 40, 50)), part))
        image_file(root, path).parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(n).integers(0, 256, (60, 50, 3), np.uint8)
        Image.fromarray(noise).save(image_file(root, path))
    write_tree(root, rows)
    image_file(root, rows[3].path).unlink()
    image_file(root, rows[4].path).write_bytes(image_file(root, rows[4].path).read_bytes()[:500])
    boxes_file = root / "Anno_coarse/list_bbox.txt"
    boxes_file.write_text("41" + boxes_file.read_text().replace(rows[5].path, rows[5].path[:-3] + "png")[2:])
    return tmp_path


def run(tree, split="random", frac=0.7, decode="false", check="true"):
    (tree / "params.yaml").write_text(PARAMS.format(split=split, frac=frac, decode=decode, check=check))
    deepfashion_to_coco.main()
    return json.loads((tree / "data/coco/report.json").read_text())


def test_every_row_is_accounted_for(tree, capsys):
    report = run(tree)
    assert report["files"]["list_bbox.txt"] == {"declared": 41, "rows": 40}
    assert report["files"]["list_category_img.txt"] == {"declared": 40, "rows": 40}
    assert report["unmatched"]["names"] == ["img/Item_1/img_00000005.jpg", "img/Item_1/img_00000005.png"]
    total = report["total"]
    assert {key: total[key] for key in ("rows", "converted", "swapped", "clipped")} == {
        "rows": 39,
        "converted": 36,
        "swapped": 1,
        "clipped": 1,
    }
    assert total["degenerate"]["names"] == ["img/Item_0/img_00000002.jpg"]
    assert total["missing"]["names"] == ["img/Item_0/img_00000003.jpg"]
    assert total["corrupt"]["names"] == ["img/Item_1/img_00000004.jpg"]
    assert report["train"]["rows"] == round(0.7 * 39)
    assert (
        "boxes rescaled 0, swapped 1, clipped 1; left out: 1 degenerate, 1 missing, 1 corrupt"
        in capsys.readouterr().out
    )


def test_pycocotools_loads_both_parts_and_their_images_are_there(tree):
    report = run(tree)
    root = tree / "data/demo/deepfashion"
    seen = set()
    for name in ("train", "val"):
        coco = load_dataset(tree / f"data/coco/{name}.json")
        assert len(coco.getAnnIds()) == report[name]["converted"]
        for image in coco.loadImgs(coco.getImgIds()):
            assert read_image(root / image["file_name"]).size == (image["width"], image["height"])
            assert image["file_name"] not in seen
            seen.add(image["file_name"])
    assert len(seen) == 36


@pytest.mark.parametrize("decode", ["false", "true"])
def test_boxes_of_small_images_beside_large_ones_are_scaled_counted_and_shown(tree, decode, capsys):
    """The images in eight times their size, 480 px, and the boxes in five times theirs, as of images of 300 px."""
    boxes_file = tree / "data/demo/deepfashion/Anno_coarse/list_bbox.txt"
    of_300 = re.sub(r"(\d{3}) (\d{3}) (\d{3}) (\d{3})$", scale_box, boxes_file.read_text(), flags=re.MULTILINE)
    boxes_file.write_text(of_300)
    for path in (tree / "data/demo/deepfashion").rglob("*.jpg"):
        if path.stat().st_size > 500:  # the damaged one stays as it is
            read_image(path).resize((400, 480)).save(path)
    report = run(tree, decode=decode)
    assert report["total"]["rescaled"] == 37
    assert "boxes rescaled 37, swapped 1" in capsys.readouterr().out
    with Image.open(tree / "reports/data/overlays.jpg") as sheet:
        assert sheet.size == (9 * 150, 4 * 166)
    rows = json.loads((tree / "data/coco/train.json").read_text())["annotations"]
    assert [80, 40, 240, 360] in [[round(value) for value in row["bbox"]] for row in rows]


def scale_box(match):
    """A box in pixels of images of 300 px, of one in 60 px."""
    return " ".join(f"{5 * int(value):03d}" for value in match.groups())


def test_boxes_of_another_size_end_the_stage_and_are_taken_when_told_to(tree):
    for path in (tree / "data/demo/deepfashion").rglob("*.jpg"):
        if path.stat().st_size > 500:
            read_image(path).resize((150, 180)).save(path)
    with pytest.raises(AnnotationError, match="do not belong to images of that size"):
        run(tree)
    assert run(tree, check="false")["total"]["rescaled"] == 0


def test_a_split_by_item_parts_no_folder(tree):
    run(tree, split="item")
    folders = []
    for name in ("train", "val"):
        coco = load_dataset(tree / f"data/coco/{name}.json")
        folders.append({image["file_name"].rsplit("/", 1)[0] for image in coco.loadImgs(coco.getImgIds())})
    assert folders[0]
    assert folders[0].isdisjoint(folders[1])


def test_the_official_split_takes_the_partition_and_leaves_its_test_out(tree):
    report = run(tree, split="official")
    assert report["train"]["rows"] + report["val"]["rows"] == 39 - 10
    assert report["files"]["list_eval_partition.txt"] == {"declared": 40, "rows": 40}


def test_the_tables_and_the_examples_are_written_the_same_twice(tree):
    runs = []
    for _ in range(2):
        run(tree)
        folders = (tree / "reports/data", tree / "data/coco")
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        runs.append({path.relative_to(tree).as_posix(): path.read_bytes() for path in files})
    assert runs[0] == runs[1]
    rows = runs[0]["reports/data/types.csv"].decode().splitlines()
    assert rows[0] == "type,images"
    assert sum(int(row.split(",")[1]) for row in rows[1:]) == 36
    tables = {"categories.csv", "types.csv", "examples.csv"}
    assert {path.name for path in (tree / "reports/data").iterdir()} == {
        *tables,
        "counts.json",
        "examples",
        "overlays.jpg",
    }


def test_each_example_is_a_copy_of_its_image_with_the_box_that_was_converted(tree):
    run(tree)
    examples = read_csv(tree / "reports/data/examples.csv", ExampleRecord)
    assert len({row.category for row in examples}) == len(examples) == 5
    coco = [json.loads((tree / f"data/coco/{name}.json").read_text()) for name in ("train", "val")]
    names = {image["id"]: image["file_name"] for part in coco for image in part["images"]}
    boxes = {names[row["image_id"]]: row["bbox"] for part in coco for row in part["annotations"]}
    for row in examples:
        copy, source = tree / "reports/data/examples" / row.file, tree / "data/demo/deepfashion" / row.source
        assert copy.read_bytes() == source.read_bytes()
        assert [row.x_px, row.y_px, row.w_px, row.h_px] == boxes[row.source]


def test_a_part_without_an_image_is_an_error(tree):
    with pytest.raises(TooFewImages, match=r"val\.json: none of the 0 labelled images of this part"):
        run(tree, frac=0.99)
