"""The command that prints what each brand's seasons were like."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fashiongen.errors import BadArgument
from fashiongen.files import read_csv
from fashiongen.report.table import Column, Table, to_text

if TYPE_CHECKING:
    from fashiongen.trends.series import SeriesRecord, SwatchRecord

TRENDS = Path("data/trends")
SHOWN = {"lightness": 2, "chroma": 3, "patterned_frac": 2, "height_to_width": 2}  # measures, with their digits
ALL_BRANDS = "all brands"
SHOWN_COLOURS = 4


def trends(
    *, brand: Annotated[str | None, typer.Option(help="one brand as the catalogue has it; default: all")] = None
) -> None:
    """Print the largest colours and the measures of each brand's seasons, as the last run found them."""
    from fashiongen.trends.series import SeriesRecord, SwatchRecord  # noqa: PLC0415

    series = read_csv(TRENDS / "series.csv", SeriesRecord)
    palettes = read_csv(TRENDS / "palettes.csv", SwatchRecord)
    brands = list(dict.fromkeys(row.brand for row in series))
    if brand is not None:
        known = {name.casefold(): name for name in brands if name}
        if brand.casefold() not in known:
            names = ", ".join(known.values())
            raise BadArgument(f"--brand {brand}: no such brand in {TRENDS / 'series.csv'}, which has {names or 'none'}")
        brands = [known[brand.casefold()]]
    for name in brands:
        of_brand = [row for row in series if row.brand == name]
        table = _tabulate(name or ALL_BRANDS, of_brand, [row for row in palettes if row.brand == name])
        typer.echo(f"{table.caption}\n\n{to_text(table)}\n")
    if not series:
        typer.echo(f"no garment of {TRENDS / 'garments.csv'} has a season that can be read")


def _tabulate(caption: str, series: "Sequence[SeriesRecord]", palettes: "Sequence[SwatchRecord]") -> Table:
    """A row per season."""
    columns = ("season", "garments", *(measure.removesuffix("_frac").replace("_", " ") for measure in SHOWN), "colours")
    rows = []
    for season in dict.fromkeys(row.season for row in series):
        found = {row.measure: row for row in series if row.season == season}
        measures = [_write(found[measure], digits) for measure, digits in SHOWN.items()]
        colours = [f"{row.name} {row.share:.0%}" for row in palettes if row.season == season][:SHOWN_COLOURS]
        rows.append((season, str(found["lightness"].garments), *measures, ", ".join(colours)))
    return Table(caption, tuple(Column(column) for column in columns), tuple(rows))


def _write(row: "SeriesRecord", digits: int) -> str:
    """A value with its interval, as in `0.71 (0.68 to 0.74)`."""
    if row.low is None:
        return f"{row.value:.{digits}f}"
    return f"{row.value:.{digits}f} ({row.low:.{digits}f} to {row.high:.{digits}f})"
