"""Render the report from the numbers and pictures that the other stages wrote: the page, the Markdown, the figures."""

from pathlib import Path

from fashiongen import config
from fashiongen.costs import read_costs
from fashiongen.evaluation.records import CropMetrics, DataMetrics, DcganMetrics
from fashiongen.files import read_csv, read_json
from fashiongen.images.manifest import DuplicateRecord
from fashiongen.images.reading.decode import read_image
from fashiongen.images.select import QueryParams
from fashiongen.report.output import write_report
from fashiongen.report.read import (
    read_detector,
    read_generator,
    read_labels,
    read_removals,
    read_versions,
    sample_thumbnails,
)
from fashiongen.report.report_data import GeneratorData, ReportData
from fashiongen.report.table import to_text
from fashiongen.report.tables import summary_table
from fashiongen.trends.records import DistanceRecord
from fashiongen.trends.results import read_trends
from stages.entry import run

SCRAPED = Path("data/scraped")
PINTEREST = Path("data/pinterest")
TRENDS = Path("data/trends")
REPORTS = Path("reports")
METRICS = Path("metrics")


def main() -> None:
    """Write reports/index.html, reports/report.md and reports/figures; print the metrics and where the page is."""
    values = config.read_yaml(config.PARAMS_FILE)
    profile = config.require_slug(str(config.section(values, "profile")), "profile")
    dcgan, cutouts = DcganMetrics.model_validate(read_json(METRICS / "dcgan.json")), REPORTS / "crops/cutouts.jpg"
    report_data = ReportData(
        profile=profile,
        note=config.section(values, "about.page_note"),
        data=DataMetrics.model_validate(read_json(METRICS / "data.json")),
        crops=CropMetrics.model_validate(read_json(METRICS / "crops.json")),
        dcgan=dcgan,
        detector=read_detector(METRICS / "detector.json", REPORTS / "detector"),
        generators={name: find_generator(name, row.kept_epoch) for name, row in dcgan.variants.items()},
        labels=read_labels(REPORTS / "data"),
        scraped=sample_thumbnails(PINTEREST, seed=config.section(values, "evaluate.seed")),
        removals=read_removals(SCRAPED, read_csv(PINTEREST / "duplicates.csv", DuplicateRecord)),
        contact_sheet=read_image(REPORTS / "crops/contact_sheet.jpg"),
        cutout_sheet=read_image(cutouts) if cutouts.exists() else None,
        trends=read_trends(TRENDS, REPORTS / "trends/garments", REPORTS / "proposals"),
        distances=read_csv(TRENDS / "distances.csv", DistanceRecord),
        params=config.read_source(config.PARAMS_FILE),
        versions=read_versions(),
        costs=read_costs(profile),
    )
    write_report(REPORTS, report_data)
    print(to_text(summary_table(report_data.detector.statistics, dcgan)))
    print(f"\nreport: {(REPORTS / 'index.html').resolve()}")


def find_generator(variant: str, kept_epoch: int) -> GeneratorData:
    """What a variant's training and its evaluation left."""
    query = config.load(QueryParams, f"dcgan.variants.{variant}.query")
    folders = REPORTS / "dcgan" / variant, REPORTS / "evaluation" / variant
    return read_generator(*folders, kept_epoch=kept_epoch, query=query)


if __name__ == "__main__":
    run(main)
