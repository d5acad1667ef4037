"""Measure every generator by one yardstick, and lay the run out beside the study: metrics, figures, report."""

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps
from tqdm import tqdm

from fashiongen import config
from fashiongen.dcgan.sampling import sample, to_pictures
from fashiongen.dcgan.variants import require_only
from fashiongen.dcgan.weights import load_generator, read_card
from fashiongen.detector.features import build_feature_extractor
from fashiongen.files import fresh_folder, read_csv, read_json, write_bytes, write_json, write_text
from fashiongen.images.decode import read_image
from fashiongen.images.manifest import CropRecord, DuplicateRecord, ImageRecord, PinRecord
from fashiongen.quality.score import QualityScore
from fashiongen.report.evidence import Evidence, read_detector, read_generator
from fashiongen.report.figures import render_charts, render_sheets
from fashiongen.report.measurements import (
    CropMetrics,
    DataMetrics,
    DcganMetrics,
    TypeCount,
    VariantMetrics,
    measure_crops,
    measure_data,
    measure_variant,
    read_history,
    summarise,
)
from fashiongen.report.page import DATA_FIGURES, render_markdown, render_page
from fashiongen.report.params import EvaluateParams
from fashiongen.report.published import read_published
from fashiongen.report.real_crops import HeldOutCrops, choose_held_out, common_fit, to_score
from fashiongen.report.style import LIGHT, THEMES
from fashiongen.report.tables import summary_table, to_text
from stages.entry import run

PINTEREST = Path("data/pinterest")
CROPS = Path("data/crops")
MODELS = Path("models/dcgan")
REPORTS = Path("reports")
METRICS = Path("metrics")
GARMENTS_SHOWN = 24
LOOKS_SHOWN = 12
LOOK_SIZE_PX = (320, 480)  # width, height


def main() -> None:
    """Write metrics/{data,crops,dcgan,summary}.json, reports/figures, reports/report.md and reports/index.html."""
    values = config.read_yaml(config.PARAMS_FILE)
    params = config.load(EvaluateParams, "evaluate")
    variants = list(config.section(values, "dcgan.variants"))
    require_only(variants, MODELS, REPORTS / "dcgan")
    data, crops = measure_inputs()
    dcgan, garments = measure_generators(variants, params)
    evidence = Evidence(
        profile=config.section(values, "profile"),
        data=data,
        crops=crops,
        dcgan=dcgan,
        detector=read_detector(METRICS / "detector.json", REPORTS / "detector"),
        generators={
            name: read_generator(REPORTS / "dcgan" / name, side_px=read_card(MODELS / name).side_px)
            for name in variants
        },
        scraped=draw_looks(params.seed),
        contact_sheet=read_image(REPORTS / "crops/contact_sheet.jpg"),
        data_figures={name: read_image(REPORTS / f"data/{name}.png") for name in DATA_FIGURES},
        garments=garments,
    )
    write_metrics(evidence)
    write_report(evidence)
    print(to_text(summary_table(evidence.detector.statistics, dcgan)))
    print(f"\nreport: {(REPORTS / 'index.html').resolve()}")


def measure_inputs() -> tuple[DataMetrics, CropMetrics]:
    """The counts of both raw inputs, and of the crops."""
    pins = read_csv(Path("data/scraped/pins.csv"), PinRecord)
    manifest = read_csv(PINTEREST / "manifest.csv", ImageRecord)
    removed = read_csv(PINTEREST / "duplicates.csv", DuplicateRecord)
    types = read_csv(REPORTS / "data/types.csv", TypeCount)
    data = measure_data(pins, removed, manifest, read_json(REPORTS / "data/counts.json"), types)
    return data, measure_crops(read_csv(CROPS / "crops.csv", CropRecord), manifest, pins)


def draw_looks(seed: int) -> list[Image.Image]:
    """Some of the distinct images at random, cut to one size."""
    manifest = read_csv(PINTEREST / "manifest.csv", ImageRecord)
    drawn = random.Random(seed).sample(manifest, min(LOOKS_SHOWN, len(manifest)))
    return [ImageOps.fit(read_image(PINTEREST / "images" / record.file), LOOK_SIZE_PX) for record in drawn]


def measure_generators(variants: Sequence[str], params: EvaluateParams) -> tuple[DcganMetrics, list[Image.Image]]:
    """The metrics of each variant, and the first images of the one that is nearest to the held-out crops.

    Raises:
        TooFewImages: there are fewer held-out crops than a KID subset takes.
    """
    crops = read_csv(CROPS / "crops.csv", CropRecord)
    chosen = choose_held_out(crops, at_least=params.kid_subset_size)
    extractor = build_feature_extractor(Path("models/best_detector"), side_px=params.features_side_px)
    cards = {name: read_card(MODELS / name) for name in variants}
    fit = common_fit({name: card.fit for name, card in cards.items()})
    held_out = HeldOutCrops(CROPS / "images", chosen, fit, extractor, params)
    samples = {name: sample(load_generator(MODELS / name), params.generated_images, seed=params.seed) for name in cards}
    found = {name: held_out.score(images) for name, images in tqdm(samples.items(), desc="scoring", unit="variant")}
    training = held_out.score_training(crops, side_px=max(card.side_px for card in cards.values()))
    metrics = DcganMetrics(
        yardstick=held_out.describe(next(iter(found.values())), training),
        variants={name: measure_trained(name, cards[name].training_images, found[name]) for name in variants},
    )
    return metrics, to_pictures(samples[metrics.nearest][:GARMENTS_SHOWN])


def measure_trained(variant: str, images: int, found: QualityScore) -> VariantMetrics:
    return measure_variant(read_history(REPORTS / "dcgan" / variant / "history.csv"), to_score(found), images=images)


def write_metrics(evidence: Evidence) -> None:
    """Write the four files in metrics/ that are not the detector's."""
    for name, metrics in (("data", evidence.data), ("crops", evidence.crops), ("dcgan", evidence.dcgan)):
        write_json(METRICS / f"{name}.json", metrics.model_dump(mode="json"))
    statistics = evidence.detector.statistics
    write_json(METRICS / "summary.json", summarise(evidence.data, evidence.crops, statistics, evidence.dcgan))


def write_report(evidence: Evidence) -> None:
    """Write the figures, the Markdown and the page."""
    published = read_published()
    charts = {theme.name: render_charts(evidence, published, theme) for theme in THEMES}
    figures = fresh_folder(REPORTS / "figures")
    for name, content in {**charts[LIGHT.name], **render_sheets(evidence)}.items():
        write_bytes(figures / f"{name}.png", content)
    write_text(REPORTS / "report.md", render_markdown(evidence, published))
    write_text(REPORTS / "index.html", render_page(evidence, published, charts))


if __name__ == "__main__":
    run(main)
