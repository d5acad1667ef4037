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
    from fashiongen.report.season_table import seasons_table  # noqa: PLC0415
    from fashiongen.report.table import to_text  # noqa: PLC0415

    seasons = read_seasons(TRENDS)
    names = list(dict.fromkeys(season.brand for season in seasons))
    if brand is not None:
        known = {name.casefold(): name for name in names if name}
        if brand.casefold() not in known:
            there = ", ".join(known.values()) or "none"
            raise BadArgument(f"--brand {brand}: no such brand in {TRENDS / 'series.csv'}, which has {there}")
        names = [known[brand.casefold()]]
    for name in names:
        table = seasons_table(name, [season for season in seasons if season.brand == name])
        typer.echo(f"{table.caption}\n\n{to_text(table)}\n")
    if not seasons:
        typer.echo(f"no garment of {TRENDS / 'garments.csv'} has a season that can be read")
