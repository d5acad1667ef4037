"""What the pipeline made of the drawn boards, against the truth about them; runs where the demo profile has run."""

import csv
import importlib
from pathlib import Path

import pytest

from fashiongen.files import read_csv, read_json
from fashiongen.images.manifest import CropRecord, DuplicateRecord, ImageRecord, PinRecord

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
TRUTH = DATA / "demo/truth/pins.csv"

pytestmark = pytest.mark.skipif(
    not (TRUTH.exists() and "profile: demo" in (ROOT / "params.yaml").read_text()),
    reason="the demo profile has not run here: `make repro` first",
)


def read_rows(path: Path, row_type: type) -> list:
    if not path.exists():
        pytest.skip(f"{path} is not there: `make repro` first")
    return read_csv(path, row_type)


@pytest.fixture
def truth() -> list[dict[str, str]]:
    with TRUTH.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_best_detector_is_as_good_as_promised():
    metrics = read_json(ROOT / "metrics/detector.json")
    best = metrics[metrics["best"]]
    assert best["AP"] >= 0.45
    assert best["AP50"] >= 0.85


def test_every_pin_of_every_board_is_scraped_and_none_of_more_ideas(truth):
    pins = read_rows(DATA / "scraped/pins.csv", PinRecord)
    assert [(pin.pin_id, pin.board, pin.signature) for pin in pins] == [
        (row["pin_id"], row["board"], row["signature"]) for row in truth
    ]


def test_every_image_is_saved_and_no_video(truth):
    pins = {(pin.pin_id, pin.board): pin for pin in read_rows(DATA / "scraped/pins.csv", PinRecord)}
    for row in truth:
        pin = pins[row["pin_id"], row["board"]]
        assert pin.outcome.startswith("saved") == (row["kind_of_pin"] == "image")
        assert (pin.file is not None and (DATA / "scraped" / pin.file).is_file()) == (row["kind_of_pin"] == "image")


def test_every_planted_duplicate_is_removed_and_nothing_else(truth):
    kept = {Path(row.file).stem for row in read_rows(DATA / "pinterest/manifest.csv", ImageRecord)}
    images = [row for row in truth if row["kind_of_pin"] == "image"]
    pairs = [(row["signature"], row["duplicate_of"]) for row in images if row["rule"] == "near"]
    assert {row["signature"] for row in images} - kept == {
        removed if keeper in kept else keeper for removed, keeper in pairs
    }
    assert all((removed in kept) != (keeper in kept) for removed, keeper in pairs)


def test_each_removal_has_a_row(truth):
    rows = read_rows(DATA / "pinterest/duplicates.csv", DuplicateRecord)
    planted = sum(row["rule"] == "near" for row in truth)
    assert sum(row.rule == "near" for row in rows) == planted


def test_full_length_figures_are_found_and_only_they(truth):
    """Precision and recall of the crops over the images that show one full-length figure in a full garment."""
    kept = {Path(row.file).stem for row in read_rows(DATA / "pinterest/manifest.csv", ImageRecord)}
    cropped = {Path(row.source).stem for row in read_rows(DATA / "crops/crops.csv", CropRecord)}
    figures = {row["signature"] for row in truth if row["kind"] == "full"} & kept
    assert len(cropped & figures) / len(cropped) >= 0.9
    assert len(cropped & figures) / len(figures) >= 0.9


def test_crops_hold_the_garment(truth):
    """The median crop overlaps the drawn garment's box by more than two thirds (intersection over union)."""
    boxes = {
        row["signature"]: tuple(float(row[key]) for key in ("x_px", "y_px", "w_px", "h_px"))
        for row in truth
        if row["kind"] == "full"
    }
    overlaps = sorted(
        overlap((crop.x_px, crop.y_px, crop.w_px, crop.h_px), boxes[Path(crop.source).stem])
        for crop in read_rows(DATA / "crops/crops.csv", CropRecord)
        if Path(crop.source).stem in boxes
    )
    assert overlaps[len(overlaps) // 2] > 2 / 3


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Intersection over union of two boxes given as x, y, width, height."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["images", "crops", "cutouts"])
def test_the_trained_detectors_and_the_patches_see_every_planted_fault_by_its_strength(source, monkeypatch):
    """The product that selects an epoch, of real training images with a fault.

    The weakest strength of some, as a blur of half a pixel, moves KID by less than chance.
    """
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.chdir(ROOT)
    faults = importlib.import_module("planted_faults")
    for fault, scores in faults.measure_faults(source).items():
        found = [score.product for score in scores]
        assert found[1:] == sorted(found[1:]), fault
        assert found[2] > found[0], fault
        assert found[-1] > 2 * found[0], fault
