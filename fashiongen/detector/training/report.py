"""What a detector's training writes for people: its history, its scores, and images with boxes."""

from collections.abc import Sequence
from pathlib import Path

from dvclive.live import Live
from pydantic import BaseModel, ConfigDict

from fashiongen.coco.confusion import match_categories
from fashiongen.coco.detection import Detection
from fashiongen.coco.error_costs import measure_error_costs
from fashiongen.coco.evaluation import evaluate_detections
from fashiongen.coco.evaluation_records import Confusion, CurvePoint, ErrorCost, GroupScore
from fashiongen.detector.data.targets import TrainingSet
from fashiongen.detector.training.groups import score_groups
from fashiongen.detector.training.overlays import render_overlays
from fashiongen.detector.training.predictions import choose_worst_and_best, write_predictions
from fashiongen.detector.training.records import HistoryRecord
from fashiongen.files import atomic_path, write_csv, write_json

CONFUSION_SCORE, CONFUSION_IOU = 0.5, 0.5
SHOWN_EACH = 8  # of the worst predictions, and of the best


class UnreadableImage(BaseModel):
    """One row of `unreadable.csv`: an image that was left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str  # below deepfashion.root, or below detector.unlabelled
    reason: str


def open_history(folder: Path) -> Live:
    """A log in DVCLive's format, which `dvc plots` and DVC's editor extensions show while it grows."""
    return Live(str(folder), dvcyaml=None, save_dvc_exp=False)


def log_record(live: Live, record: HistoryRecord) -> None:
    """Add a point to each series in plots/metrics/train, and to val where the AP was measured."""
    live.step = record.iteration
    for name, value in record.model_dump(exclude={"iteration", "AP"}, exclude_none=True).items():
        live.log_metric(f"train/{name}", value)
    if record.AP is not None:
        live.log_metric("val/AP", record.AP)
    live.make_summary()


def write_evaluation(
    folder: Path, annotations: Path, validation: TrainingSet, found: Sequence[Sequence[Detection]]
) -> None:
    """Write COCO's 12 statistics, AP by category and by group, precision over recall, errors, confusions, pictures."""
    detections = [detection for of_image in found for detection in of_image]
    scores = evaluate_detections(annotations, detections)
    write_json(folder / "metrics.json", scores.metrics)
    write_json(folder / "per_class.json", scores.per_class)
    write_csv(folder / "pr_curve.csv", CurvePoint, scores.pr_curve)
    write_csv(folder / "errors.csv", ErrorCost, measure_error_costs(annotations, detections))
    pairs = match_categories(annotations, detections, min_score=CONFUSION_SCORE, min_iou=CONFUSION_IOU)
    write_csv(folder / "confusion.csv", Confusion, pairs)
    write_csv(folder / "groups.csv", GroupScore, score_groups(annotations, validation, found))
    shown = choose_worst_and_best(validation.targets, found, each=SHOWN_EACH)
    pictured = [validation.targets[index] for index in shown], [found[index] for index in shown], validation.categories
    sheet = render_overlays(*pictured, columns=4, cell_px=240)
    with atomic_path(folder / "overlays.jpg") as temporary:
        sheet.save(temporary, "JPEG", quality=90)
    write_predictions(folder / "predictions", *pictured)
