"""Measure what the cut-out garments look like, and sum up each brand's seasons."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from fashiongen import config
from fashiongen.executor.engine import open_executor
from fashiongen.executor.params import ExecutorParams
from fashiongen.files import read_csv, write_bytes, write_csv, write_json
from fashiongen.folders import fresh_folder
from fashiongen.images.manifest import CropRecord
from fashiongen.trends.brands import find_leads, measure_distances
from fashiongen.trends.changes import find_changes
from fashiongen.trends.counts import Findings, count_trends, sum_up
from fashiongen.trends.examples import choose_examples, render_example
from fashiongen.trends.figure import draw_forecasts, draw_palettes
from fashiongen.trends.forecasts import forecast_timelines
from fashiongen.trends.garments import Job, measure_garment
from fashiongen.trends.params import TrendsParams
from fashiongen.trends.records import (
    ChangeRecord,
    DistanceRecord,
    ForecastRecord,
    GarmentRecord,
    LeadRecord,
    SeasonExample,
    SeriesRecord,
    SwatchRecord,
)
from fashiongen.trends.series import FOLLOWED, Group, group_garments, sum_up_palettes, summarise
from fashiongen.trends.timeline import build_timelines
from stages.entry import run

CROPS = Path("data/crops")
TRENDS = Path("data/trends")
FIGURES = Path("reports/trends")
PER_BLOCK = 64


def main() -> None:
    """Write data/trends, reports/trends and metrics/trends.json."""
    params = config.load(TrendsParams, "trends")
    threadpool_limits(limits=1)  # so small matrices share no work, and threads that wait slow other stages down
    crops = read_csv(CROPS / "crops.csv", CropRecord)
    jobs = [Job(crop, CROPS / "cutouts", params) for crop in crops if crop.mask == "ok"]
    with open_executor(config.load(ExecutorParams, "executor")) as map_items:
        measured = map_items(measure_garment, jobs, per_block=PER_BLOCK)
        garments = [row for row in tqdm(measured, "measuring", len(jobs)) if row is not None]
    groups = group_garments(garments)
    folder, figures = fresh_folder(TRENDS), fresh_folder(FIGURES)
    write_csv(folder / "garments.csv", GarmentRecord, garments)
    palettes = list(sum_up_palettes(groups, params))
    write_csv(folder / "palettes.csv", SwatchRecord, palettes)
    draw_palettes(figures / "palettes.png", palettes)
    write_csv(folder / "examples.csv", SeasonExample, list(write_examples(groups, figures / "garments", params)))
    found = write_series(groups, folder, params)
    draw_forecasts(figures / "forecasts.png", found.timelines, found.forecasts)
    counts = count_trends(crops, garments, groups, params) | sum_up(found)
    write_json(Path("metrics/trends.json"), counts)
    print("trends: " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))


def write_series(groups: Mapping[Group, Sequence[GarmentRecord]], folder: Path, params: TrendsParams) -> Findings:
    """Write the measures of each brand's seasons, and what follows from them."""
    series = list(summarise(groups, params))
    write_csv(folder / "series.csv", SeriesRecord, series)
    timelines = [timeline for timeline in build_timelines(series, params) if timeline.measure in FOLLOWED]
    forecasts = forecast_timelines(timelines, params.forecast)
    changes = list(find_changes(groups, timelines, params))
    found = Findings(
        timelines,
        changes=changes,
        leads=list(find_leads(timelines, changes, params)),
        forecasts=list(tqdm(forecasts, "forecasting", len(timelines), leave=False)),
    )
    write_csv(folder / "changes.csv", ChangeRecord, found.changes)
    write_csv(folder / "distances.csv", DistanceRecord, list(measure_distances(groups, params)))
    write_csv(folder / "leads.csv", LeadRecord, found.leads)
    write_csv(folder / "forecasts.csv", ForecastRecord, found.forecasts)
    return found


def write_examples(
    groups: Mapping[Group, Sequence[GarmentRecord]], folder: Path, params: TrendsParams
) -> Iterator[SeasonExample]:
    """Write the pictures of the garments that stand for each group, and yield their rows."""
    numbers = count(1)
    for (brand, season), garments in groups.items():
        for rank, garment in enumerate(choose_examples(garments, params), start=1):
            picture = f"{next(numbers):04}.png"
            write_bytes(folder / picture, render_example(CROPS / "cutouts" / garment.file))
            yield SeasonExample(brand=brand, season=str(season), rank=rank, file=garment.file, picture=picture)


if __name__ == "__main__":
    run(main)
