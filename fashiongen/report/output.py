"""What an evaluation leaves: the metrics files, the figures, the Markdown and the page."""

from pathlib import Path

from fashiongen.evaluation.measurements import summarise
from fashiongen.files import write_bytes, write_json, write_text
from fashiongen.folders import fresh_folder
from fashiongen.report.evidence import Evidence
from fashiongen.report.figures import render_charts, render_sheets
from fashiongen.report.page import render_markdown, render_page
from fashiongen.report.published import read_published
from fashiongen.report.style import LIGHT, THEMES


def write_metrics(folder: Path, evidence: Evidence) -> None:
    """Write the four files of metrics that are not the detector's."""
    for name, metrics in (("data", evidence.data), ("crops", evidence.crops), ("dcgan", evidence.dcgan)):
        write_json(folder / f"{name}.json", metrics.model_dump(mode="json"))
    statistics = evidence.detector.statistics
    write_json(folder / "summary.json", summarise(evidence.data, evidence.crops, statistics, evidence.dcgan))


def write_report(folder: Path, evidence: Evidence) -> None:
    """Write figures/, report.md and index.html."""
    published = read_published()
    charts = {theme.name: render_charts(evidence, published, theme) for theme in THEMES}
    figures = fresh_folder(folder / "figures")
    for name, content in {**charts[LIGHT.name], **render_sheets(evidence)}.items():
        write_bytes(figures / f"{name}.png", content)
    write_text(folder / "report.md", render_markdown(evidence, published))
    write_text(folder / "index.html", render_page(evidence, published, charts))
