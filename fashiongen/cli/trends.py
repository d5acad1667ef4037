"""The command that prints what each brand's seasons were like."""

from pathlib import Path
from typing import Annotated

import typer

from fashiongen.errors import BadArgument

TRENDS = Path("data/trends")


def trends(
    *, brand: Annotated[str | None, typer.Option(help="one brand as the catalogue has it; default: all")] = None
) -> None:
    """Print the largest colours and the measures of each brand's seasons, as the last run found them."""
    from fashiongen.report.read import read_seasons  # noqa: PLC0415
    from fashiongen.report.report_data import group_by_brand  # noqa: PLC0415
    from fashiongen.report.season_table import seasons_table  # noqa: PLC0415
    from fashiongen.report.table import to_text  # noqa: PLC0415

    brands = group_by_brand(read_seasons(TRENDS))
    if brand is not None:
        known = {name.casefold(): name for name in brands if name}
        if brand.casefold() not in known:
            there = ", ".join(known.values()) or "none"
            raise BadArgument(f"--brand {brand}: no such brand in {TRENDS / 'series.csv'}, which has {there}")
        name = known[brand.casefold()]
        brands = {name: brands[name]}
    for name, seasons in brands.items():
        table = seasons_table(name, seasons)
        typer.echo(f"{table.caption}\n\n{to_text(table)}\n")
    if not brands:
        typer.echo(f"no garment of {TRENDS / 'garments.csv'} has a season that can be read")
