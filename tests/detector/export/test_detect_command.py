"""`fashiongen detect` and `export-detector`: files, warnings, errors; the results open in pycocotools."""

import contextlib
import io
import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pycocotools.coco import COCO

from fashiongen import config
from fashiongen.detector.data.targets import ImageFile
from fashiongen.detector.inference import detect, load
from fashiongen.detector.params import InferParams
from fashiongen.images.reading.decode import read_image
from fashiongen.runtime.devices import build_fabric
from fashiongen.runtime.params import RuntimeParams

ROOT = Path(__file__).parents[3]
NEEDS_DETECTRON2 = (
    pytest.mark.skipif(find_spec("detectron2") is None, reason="detectron2 is not installed"),
    pytest.mark.filterwarnings("ignore"),  # its own, of PyTorch's newer versions
)


@pytest.fixture
def trained(call, write_detector, write_image):
    """The best detector and one of the three, and images, two of one name and one broken."""
    write_detector(Path("models/best_detector"))
    write_detector(Path("models/detector/resnet18"))
    write_image(Path("shots/look.jpg"), (90, 120), seed=1)
    write_image(Path("shots/more/look.png"), (150, 100), seed=2)
    write_image(Path("extra.webp"), (64, 64), seed=3)
    Path("shots/broken.jpg").write_text("no image")


def load_results(folder):
    """The folder's results in pycocotools."""
    with contextlib.redirect_stdout(io.StringIO()):
        images = COCO(folder / "images.json")
        return images, images.loadRes(str(folder / "detections.json"))


def list_files():
    return sorted(path for path in Path().rglob("*") if path.is_file())


@pytest.mark.slow
@pytest.mark.usefixtures("trained")
def test_detect_writes_results_images_and_pictures(call):
    status, output, error = call("detect", "extra.webp", "shots", "--min-score", "0.3")
    folder = Path("detections/best_detector")
    images, results = load_results(folder)
    assert status == 0
    assert output == (f"{len(results.anns)} garments in 3 images by models/best_detector: {folder.resolve()}\n")
    assert error.startswith("warning: left out: shots/broken.jpg: does not decode")
    assert len(error.splitlines()) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["detections.json", "images.json", "pictures"]
    assert [image["file_name"] for image in images.imgs.values()] == [
        "extra.webp",
        "shots/look.jpg",
        "shots/more/look.png",
    ]
    for image in images.imgs.values():
        assert read_image(Path(image["file_name"])).size == (image["width"], image["height"])
    pictures = [image["picture"] for image in images.imgs.values()]
    assert pictures == ["pictures/extra.jpg", "pictures/look.jpg", "pictures/look-2.jpg"]
    assert [read_image(folder / name).size for name in pictures] == [(640, 640), (480, 640), (640, 427)]
    assert {category["name"] for category in images.cats.values()} == {"upper", "lower", "full"}


@pytest.mark.slow
@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("engine", ["torchvision", pytest.param("detectron2", marks=NEEDS_DETECTRON2)])
def test_the_results_are_the_detectors_of_at_least_that_score(call, infer, engine):
    assert (
        call("detect", "shots/look.jpg", "extra.webp", "--min-score", "0.5", "--engine", engine, "--out", "o")[0] == 0
    )
    _, results = load_results(Path("o"))
    fabric = build_fabric(
        RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="32-true", threads=None), seed=0
    )
    asked = infer.model_copy(update={"proposals": 50, "detections_per_image": 10})  # of params.yaml
    detector = load(Path("models/best_detector"), infer=asked, fabric=fabric)
    found = detect(detector, [ImageFile(1, Path("shots/look.jpg")), ImageFile(2, Path("extra.webp"))])
    expected = [one for of_image in found for one in of_image if one.score >= 0.5]
    assert len(results.anns) == len(expected) > 2
    for result, one in zip(results.anns.values(), expected, strict=True):
        assert (result["image_id"], result["category_id"]) == (one.image_id, one.category_id)
        assert result["bbox"] == pytest.approx(one.bbox, abs=0.01)
        assert result["score"] == pytest.approx(one.score, abs=1e-4)


@pytest.mark.slow
@pytest.mark.usefixtures("trained")
def test_min_score_takes_the_place_of_that_in_params_yaml(call):
    path = Path("params.yaml")
    path.write_text(path.read_text().replace("    min_score: 0.05", "    min_score: 1.0"))
    assert config.load(InferParams, "detector.infer").min_score == 1
    assert call("detect", "extra.webp", "--min-score", "0.3")[0] == 0
    _, results = load_results(Path("detections/best_detector"))
    assert min(result["score"] for result in results.anns.values()) >= 0.3


@pytest.mark.slow
@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("name", ["resnet18", "models/detector/resnet18"])
def test_a_detector_is_named_by_its_backbone_or_its_folder(call, name):
    status, output, _ = call("detect", "extra.webp", "--model", name)
    assert status == 0
    assert output.endswith(f"by models/detector/resnet18: {Path('detections/resnet18').resolve()}\n")


@pytest.mark.slow
@pytest.mark.usefixtures("trained")
def test_where_nothing_is_found_the_results_are_empty_and_the_pictures_there(call, monkeypatch):
    """And load by the lines of the docs."""
    assert call("detect", "extra.webp", "--min-score", "1")[0] == 0
    assert json.loads(Path("detections/best_detector/detections.json").read_text()) == []
    assert Path("detections/best_detector/pictures/extra.jpg").is_file()
    [lines] = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs/use-networks.md").read_text(), re.MULTILINE | re.DOTALL
    )
    monkeypatch.chdir("detections/best_detector")
    names: dict[str, Any] = {}
    exec(lines, names)
    assert (names["found"].anns, len(names["found"].imgs)) == ({}, 1)


@pytest.mark.slow
@pytest.mark.usefixtures("trained")
def test_what_a_folder_has_beside_images_is_counted(call):
    for name in ("notes.txt", "more/raw.heic", "more/other.heic"):
        Path("shots", name).touch()
    status, _, error = call("detect", "shots", "--min-score", "1")
    assert status == 0
    assert "passed over: 2 .heic, 1 .txt; name a file" in error


@pytest.mark.slow
@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("detect", "shots", "nowhere"), "nowhere: no such file or folder"),
        (("detect", "models"), "models: no image there (.jpg"),
        (("detect", "shots/broken.jpg"), "none of the 1 images decodes"),
        (("detect", "shots", "--min-score", "50"), "--min-score 50.0: ask for 0 to 1"),
        (("detect", "shots", "--out", "models"), "models: exists already; name another folder"),
        (
            ("detect", "shots", "--engine", "mmdet"),
            "detector engine 'mmdet' is unknown; choose from torchvision, detec",
        ),
        (("detect", "shots", "--model", "resnet34"), "models/detector/resnet34: not trained yet; `dvc repro train_det"),
        (("detect", "shots", "--model", "shots"), "shots: no detector; name best, a backbone that is trained, or a fo"),
        (("export-detector", "--to", "a.pb"), "--to a.pb: name a file that ends in .onnx or .pt"),
        (("export-detector", "resnet50", "--to", "a.onnx"), "models/detector/resnet50: not trained yet; `dvc repro"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_no_file(call, words, message):
    before = list_files()
    status, _, error = call(*words)
    assert status == 1
    assert [line for line in error.splitlines() if not line.startswith("warning: ")] == [error.splitlines()[-1]]
    assert error.splitlines()[-1].startswith(f"error: {message}")
    assert list_files() == before


def test_the_best_detector_comes_from_its_stage(call, write_image):
    write_image(Path("a.jpg"))
    expected = "error: models/best_detector: not trained yet; `dvc repro select_detector`, or `dvc pull models/best_de"
    assert call("detect", "a.jpg")[2].startswith(expected)


@pytest.mark.slow
@pytest.mark.usefixtures("trained")
def test_export_detector_writes_the_file_and_says_where(call):
    """TorchScript, since ONNX takes half a minute; test_torchscript_file.py looks into the file."""
    status, output, error = call("export-detector", "--to", "out/detector.pt")
    path = Path("out/detector.pt")
    assert (status, output, error) == (0, f"the detector in models/best_detector: {path.resolve()}\n", "")
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.usefixtures("trained")
def test_a_file_in_the_place_of_a_folder_is_one_line(call):
    Path("results").write_text("mine")
    status, _, error = call("detect", "extra.webp", "--out", "results/new")
    assert (status, error) == (
        1,
        "error: results: a file or a broken link is in the place of a folder; move it to another place\n",
    )
    assert Path("results").read_text() == "mine"


@pytest.mark.slow
@pytest.mark.usefixtures("trained")
def test_two_images_of_the_longest_name_both_have_a_picture(call, write_image):
    for seed, folder in enumerate(("one", "other")):
        write_image(Path(folder) / ("衣" * 83 + ".jpg"), (60, 80), seed=seed)
    status, output, _ = call("detect", "one", "other", "--out", "found")
    assert status == 0
    assert " in 2 images " in output
    assert len(list(Path("found/pictures").iterdir())) == 2
