"""Measure the inputs, the crops and every generator, and write the metrics and what the report shows of them."""

from collections.abc import Iterable, Mapping
from math import prod
from pathlib import Path

from tqdm import tqdm

from fashiongen import config
from fashiongen.dcgan.variants import require_only
from fashiongen.deepfashion.records import TypeCount
from fashiongen.detector.selection import split_selection
from fashiongen.evaluation.generators import (
    MeasuredVariant,
    TrainedVariant,
    measure_generator,
    of_reference,
    read_variant,
    reference_of,
)
from fashiongen.evaluation.measurements import measure_crops, measure_data
from fashiongen.evaluation.metrics.backbone import load_backbone
from fashiongen.evaluation.metrics.inception import load_inception
from fashiongen.evaluation.nearest_images import TrainingImages
from fashiongen.evaluation.output import write_measured, write_metrics
from fashiongen.evaluation.params import EvaluateParams
from fashiongen.evaluation.real_crops import HeldOutCrops, choose_held_out, common_fit, rows_of, sample_training
from fashiongen.evaluation.records import CropMetrics, DataMetrics, DcganMetrics, Reference
from fashiongen.files import read_csv, read_json
from fashiongen.images.manifest import BoardRecord, CorruptRecord, CropRecord, DuplicateRecord, ImageRecord, PinRecord
from fashiongen.images.pack import Frame
from fashiongen.images.select import Source
from stages.entry import run
from stages.image_sources import SOURCES

SCRAPED = Path("data/scraped")
PINTEREST = Path("data/pinterest")
CROPS = Path("data/crops")
DETECTOR = Path("models/best_detector")
DETECTORS = Path("models/detector")
MODELS = Path("models/dcgan")
REPORTS = Path("reports")
METRICS = Path("metrics")


def main() -> None:
    """Write metrics/{data,crops,dcgan,summary}.json and reports/evaluation."""
    params = config.load(EvaluateParams, "evaluate")
    names = list(config.section(config.read_yaml(config.PARAMS_FILE), "dcgan.variants"))
    require_only(names, MODELS, REPORTS / "dcgan")
    data, crops = measure_inputs()
    variants = {name: read_variant(name, models=MODELS, reports=REPORTS / "dcgan", sources=SOURCES) for name in names}
    _, detectors = split_selection(read_json(METRICS / "detector.json"))
    dcgan, measured = measure_generators(variants, detectors, params)
    write_metrics(METRICS, data, crops, dcgan, detectors)
    write_measured(REPORTS / "evaluation", measured)


def measure_inputs() -> tuple[DataMetrics, CropMetrics]:
    """The counts of both raw inputs, and of the crops."""
    pins = read_csv(SCRAPED / "pins.csv", PinRecord)
    entries = read_csv(SCRAPED / "boards.csv", BoardRecord)
    manifest = read_csv(PINTEREST / "manifest.csv", ImageRecord)
    removed = read_csv(PINTEREST / "duplicates.csv", DuplicateRecord)
    corrupt = len(read_csv(PINTEREST / "corrupt.csv", CorruptRecord))
    types = read_csv(REPORTS / "data/types.csv", TypeCount)
    annotations = read_json(REPORTS / "data/counts.json")
    data = measure_data(entries, pins, removed, manifest, annotations, types=types, corrupt=corrupt)
    return data, measure_crops(read_csv(CROPS / "crops.csv", CropRecord), manifest, pins)


def measure_generators(
    variants: Mapping[str, TrainedVariant], backbones: Iterable[str], params: EvaluateParams
) -> tuple[DcganMetrics, dict[str, MeasuredVariant]]:
    """The metrics of all variants, and each with its images and the training images nearest to them."""
    crops = read_csv(CROPS / "crops.csv", CropRecord)
    extractor = load_backbone(DETECTOR, side_px=params.features_side_px)
    inception = None if params.inception_weights is None else load_inception(Path(params.inception_weights))
    detectors = {name: load_backbone(DETECTORS / name, side_px=params.features_side_px) for name in backbones}
    held_out: dict[Source, HeldOutCrops] = {}
    training: dict[Reference, TrainingImages] = {}
    for source in {"crops": None} | dict.fromkeys(variant.source for variant in variants.values()):
        reference = reference_of(source)
        fit = common_fit({name: variant.card.fit for name, variant in of_reference(variants, reference).items()})
        rows = rows_of(crops, source)
        chosen = choose_held_out(rows, params, source=source)
        sampled = sample_training(rows, at_most=params.generated_images, seed=params.seed)
        held_out[source] = HeldOutCrops(SOURCES[source], chosen, sampled, fit, extractor, inception, detectors, params)
        training.setdefault(reference, TrainingImages(extractor, fit))
    bar = tqdm(variants.items(), desc="measuring", unit="variant")
    measured = {
        name: measure_generator(variant, held_out, training[variant.reference], params) for name, variant in bar
    }
    settings = {
        reference: held_out[reference].describe(frame=largest_frame(of_reference(variants, reference)))
        for reference in training
    }
    metrics = DcganMetrics(
        measurement_settings=settings["crops"],
        cutout_settings=settings.get("cutouts"),
        variants={name: found.metrics for name, found in measured.items()},
    )
    return metrics, measured


def largest_frame(variants: Mapping[str, TrainedVariant]) -> Frame:
    """The frame with the most pixels: real images are scored at it."""
    return max((variant.card.frame for variant in variants.values()), key=prod)


if __name__ == "__main__":
    run(main)
