"""The report's tables: our numbers beside the study's, as finished cells."""

from collections.abc import Mapping, Sequence

from fashiongen.coco.evaluation_records import NOTHING, STATISTICS, ErrorCost, GroupScore, Prediction
from fashiongen.coco.garment_types import GARMENT_TYPES
from fashiongen.costs import Costs, RecordedCost
from fashiongen.evaluation.records import CropMetrics, DataMetrics, DcganMetrics, VariantMetrics
from fashiongen.images.manifest import COMPLETE
from fashiongen.report.names import (
    ABSENT,
    backbone_name,
    count,
    decimal,
    duration,
    megabytes,
    outcome_name,
    percent,
    significant,
    statistic_labels,
)
from fashiongen.report.published import (
    Published,
    PublishedAnnotations,
    PublishedDcgan,
    PublishedDetector,
    PublishedVariant,
)
from fashiongen.report.table import Column, Table

HERE = "here"
STUDY = "the study"


def images_table(data: DataMetrics, crops: CropMetrics, theirs: Published) -> Table:
    """How many images each step left, ours and the study's; a dash where the study says nothing."""
    boards = theirs.boards
    rows = (
        ("brands", count(len(crops.brands)), count(boards.brands)),
        ("pins seen", count(data.pins), ABSENT),
        ("images scraped", count(data.saved), count(boards.scraped)),
        ("distinct images", count(data.distinct), count(boards.distinct)),
        ("full-length crops", count(crops.crops), count(boards.cropped)),
        *((("cut-outs of these", count(crops.masks.get("ok", 0)), ABSENT),) if crops.masks else ()),
        ("crops of distinct images", percent(crops.crops, data.distinct), percent(boards.cropped, boards.distinct)),
    )
    return Table("Images after each step", (Column("step"), Column("here"), Column("the study")), rows)


def brands_table(crops: CropMetrics) -> Table:
    """Each brand's images after each step."""
    columns = (Column("brand"), Column("pins"), Column("saved"), Column("distinct"), Column("crops"))
    rows = (
        (brand, count(counts.pins), count(counts.saved), count(counts.distinct), count(counts.crops))
        for brand, counts in crops.brands.items()
    )
    return Table("Images of each brand", columns, tuple(rows))


def outcomes_table(data: DataMetrics) -> Table:
    """The outcome of each pin, and which images were removed."""
    pins = tuple((outcome_name(outcome), count(number)) for outcome, number in data.outcomes.items())
    incomplete = tuple(
        (f"incomplete boards: {ending.replace('_', ' ')}", count(number))
        for ending, number in data.endings.items()
        if ending not in COMPLETE
    )
    removed = tuple((f"removed: same {_RULES.get(rule, rule)}", count(number)) for rule, number in data.removed.items())
    same = (("removed: same file, same brand", count(data.same_file)),) if data.same_file else ()
    corrupt = (("removed: does not decode", count(data.corrupt)),) if data.corrupt else ()
    return Table(
        "Outcomes of the pins", (Column("outcome"), Column("pins")), (*pins, *same, *removed, *corrupt, *incomplete)
    )


_RULES = {"name": "file name", "near": "picture, encoded again"}


def types_table(data: DataMetrics, theirs: PublishedAnnotations) -> Table:
    """Annotated items by garment type, with their shares."""
    ours_total, theirs_total = sum(data.types.values()), sum(theirs.types.values())
    columns = (
        Column("type"),
        Column("items", HERE),
        Column("share", HERE),
        Column("items", STUDY),
        Column("share", STUDY),
    )
    rows = (
        (
            name,
            count(ours),
            percent(ours, ours_total),
            count(theirs.types[name]),
            percent(theirs.types[name], theirs_total),
        )
        for name, ours in data.types.items()
    )
    return Table("Annotated items by garment type", columns, tuple(rows))


def detector_table(ours: Mapping[str, Mapping[str, float]], theirs: PublishedDetector) -> Table:
    """Table 5.1: the twelve statistics of each backbone; a scale without an object has a dash."""
    columns = (
        Column("statistic"),
        Column("IoU"),
        *(Column(backbone_name(name), HERE) for name in ours),
        *(Column(backbone_name(name), STUDY) for name in theirs.statistics),
    )
    sets = [*ours.values(), *theirs.statistics.values()]
    rows = ((*statistic_labels(key), *(decimal(statistics.get(key), 3) for statistics in sets)) for key in STATISTICS)
    return Table("Table 5.1. Detectors, in COCO's twelve statistics", columns, tuple(rows))


def classes_table(backbone: str, per_class: Mapping[str, Mapping[str, float]]) -> Table:
    """The selected detector's average precision for each garment type."""
    columns = (Column("type"), Column("AP"), Column("AP50"), Column("images"))
    rows = (
        (name, decimal(values.get("AP"), 3), decimal(values.get("AP50"), 3), count(int(values["images"])))
        for name, values in per_class.items()
    )
    return Table(f"{backbone_name(backbone)} by garment type", columns, tuple(rows))


def errors_table(backbone: str, errors: Sequence[ErrorCost]) -> Table:
    """The selected detector's errors by kind, and what each kind costs."""
    columns = (Column("kind of error"), Column("errors"), Column("AP50 without them"))
    rows = ((row.error, count(row.errors), f"+{row.AP50:.3f}") for row in errors)
    return Table(f"{backbone_name(backbone)}: what its errors cost", columns, tuple(rows))


def boxes_table(prediction: Prediction) -> Table:
    """The boxes that were found in an image, by the numbers that stand at them in its picture."""
    columns = (Column("box"), Column("type"), Column("score"), Column("IoU"), Column("verdict"))
    rows = (
        (str(number), box.category, decimal(box.score, 2), decimal(box.IoU, 2), box.verdict)
        for number, box in enumerate(prediction.found, start=1)
    )
    return Table("What was found", columns, tuple(rows))


def groups_table(backbone: str, groups: Sequence[GroupScore]) -> Table:
    """The selected detector's average precision by the garment's size and by the light."""
    columns = (Column("third"), Column("from, to"), Column("AP"), Column("AP50"), Column("images"))
    rows = (
        (row.group, f"{row.low:.2f} to {row.high:.2f}", decimal(row.AP, 3), decimal(row.AP50, 3), count(row.images))
        for row in groups
    )
    return Table(f"{backbone_name(backbone)} by the size of the garment and by the light", columns, tuple(rows))


def confusion_table(backbone: str, confusions: Mapping[tuple[str, str], int]) -> Table:
    """The selected detector's confusions; keys are (actual, predicted), and "nothing" is no garment."""
    names = (*GARMENT_TYPES, NOTHING)
    columns = (Column("label"), *(Column(name, "detected") for name in names))
    rows = ((actual, *(_confused(confusions, actual, predicted) for predicted in names)) for actual in names)
    return Table(f"{backbone_name(backbone)}: labelled and detected", columns, tuple(rows))


def _confused(confusions: Mapping[tuple[str, str], int], actual: str, predicted: str) -> str:
    """A cell; a dash for nothing found where nothing is, which cannot be counted."""
    return ABSENT if actual == predicted == NOTHING else count(confusions.get((actual, predicted), 0))


def dcgan_table(ours: Mapping[str, VariantMetrics], theirs: PublishedDcgan) -> Table:
    """Table 5.2, with the original data set in it too: losses and D(x) of each variant."""
    columns = (
        Column("value"),
        *(Column(name, HERE) for name in ours),
        *(Column(name, STUDY) for name in theirs.variants),
    )
    sets: list[VariantMetrics | PublishedVariant] = [*ours.values(), *theirs.variants.values()]
    rows = (
        ("training images", *(count(variant.images) for variant in sets)),
        ("Loss_G", *(decimal(variant.Loss_G, 4) for variant in sets)),
        ("Loss_D", *(decimal(variant.Loss_D, 4) for variant in sets)),
        ("D(x)", *(decimal(variant.D_x, 4) for variant in sets)),
    )
    return Table("Table 5.2. Generators: losses and D(x)", columns, rows)


def copies_table(dcgan: DcganMetrics) -> Table:
    """Each variant's near-copies by either rule, those among its training images, and how far its images lie."""
    rows = (
        (
            name,
            count(row.near_copies_by_features),
            count(row.near_copies_by_hash),
            count(row.training_near_copies_by_features),
            count(row.training_near_copies_by_hash),
            decimal(row.nearest_ratio, 2),
            decimal(row.closest_ratio, 2),
        )
        for name, row in dcgan.variants.items()
    )
    rules = ("by features", "by hash")
    columns = (
        Column("images"),
        *(Column(rule, f"of {count(dcgan.measurement_settings.generated_images)} generated") for rule in rules),
        *(Column(rule, "of its training images") for rule in rules),
        Column("median", "distance"),
        Column("least", "distance"),
    )
    return Table("Near-copies of a training image", columns, tuple(rows))


def costs_table(costs: Costs) -> Table:
    """The cost of each stage, and of all: less time passes where some run side by side."""
    columns = (
        Column("stage"),
        Column("time"),
        Column("processor time"),
        Column("memory"),
        Column("output"),
        Column("files"),
    )
    rows = [_cost_row(name, [cost]) for name, cost in costs.stages.items()]
    return Table("What the run took", columns, (*rows, _cost_row("one after the other", list(costs.stages.values()))))


def _cost_row(name: str, costs: Sequence[RecordedCost]) -> tuple[str, ...]:
    return (
        name,
        duration(sum(cost.wall_s for cost in costs)),
        duration(sum(cost.cpu_s for cost in costs)),
        f"{count(max(cost.peak_mib for cost in costs))} MiB",
        megabytes(sum(cost.output_bytes for cost in costs)),
        count(sum(cost.output_files for cost in costs)),
    )


def versions_table(versions: Mapping[str, str]) -> Table:
    """The versions of the packages that the run used."""
    return Table("Versions", (Column("package"), Column("version")), tuple(versions.items()))


def summary_table(detector: Mapping[str, Mapping[str, float]], dcgan: DcganMetrics) -> Table:
    """The numbers that a run prints at its end, named as in metrics/summary.json."""
    rows = [
        (f"detector.{name}.{key}", decimal(values.get(key), 3))
        for name, values in detector.items()
        for key in ("AP", "AP50")
    ]
    for name, values in dcgan.variants.items():
        if values.own_source is not None:
            rows.append((f"dcgan.{name}.distance", decimal(values.own_source.distance, 2)))
        rows.append((f"dcgan.{name}.KID", f"{significant(values.KID)} ± {significant(values.KID_std)}"))
        rows.append((f"dcgan.{name}.SWD", decimal(values.SWD, 1)))
        rows.append((f"dcgan.{name}.Loss_D", decimal(values.Loss_D, 4)))
        rows.append((f"dcgan.{name}.Loss_G", decimal(values.Loss_G, 4)))
    return Table("Metrics", (Column("metric"), Column("value")), tuple(rows))
