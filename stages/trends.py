"""Measure what the cut-out garments look like, and sum up each brand's seasons."""

from pathlib import Path

from tqdm import tqdm

from fashiongen import config
from fashiongen.executor.engine import open_executor
from fashiongen.executor.params import ExecutorParams
from fashiongen.files import read_csv, write_csv, write_json
from fashiongen.folders import fresh_folder
from fashiongen.images.manifest import CropRecord
from fashiongen.trends.counts import count_trends
from fashiongen.trends.figure import draw_palettes
from fashiongen.trends.garments import Job, measure_garment
from fashiongen.trends.params import TrendsParams
from fashiongen.trends.records import GarmentRecord, SeriesRecord, SwatchRecord
from fashiongen.trends.series import group_garments, sum_up_palettes, summarise
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
    draw_palettes(figures / "palettes.png", palettes)
    counts = count_trends(crops, garments, groups, params)
    write_json(Path("metrics/trends.json"), counts)
    print("trends: " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))


if __name__ == "__main__":
    run(main)
