"""The report's data, read from the files that earlier stages wrote."""

import platform
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from PIL import Image, ImageOps

from fashiongen.coco.evaluation_records import Confusion, CurvePoint, ErrorCost, GroupScore, Prediction
from fashiongen.dcgan.training.records import read_history
from fashiongen.deepfashion.records import CategoryCount, ExampleRecord, TypeCount
from fashiongen.detector.selection import split_selection
from fashiongen.errors import MissingInput
from fashiongen.evaluation.records import GENERATED_FOLDER, ORIGINALITY_FILE, MatchRecord, OriginalityRecord
from fashiongen.files import read_csv, read_json
from fashiongen.images.manifest import DuplicateRecord, ImageRecord
from fashiongen.images.reading.decode import read_image
from fashiongen.images.select import QueryParams
from fashiongen.report.report_data import (
    DetectorData,
    Example,
    GeneratorData,
    LabelData,
    Match,
    OriginalityData,
    Removal,
    SeenPrediction,
)

GRID_PADDING_PX = 2  # between the images of a grid, as torchvision's make_grid draws it
THUMBNAILS_SHOWN = 12
THUMBNAIL_SIZE_PX = (320, 480)  # width, height
REMOVALS_SHOWN = 6
STEPS_SHOWN = 4  # epochs of a training whose first rows stand below each other, the first and the last among them
GRIDS_SHOWN = 16  # epochs of a training whose whole grids the page's slider shows
PACKAGES = (  # whose versions a run depends on
    *("fashiongen", "torch", "torchvision", "detectron2", "lightning-fabric", "pycocotools"),
    *("selenium", "pillow", "ImageHash", "numpy", "scipy", "numba", "dvc", "dvclive"),
)


def read_detector(metrics_file: Path, reports: Path) -> DetectorData:
    """metrics/detector.json, and the reports of the trainings; `reports` has a folder for each backbone."""
    best, statistics = split_selection(read_json(metrics_file))
    folder = reports / best
    return DetectorData(
        best=best,
        statistics=statistics,
        per_class=read_json(folder / "per_class.json"),
        curves={name: read_csv(reports / name / "pr_curve.csv", CurvePoint) for name in statistics},
        errors=read_csv(folder / "errors.csv", ErrorCost),
        groups=read_csv(folder / "groups.csv", GroupScore),
        confusions=Counter((row.actual, row.predicted) for row in read_csv(folder / "confusion.csv", Confusion)),
        predictions=read_predictions(folder / "predictions"),
    )


def read_predictions(folder: Path) -> list[SeenPrediction]:
    """predictions.json in a folder below reports/detector, and the pictures that it names."""
    records = [Prediction.model_validate(row) for row in read_json(folder / "predictions.json")]
    return [SeenPrediction(record, read_image(folder / record.picture)) for record in records]


def read_labels(folder: Path) -> LabelData:
    """What deepfashion_to_coco left in reports/data."""
    examples = read_csv(folder / "examples.csv", ExampleRecord)
    return LabelData(
        categories=read_csv(folder / "categories.csv", CategoryCount),
        types=read_csv(folder / "types.csv", TypeCount),
        examples=[Example(record, read_image(folder / "examples" / record.file)) for record in examples],
    )


def sample_thumbnails(folder: Path, *, seed: int) -> list[Image.Image]:
    """A random sample of the distinct images in data/pinterest, cut to one size."""
    manifest = read_csv(folder / "manifest.csv", ImageRecord)
    drawn = random.Random(seed).sample(manifest, min(THUMBNAILS_SHOWN, len(manifest)))
    return [_read_thumbnail(folder / "images" / record.file) for record in drawn]


def read_removals(scraped: Path, duplicates: Iterable[DuplicateRecord]) -> list[Removal]:
    """The near-duplicates that differ most from the image that was kept; `scraped` has the images of both."""
    near = sorted((one for one in duplicates if one.rule == "near"), key=lambda one: -one.distance)
    return [
        Removal(_read_thumbnail(scraped / one.removed), _read_thumbnail(scraped / one.keeper), one.distance)
        for one in near[:REMOVALS_SHOWN]
    ]


def _read_thumbnail(path: Path) -> Image.Image:
    return ImageOps.fit(read_image(path), THUMBNAIL_SIZE_PX)


def read_generator(training: Path, evaluation: Path, *, kept_epoch: int, query: QueryParams) -> GeneratorData:
    """A variant's report folders: of its training, and of its evaluation.

    Raises:
        MissingInput: a file is not there, or the training left no grid.
        BadInput: the training's history has no epoch.
    """
    files = {int(path.stem.removeprefix("epoch_")): path for path in sorted((training / "grids").glob("epoch_*.png"))}
    if not files:
        raise MissingInput(f"{training / 'grids'}: has no grid; train the variant again")
    generated = [read_image(path) for path in sorted((evaluation / GENERATED_FOLDER).glob("*.png"))]
    if not generated:
        raise MissingInput(f"{evaluation / GENERATED_FOLDER}: has no image; run `dvc repro evaluate`")
    shown_epoch = min(files, key=lambda epoch: abs(epoch - kept_epoch))
    steps, shown = (choose_epochs(sorted(files), most) for most in (STEPS_SHOWN, GRIDS_SHOWN))
    shown = sorted({*shown, shown_epoch})
    grids = {epoch: read_image(files[epoch]) for epoch in sorted({*steps, *shown})}
    row_px = GRID_PADDING_PX + generated[0].height + GRID_PADDING_PX
    return GeneratorData(
        query=query,
        history=read_history(training / "history.csv"),
        real=read_image(training / "real.png"),
        grids={epoch: grids[epoch] for epoch in shown},
        steps={epoch: grids[epoch].crop((0, 0, grids[epoch].width, row_px)) for epoch in steps},
        shown_epoch=shown_epoch,
        generated=generated,
        originality=read_originality(evaluation),
    )


def choose_epochs(epochs: Sequence[int], most: int) -> list[int]:
    """At most so many of the sorted epochs, denser at the start, where a generator changes most."""
    last = len(epochs) - 1
    places = {round(last * (step / (most - 1)) ** 2) for step in range(most)}
    return [epochs[place] for place in sorted(places)]


def read_originality(folder: Path) -> OriginalityData:
    """originality.json in a variant's folder of reports/evaluation, and the pictures that it names."""
    record = OriginalityRecord.model_validate(read_json(folder / ORIGINALITY_FILE))
    return OriginalityData(record, [_read_match(folder, match) for match in record.matches])


def _read_match(folder: Path, record: MatchRecord) -> Match:
    return Match(
        record,
        generated=read_image(folder / record.generated),
        nearest=[read_image(folder / file) for file in record.nearest],
        nearest_by_hash=read_image(folder / record.nearest_by_hash),
    )


def read_versions() -> dict[str, str]:
    """Python's version and those of the installed packages that a run depends on."""
    installed = {package: _find_version(package) for package in PACKAGES}
    return {"python": platform.python_version(), **{name: found for name, found in installed.items() if found}}


def _find_version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
