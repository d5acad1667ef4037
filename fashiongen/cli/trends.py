"""The command that prints what each brand's seasons were like."""

from pathlib import Path
from typing import Annotated

import typer

from fashiongen.errors import BadArgument

TRENDS = Path("data/trends")


def trends(
    *, brand: Annotated[str | None, typer.Option(help="one brand as the catalogue has it; default: all")] = None
) -> None:
    """Print each brand's seasons, what changed, whom it follows and what comes next, as the last run found them."""
    from fashiongen.report.season_table import forecasts_table, seasons_table  # noqa: PLC0415
    from fashiongen.report.table import to_text  # noqa: PLC0415
    from fashiongen.report.trend_words import describe_changes, describe_leads  # noqa: PLC0415
    from fashiongen.trends.results import read_trends  # noqa: PLC0415

    brands = {one.brand: one for one in read_trends(TRENDS)}
    if brand is not None:
        known = {name.casefold(): name for name in brands if name}
        if brand.casefold() not in known:
            there = ", ".join(known.values()) or "none"
            raise BadArgument(f"--brand {brand}: no such brand in {TRENDS / 'series.csv'}, which has {there}")
        name = known[brand.casefold()]
        brands = {name: brands[name]}
    for name, one in brands.items():
        tables = [seasons_table(name, one.seasons), forecasts_table(one)]
        sentences = [*describe_changes(one), *describe_leads(name, one.leads)]
        blocks = [f"{table.caption}\n\n{to_text(table)}" for table in tables if table is not None]
        blocks[1:1] = ["\n".join(sentences)] if sentences else []
        typer.echo("\n\n".join(blocks) + "\n")
    if not brands:
        typer.echo(f"no garment of {TRENDS / 'garments.csv'} has a season that can be read")
