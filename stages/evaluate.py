"""Measure every generator by one yardstick, and lay the run out beside the study: metrics, figures, report."""

from pathlib import Path

from torchvision.transforms.functional import to_pil_image
from tqdm import tqdm

from fashiongen import config
from fashiongen.dcgan.variants import require_only
from fashiongen.deepfashion.records import TypeCount
from fashiongen.evaluation.extractors import load_extractor
from fashiongen.evaluation.generators import MeasuredVariant, TrainedVariant, measure_generator, read_variant
from fashiongen.evaluation.measurements import (
    CropMetrics,
    DataMetrics,
    DcganMetrics,
    measure_crops,
    measure_data,
)
from fashiongen.evaluation.nearest_images import TrainingImages
from fashiongen.evaluation.params import EvaluateParams
from fashiongen.evaluation.real_crops import HeldOutCrops, choose_held_out, common_fit
from fashiongen.files import read_csv, read_json
from fashiongen.images.decode import read_image
from fashiongen.images.manifest import CorruptRecord, CropRecord, DuplicateRecord, ImageRecord, PinRecord
from fashiongen.images.select import QueryParams
from fashiongen.report.evidence import Evidence, draw_looks, draw_removals, read_detector, read_generator, read_versions
from fashiongen.report.output import write_metrics, write_report
from fashiongen.report.page import DATA_FIGURES
from fashiongen.report.tables import summary_table, to_text
from fashiongen.runtime.costs import read_costs
from stages.entry import run

SCRAPED = Path("data/scraped")
PINTEREST = Path("data/pinterest")
CROPS = Path("data/crops")
SOURCES = {"images": PINTEREST / "images", "crops": CROPS / "images"}
DETECTOR = Path("models/best_detector")
MODELS = Path("models/dcgan")
REPORTS = Path("reports")
METRICS = Path("metrics")
GARMENTS_SHOWN = 24


def main() -> None:
    """Write metrics/{data,crops,dcgan,summary}.json, reports/figures, reports/report.md and reports/index.html."""
    values = config.read_yaml(config.PARAMS_FILE)
    params = config.load(EvaluateParams, "evaluate")
    profile, names = config.section(values, "profile"), list(config.section(values, "dcgan.variants"))
    require_only(names, MODELS, REPORTS / "dcgan")
    data, crops = measure_inputs()
    variants = {name: read_variant(name, models=MODELS, reports=REPORTS / "dcgan", sources=SOURCES) for name in names}
    dcgan, measured = measure_generators(variants, params)
    evidence = Evidence(
        profile=profile,
        data=data,
        crops=crops,
        dcgan=dcgan,
        detector=read_detector(METRICS / "detector.json", REPORTS / "detector"),
        generators={
            name: read_generator(
                one.report,
                side_px=one.card.side_px,
                kept_epoch=one.card.kept_epoch,
                query=config.load(QueryParams, f"dcgan.variants.{name}.query"),
            )
            for name, one in variants.items()
        },
        originality={name: found.originality for name, found in measured.items()},
        scraped=draw_looks(PINTEREST, seed=params.seed),
        removals=draw_removals(SCRAPED, read_csv(PINTEREST / "duplicates.csv", DuplicateRecord)),
        contact_sheet=read_image(REPORTS / "crops/contact_sheet.jpg"),
        data_figures={name: read_image(REPORTS / f"data/{name}.png") for name in DATA_FIGURES},
        garments=[to_pil_image(image) for image in measured[dcgan.cover].images[:GARMENTS_SHOWN]],
        params=config.PARAMS_FILE.read_text(encoding="utf-8"),
        versions=read_versions(),
        costs=read_costs(profile),
    )
    write_metrics(METRICS, evidence)
    write_report(REPORTS, evidence)
    print(to_text(summary_table(evidence.detector.statistics, dcgan)))
    print(f"\nreport: {(REPORTS / 'index.html').resolve()}")


def measure_inputs() -> tuple[DataMetrics, CropMetrics]:
    """The counts of both raw inputs, and of the crops."""
    pins = read_csv(SCRAPED / "pins.csv", PinRecord)
    manifest = read_csv(PINTEREST / "manifest.csv", ImageRecord)
    removed = read_csv(PINTEREST / "duplicates.csv", DuplicateRecord)
    corrupt = len(read_csv(PINTEREST / "corrupt.csv", CorruptRecord))
    types = read_csv(REPORTS / "data/types.csv", TypeCount)
    annotations = read_json(REPORTS / "data/counts.json")
    data = measure_data(pins, removed, manifest, annotations, types, corrupt=corrupt)
    return data, measure_crops(read_csv(CROPS / "crops.csv", CropRecord), manifest, pins)


def measure_generators(
    variants: dict[str, TrainedVariant], params: EvaluateParams
) -> tuple[DcganMetrics, dict[str, MeasuredVariant]]:
    """The metrics of all variants, and each with its images and its nearest matches."""
    crops = read_csv(CROPS / "crops.csv", CropRecord)
    fit = common_fit({name: variant.card.fit for name, variant in variants.items()})
    extractor = load_extractor(params, detector=DETECTOR)
    held_out = HeldOutCrops(SOURCES["crops"], choose_held_out(crops, params), fit, extractor, params)
    training = TrainingImages(extractor, fit)
    bar = tqdm(variants.items(), desc="measuring", unit="variant")
    measured = {name: measure_generator(variant, held_out, training, params) for name, variant in bar}
    real = held_out.score_training(crops, side_px=max(variant.card.side_px for variant in variants.values()))
    metrics = {name: found.metrics for name, found in measured.items()}
    yardstick = held_out.describe(next(iter(measured.values())).score, real)
    return DcganMetrics(yardstick=yardstick, variants=metrics), measured


if __name__ == "__main__":
    run(main)
