"""The report's templates, which lie in `templates`, and the filters that they use."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fashiongen.report import names, trend_words
from fashiongen.report.table import to_markdown

TEMPLATES = Path(__file__).with_name("templates")


def build_environment(*, autoescape: bool) -> Environment:
    """Jinja's environment, in which an undefined name is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        count=names.count,
        decimal=names.decimal,
        percent=names.percent,
        share=names.share,
        duration=names.duration,
        significant=names.significant,
        backbone=names.backbone_name,
        query=names.query_words,
        spell=names.spell,
        markdown=to_markdown,
        measure=trend_words.title_measure,
        value_of=lambda value, measure: trend_words.write_value(measure, value),
        range=trend_words.write_range,
        verdict=trend_words.judge,
    )
    return environment
