"""Measure what the cut-out garments look like, and sum up each brand's seasons."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path

from tqdm import tqdm

from fashiongen import config
from fashiongen.executor.engine import open_executor
from fashiongen.executor.params import ExecutorParams
from fashiongen.files import read_csv, write_bytes, write_csv, write_json
from fashiongen.folders import fresh_folder
from fashiongen.images.manifest import CropRecord
from fashiongen.trends.counts import count_trends
from fashiongen.trends.examples import choose_examples, render_example
from fashiongen.trends.figure import draw_palettes
from fashiongen.trends.garments import Job, measure_garment
from fashiongen.trends.params import TrendsParams
from fashiongen.trends.records import GarmentRecord, SeasonExample, SeriesRecord, SwatchRecord
from fashiongen.trends.series import Group, group_garments, sum_up_palettes, summarise
from stages.entry import run

CROPS = Path("data/crops")
TRENDS = Path("data/trends")
FIGURES = Path("reports/trends")
PER_BLOCK = 64


def main() -> None:
    """Write data/trends, reports/trends and metrics/trends.json."""
    params = config.load(TrendsParams, "trends")
    crops = read_csv(CROPS / "crops.csv", CropRecord)
    jobs = [Job(crop, CROPS / "cutouts", params) for crop in crops if crop.mask == "ok"]
    with open_executor(config.load(ExecutorParams, "executor")) as map_items:
        measured = map_items(measure_garment, jobs, per_block=PER_BLOCK)
        garments = [row for row in tqdm(measured, "measuring", len(jobs)) if row is not None]
    groups = group_garments(garments)
    palettes = list(sum_up_palettes(groups, params))
    folder, figures = fresh_folder(TRENDS), fresh_folder(FIGURES)
    write_csv(folder / "garments.csv", GarmentRecord, garments)
    write_csv(folder / "series.csv", SeriesRecord, list(summarise(groups, params)))
    write_csv(folder / "palettes.csv", SwatchRecord, palettes)
    write_csv(folder / "examples.csv", SeasonExample, list(write_examples(groups, figures / "garments", params)))
    draw_palettes(figures / "palettes.png", palettes)
    counts = count_trends(crops, garments, groups, params)
    write_json(Path("metrics/trends.json"), counts)
    print("trends: " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))


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
