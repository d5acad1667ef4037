"""The files of the report: the figures, the Markdown and the page."""

from pathlib import Path

from fashiongen.files import write_bytes, write_text
from fashiongen.folders import fresh_folder
from fashiongen.report.figures import draw_figures
from fashiongen.report.page import render_markdown, render_page
from fashiongen.report.published import read_published
from fashiongen.report.report_data import ReportData


def write_report(folder: Path, report_data: ReportData) -> None:
    """Write figures/, report.md and index.html."""
    published = read_published()
    drawn = draw_figures(report_data, published)
    figures = fresh_folder(folder / "figures")
    for name, content in drawn.files().items():
        write_bytes(figures / name, content)
    write_text(folder / "report.md", render_markdown(report_data, published))
    write_text(folder / "index.html", render_page(report_data, published, drawn))
