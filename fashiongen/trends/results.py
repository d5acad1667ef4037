"""What the stages trends and propose left on disk, read for those who show it and those who work on with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fashiongen.files import read_csv
from fashiongen.trends.records import (
    WIDTH,
    ChangeRecord,
    ForecastRecord,
    LeadRecord,
    ProposalRecord,
    SeasonExample,
    SeriesRecord,
    SwatchRecord,
)


@dataclass(frozen=True)
class SeasonData:
    """A season of a brand, or of all brands together."""

    brand: str  # empty: all brands
    season: str
    measures: Mapping[str, SeriesRecord]  # by name
    palette: Sequence[SwatchRecord]  # the most frequent colour first
    examples: Sequence[bytes]  # PNG files of garments that stand for it

    @property
    def garments(self) -> int:
        """How many were measured."""
        return self.palette[0].garments

    @property
    def widths(self) -> list[float]:
        """The mean width of each part of the outline, from the top to the hem, relative to a garment's widest."""
        return [row.value for name, row in self.measures.items() if name.startswith(WIDTH)]


@dataclass(frozen=True)
class Proposal:
    """A garment that a generator proposes for a brand's next season."""

    record: ProposalRecord
    picture: bytes  # a PNG file


@dataclass(frozen=True)
class BrandTrends:
    """What a brand did season by season, or all brands together, and what comes next."""

    brand: str  # empty: all brands
    seasons: Sequence[SeasonData]  # in the order of time
    changes: Sequence[ChangeRecord] = ()  # of its measures, those without a change included
    leads: Sequence[LeadRecord] = ()  # those that were found, in which it leads or follows
    forecasts: Mapping[str, ForecastRecord] = field(default_factory=dict)  # by measure
    proposals: Sequence[Proposal] = ()

    def read_series(self, measure: str) -> list[SeriesRecord]:
        """A measure of each season."""
        return [season.measures[measure] for season in self.seasons]


def read_trends(folder: Path, pictures: Path | None = None, proposals: Path | None = None) -> list[BrandTrends]:
    """What trends left in data/trends, all brands together first; with `pictures` and `proposals` these, too."""
    seasons = _read_seasons(folder, pictures)
    changes = read_csv(folder / "changes.csv", ChangeRecord)
    leads = [row for row in read_csv(folder / "leads.csv", LeadRecord) if row.is_found]
    forecasts = read_csv(folder / "forecasts.csv", ForecastRecord)
    proposed = [] if proposals is None else read_csv(proposals / "proposals.csv", ProposalRecord)
    return [
        BrandTrends(
            brand,
            seasons=[season for season in seasons if season.brand == brand],
            changes=[row for row in changes if row.brand == brand],
            leads=[row for row in leads if brand in (row.leader, row.follower)],
            forecasts={row.measure: row for row in forecasts if row.brand == brand},
            proposals=[
                Proposal(row, (proposals / row.picture).read_bytes())
                for row in proposed
                if proposals is not None and row.brand == brand
            ],
        )
        for brand in dict.fromkeys(season.brand for season in seasons)
    ]


def _read_seasons(folder: Path, pictures: Path | None) -> list[SeasonData]:
    """All brands' seasons first, then each brand's."""
    measures: dict[tuple[str, str], dict[str, SeriesRecord]] = {}
    for row in read_csv(folder / "series.csv", SeriesRecord):
        measures.setdefault((row.brand, row.season), {})[row.measure] = row
    palettes: dict[tuple[str, str], list[SwatchRecord]] = {}
    for swatch in read_csv(folder / "palettes.csv", SwatchRecord):
        palettes.setdefault((swatch.brand, swatch.season), []).append(swatch)
    examples: dict[tuple[str, str], list[bytes]] = {}
    if pictures is not None:
        for one in read_csv(folder / "examples.csv", SeasonExample):
            examples.setdefault((one.brand, one.season), []).append((pictures / one.picture).read_bytes())
    return [
        SeasonData(*season, measures=of_season, palette=palettes[season], examples=examples.get(season, ()))
        for season, of_season in measures.items()
    ]
