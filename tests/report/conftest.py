"""A small made-up run: everything that the report reads, as the stages would have left it."""

import io
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fashiongen.coco.evaluation_records import (
    GROUPS,
    STATISTICS,
    Confusion,
    CurvePoint,
    ErrorCost,
    FoundBox,
    GroupScore,
    LabelledBox,
    Prediction,
)
from fashiongen.costs import Costs, RecordedCost
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.deepfashion.records import CategoryCount, ExampleRecord, TypeCount
from fashiongen.evaluation.records import (
    GENERATED_FOLDER,
    NEAREST,
    ORIGINALITY_FILE,
    BrandCounts,
    CropMetrics,
    DataMetrics,
    DcganMetrics,
    MatchRecord,
    MeasurementSettings,
    OriginalityRecord,
    OwnSource,
    Score,
    VariantMetrics,
)
from fashiongen.files import write_bytes, write_csv, write_json
from fashiongen.images.select import QueryParams, Source
from fashiongen.report.figures import Figures, draw_figures
from fashiongen.report.published import Published, read_published
from fashiongen.report.read import read_detector, read_generator, read_labels
from fashiongen.report.report_data import Removal, ReportData
from fashiongen.report.season_table import MEASURES
from fashiongen.trends.records import (
    WIDTH,
    ChangeRecord,
    DistanceRecord,
    ForecastRecord,
    LeadRecord,
    ProposalRecord,
    SeasonExample,
    SeriesRecord,
    SwatchRecord,
)
from fashiongen.trends.results import BrandTrends, Proposal, SeasonData

BACKBONES = ("resnet18", "resnet34", "resnet50")
TRAININGS = tuple(f"train_detector@{name}" for name in BACKBONES)
SIDE_PX = 16
KEPT_EPOCH = 10  # of twelve


def draw_garment(number: int, side_px: int = SIDE_PX) -> Image.Image:
    """A dress of its own colour on its own ground."""
    rng = np.random.default_rng(number)
    ground, cloth = ((int(channel) for channel in rng.integers(low, low + 100, 3)) for low in (150, 30))
    image = Image.new("RGB", (side_px, side_px), tuple(ground))
    outline = [(0.42, 0.1), (0.58, 0.1), (0.56, 0.4), (0.75, 0.95), (0.25, 0.95), (0.44, 0.4)]
    ImageDraw.Draw(image).polygon([(x * side_px, y * side_px) for x, y in outline], fill=tuple(cloth))
    return image


def draw_grid(first: int, columns: int = 4) -> Image.Image:
    """A grid as torchvision's make_grid lays it out: images on white, two pixels around each."""
    cell = SIDE_PX + 2
    grid = Image.new("RGB", (columns * cell + 2, columns * cell + 2), "white")
    for place in range(columns * columns):
        row, column = divmod(place, columns)
        grid.paste(draw_garment(first + place), (column * cell + 2, row * cell + 2))
    return grid


def write_detector(root: Path) -> None:
    """metrics/detector.json and the reports of three backbones, of which resnet34 is the best."""
    statistics = {
        name: {key: round(0.4 + 0.03 * place + 0.02 * rank, 6) for rank, key in enumerate(STATISTICS)}
        for name, place in zip(BACKBONES, (0, 2, 1), strict=True)
    }
    del statistics["resnet18"]["AP_small"]
    write_json(root / "metrics/detector.json", {**statistics, "best": "resnet34"})
    for name in BACKBONES:
        _write_training(root / "reports/detector" / name)


def _write_training(folder: Path) -> None:
    classes = ("upper", "lower", "full")
    write_json(folder / "per_class.json", {name: {"AP": 0.5, "AP50": 0.875, "images": 40} for name in classes})
    points = (
        CurvePoint(category=name, recall=step / 20, precision=1 - (step / 20) ** (3 + place) * 0.7)
        for place, name in enumerate(classes)
        for step in range(21)
    )
    write_csv(folder / "pr_curve.csv", CurvePoint, points)
    pairs = [("full", "full"), ("full", "full"), ("full", "upper"), ("nothing", "lower"), ("lower", "nothing")]
    write_csv(folder / "confusion.csv", Confusion, [Confusion(actual=one, predicted=other) for one, other in pairs])
    kinds = [("classification", 5, 0.021), ("localisation", 7, 0.03), ("both", 0, 0.0)]
    kinds += [("duplicate", 11, 0.002), ("background", 1204, 0.0104), ("missed", 2, 0.0049)]
    write_csv(folder / "errors.csv", ErrorCost, [ErrorCost(error=k, errors=n, AP50=cost) for k, n, cost in kinds])
    thirds = [(trait, name, place) for trait, names in GROUPS.items() for place, name in enumerate(names)]
    write_csv(
        folder / "groups.csv",
        GroupScore,
        [
            GroupScore(trait=trait, group=name, low=place / 4, high=(place + 1) / 4, images=40, AP=0.5, AP50=0.75)
            for trait, name, place in thirds
        ],
    )
    draw_grid(300).save(folder / "overlays.jpg")  # of the Markdown
    write_predictions(folder / "predictions")


def write_predictions(folder: Path) -> None:
    """A wrong prediction with a right one below it, one of nothing, and a right one."""
    folder.mkdir()
    box = (20.0, 10.0, 30.0, 80.0)
    wrong = FoundBox(category="upper", score=0.9, bbox=(20, 10, 30, 40), IoU=0.5, verdict="classification")
    right = FoundBox(category="full", score=0.6, bbox=box, IoU=1, verdict="correct")
    found = ([wrong, right], [], [right])
    records = [
        Prediction(
            picture=f"{place}.jpg",
            source=f"img/<b>{place}</b>.jpg",
            width_px=100,
            height_px=100,
            labels=[LabelledBox(category="full", bbox=box)],
            found=boxes,
        )
        for place, boxes in enumerate(found)
    ]
    for place, record in enumerate(records):
        draw_garment(300 + place, 100).save(folder / record.picture)
    write_json(folder / "predictions.json", [record.model_dump() for record in records])


def make_history(epochs: int, shift: float) -> list[EpochRecord]:
    """Losses that wave about as a GAN's do."""
    return [
        EpochRecord(
            epoch=number,
            Loss_D=0.7 + shift + 0.2 * np.sin(number),
            Loss_G=2.5 + shift + 0.5 * np.cos(number),
            D_x=0.7,
            D_G_z1=0.3,
            D_G_z2=0.2,
            images_seen=300 * number,
            height_px=SIDE_PX,
            diversity=0.8,
            collapsed=False,
            SWD=None,
            KID_worst=None,
        )
        for number in range(1, epochs + 1)
    ]


def write_generator(folder: Path, place: int) -> list[EpochRecord]:
    """A variant's report folder of twelve epochs with a grid after every second."""
    history = make_history(12, 0.1 * place)
    write_csv(folder / "history.csv", EpochRecord, history)
    (folder / "grids").mkdir(parents=True)
    for epoch in range(2, 13, 2):
        draw_grid(100 * place + epoch).save(folder / f"grids/epoch_{epoch:04d}.png")
    draw_grid(1000 * place).save(folder / "real.png")
    return history


def make_query(name: str) -> QueryParams:
    """The study's three: crops, images, as many images as there are crops."""
    nothing = {"label": None, "brand": None, "season": None, "min_score": 0, "min_side_px": 0, "draw": None, "seed": 7}
    crops = nothing | {"source": "crops", "label": "full"}
    draw = {"as_many_as": crops} if name == "subset" else None
    return QueryParams.model_validate(crops if name == "cropped" else nothing | {"source": "images", "draw": draw})


def make_score(kid: float, kid_std: float, **shares: float) -> Score:
    by_detector = {name: kid * (place + 1) for place, name in enumerate(BACKBONES)}
    return Score(
        KID=kid,
        KID_std=kid_std,
        **shares,
        KID_inception=None,
        FID=None,
        SWD=5000 * kid,
        SWD_by_band={"32": 6000 * kid, "16": 4000 * kid},
        KID_by_detector=by_detector,
        KID_worst=max(by_detector.values()),
        sharpness=12.25,
    )


def make_variant(
    history: list[EpochRecord], images: int, kid: float, kid_std: float, *, source: Source
) -> VariantMetrics:
    last = history[-1]
    return VariantMetrics(
        reference="crops",
        images=images,
        epochs=last.epoch,
        kept_epoch=KEPT_EPOCH,
        **last.model_dump(include={"Loss_D", "Loss_G", "D_x", "D_G_z1", "D_G_z2"}),
        **make_score(kid, kid_std, precision=0.61, recall=0.27, density=0.58, coverage=0.44).model_dump(),
        near_copies=3,
        near_copies_by_features=3,
        near_copies_by_hash=1,
        training_near_copies_by_features=4,
        training_near_copies_by_hash=2,
        nearest_ratio=1.08,
        closest_ratio=0.71,
        KID_by_seed={"7": kid},
        own_source=OwnSource(
            source=source,
            held_out=74,
            SWD=5000 * kid,
            KID_worst=3 * kid,
            SWD_of_real=10.5,
            KID_worst_of_real=0.0063,
            distance_by_seed={"7": kid / 0.0021},
        ),
    )


def write_evaluation(folder: Path, place: int) -> None:
    """A variant's folder of reports/evaluation: 24 generated images, and four matches of which one is a near-copy."""
    (folder / GENERATED_FOLDER).mkdir(parents=True)
    for number in range(24):
        draw_garment(number).save(folder / GENERATED_FOLDER / f"{number + 1:02}.png")
    rng = np.random.default_rng(place)
    record = OriginalityRecord(
        threshold=0.103,
        generated_distances=rng.uniform(0.1, 0.3, 200).tolist(),
        training_distances=rng.uniform(0.1, 0.3, 100).tolist(),
        matches=[make_match(number) for number in range(4)],
    )
    write_json(folder / ORIGINALITY_FILE, record.model_dump())
    (folder / "matches").mkdir()
    for number, match in enumerate(record.matches):
        for step, file in enumerate((match.generated, *match.nearest, match.nearest_by_hash)):
            draw_garment(10 * number + step).save(folder / file)


def make_match(number: int) -> MatchRecord:
    start = f"matches/{number}"
    return MatchRecord(
        generated=f"{start}_generated.png",
        nearest=[f"{start}_nearest_{rank}.png" for rank in range(NEAREST)],
        distance=0.1 + 0.01 * number,
        nearest_by_hash=f"{start}_by_hash.png",
        hash_distance=2 * number,
        is_near_copy=number < 1,
    )


def write_labels(folder: Path) -> None:
    """What deepfashion_to_coco leaves in reports/data, but for the counts of its two parts."""
    types = {"upper": 30, "lower": 20, "full": 10}
    write_csv(folder / "types.csv", TypeCount, [TypeCount(type=name, images=n) for name, n in types.items()])
    rows = [CategoryCount(category=f"a kind of {name}", type=name, images=n) for name, n in types.items()]
    write_csv(folder / "categories.csv", CategoryCount, rows)
    box = {"x_px": 4, "y_px": 2, "w_px": 8, "h_px": 12}
    examples = [
        ExampleRecord(file=f"{place}.png", source="img/a.jpg", category=f"a kind of {name}", type=name, **box)
        for place, name in enumerate(types)
    ]
    write_csv(folder / "examples.csv", ExampleRecord, examples)
    (folder / "examples").mkdir()
    for place in range(len(examples)):
        draw_garment(place).save(folder / "examples" / f"{place}.png")


@pytest.fixture(scope="session")
def made_up() -> ModuleType:
    """This module, for a test that makes up a run of its own."""
    return sys.modules[__name__]


@pytest.fixture(scope="session")
def published() -> Published:
    return read_published()


@pytest.fixture(scope="session")
def data() -> DataMetrics:
    return DataMetrics(
        boards=8,
        endings={"end": 7, "feed_failed": 1},
        expected=655,
        pins=620,
        saved=601,
        outcomes={"saved": 590, "saved_736x": 11, "skipped_video": 12, "skipped_story": 7},
        same_file=3,
        removed={"name": 24, "near": 18},
        corrupt=0,
        distinct=559,
        held_out=112,
        train_annotations=1037,
        val_annotations=463,
        types={"upper": 700, "lower": 300, "full": 500},
    )


@pytest.fixture(scope="session")
def crops() -> CropMetrics:
    brands = ("Atelier Nord", "Casa Oliva", "Kōmori", "Maison Aurore")
    counts = BrandCounts(pins=155, saved=150, distinct=139, crops=93)
    return CropMetrics(
        searched=559,
        crops=372,
        share=0.665474,
        mean_score=0.913,
        held_out=74,
        labels={"full": 372},
        masks={"ok": 340, "torn": 32},
        brands=dict.fromkeys(brands, counts),
    )


@pytest.fixture(scope="session")
def report_data(tmp_path_factory: pytest.TempPathFactory, data: DataMetrics, crops: CropMetrics) -> ReportData:
    """The whole of a run of three variants, of which `cropped` is the nearest to the held-out crops."""
    root = tmp_path_factory.mktemp("report_data")
    write_detector(root)
    numbers = {"cropped": (298, 0.0412, 0.0031), "original": (447, 0.0633, 0.0037), "subset": (298, 0.0829, 0.0042)}
    variants = {}
    for place, (name, (images, kid, kid_std)) in enumerate(numbers.items()):
        history = write_generator(root / "reports/dcgan" / name, place)
        write_evaluation(root / "reports/evaluation" / name, place)
        variants[name] = make_variant(history, images, kid, kid_std, source=make_query(name).source)
    write_labels(root / "reports/data")
    return ReportData(
        profile="demo",
        note="The photographs are made up.",
        data=data,
        crops=crops,
        dcgan=DcganMetrics(measurement_settings=make_measurement_settings(), cutout_settings=None, variants=variants),
        detector=read_detector(root / "metrics/detector.json", root / "reports/detector"),
        generators={
            name: read_generator(
                root / "reports/dcgan" / name,
                root / "reports/evaluation" / name,
                kept_epoch=KEPT_EPOCH,
                query=make_query(name),
            )
            for name in numbers
        },
        labels=read_labels(root / "reports/data"),
        scraped=[draw_garment(number, 24) for number in range(12)],
        removals=[Removal(draw_garment(number, 24), draw_garment(number, 24), 6 - number) for number in range(3)],
        contact_sheet=draw_grid(700),
        cutout_sheet=draw_grid(640),
        trends=make_trends(),
        distances=make_distances(),
        params="profile: demo # drawn\n",
        versions={"python": "3.11.2", "torch": "2.14.1"},
        costs=Costs(machine="a quiet one, 2 cores", stages={name: make_cost(name) for name in ("scrape", *TRAININGS)}),
    )


def make_seasons() -> list[SeasonData]:
    """Two brands in two seasons, of which the last one has few garments, and both together."""
    colours = [("#1f2a44", "marine", 0.5), ("#f4f0e6", "eggshell", 0.375), ("#b41e28", "scarlet", 0.125)]
    seasons = []
    for brand, season in (("", "SS26"), ("Atelier Nord", "SS26"), ("Kōmori", "SS26"), ("Kōmori", "FW26")):
        few = season == "FW26"
        of_season = {"brand": brand, "season": season, "garments": 3 if few else 41}
        palette = [
            SwatchRecord(**of_season, rank=rank, colour=colour, name=name, share=share)
            for rank, (colour, name, share) in enumerate(colours, start=1)
        ]
        interval = dict.fromkeys(("low", "high")) if few else {"low": 0.4, "high": 0.6}
        names = (*MEASURES, "height_to_width", "dots_frac", *(f"{WIDTH}{part}_of_8" for part in range(1, 9)))
        measures = {name: SeriesRecord(**of_season, measure=name, value=0.5, **interval) for name in names}
        seasons.append(SeasonData(brand, season, measures, palette, [draw_png(number) for number in range(3)]))
    return seasons


def make_trends() -> list[BrandTrends]:
    """Kōmori gets darker, follows Atelier Nord, and has a forecast and a proposal."""
    brands = {}
    for season in make_seasons():
        brands.setdefault(season.brand, []).append(season)
    told = {
        "changes": [
            make_change("lightness", "falls"),
            make_change("dots_frac", "varies"),
            make_change("chroma", "none"),
        ],
        "leads": [make_lead()],
        "forecasts": {name: make_forecast(name) for name in ("lightness", "patterned_frac")},
        "proposals": [Proposal(make_proposal(), draw_png(9))],
    }
    nothing = {"changes": [], "leads": [], "forecasts": {}, "proposals": []}
    of_brands = {"": nothing, "Atelier Nord": nothing | {"leads": [make_lead()]}, "Kōmori": told}
    return [BrandTrends(brand, of_brand, **of_brands[brand]) for brand, of_brand in brands.items()]


def make_change(measure: str, change: str) -> ChangeRecord:
    p = {"p_trend": 0.001 if change == "falls" else 0.9, "p_seasons": 0.9 if change == "none" else 0.01}
    return ChangeRecord(brand="Kōmori", measure=measure, first=0.8, last=0.25, change=change, tau=-0.9, **p)


def make_lead() -> LeadRecord:
    return LeadRecord(
        leader="Atelier Nord",
        follower="Kōmori",
        measure="lightness",
        lag_seasons=1,
        steps=9,
        correlation=0.94,
        low=0.7,
        high=0.99,
        p=0.001,
        is_found=True,
    )


def make_forecast(measure: str) -> ForecastRecord:
    return ForecastRecord(
        brand="Kōmori",
        measure=measure,
        season="SS27",
        model="level",
        value=0.45,
        low=0.3,
        high=0.6,
        trials=7,
        covered_frac=0.8571,
        mase=0.5 if measure == "lightness" else 1.2,
        best_baseline="mean",
        mase_mean=0.9,
        mase_last=1.0,
        mase_drift=1.1,
        mase_year_ago=1.3,
        beats_baselines=measure == "lightness",
    )


def make_proposal() -> ProposalRecord:
    return ProposalRecord(
        brand="Kōmori",
        season="SS27",
        rank=1,
        variant="cutout",
        weights_sha256="0" * 64,
        start_seed=7,
        start=12,
        colour="#1f2a44",
        name="marine",
        colour_distance=0.03,
        height_to_width=2.1,
        picture="0001.png",
    )


def make_distances() -> list[DistanceRecord]:
    pair = {"brand": "Atelier Nord", "other": "Kōmori"}
    return [DistanceRecord(season="SS26", distance=0.75, low=0.5, high=1.0, **pair)]


def draw_png(number: int) -> bytes:
    buffer = io.BytesIO()
    draw_garment(number).save(buffer, "PNG")
    return buffer.getvalue()


def write_trends(folder: Path, reports: Path) -> None:
    """What trends and propose leave in data/trends and in reports for the report."""
    seasons, examples = make_seasons(), []
    for one in seasons:
        for rank, content in enumerate(one.examples, start=1):
            name = f"{len(examples):04}.png"
            write_bytes(reports / "trends/garments" / name, content)
            row = {"brand": one.brand, "season": one.season, "rank": rank, "file": "a.png", "picture": name}
            examples.append(SeasonExample(**row))
    trends = make_trends()
    write_csv(folder / "examples.csv", SeasonExample, examples)
    write_csv(folder / "series.csv", SeriesRecord, [row for one in seasons for row in one.measures.values()])
    write_csv(folder / "palettes.csv", SwatchRecord, [row for one in seasons for row in one.palette])
    write_csv(folder / "changes.csv", ChangeRecord, [row for one in trends for row in one.changes])
    not_found = make_lead().model_copy(update={"is_found": False})
    write_csv(folder / "leads.csv", LeadRecord, [make_lead(), not_found])
    write_csv(folder / "forecasts.csv", ForecastRecord, [row for one in trends for row in one.forecasts.values()])
    write_csv(folder / "distances.csv", DistanceRecord, make_distances())
    proposals = [proposal for one in trends for proposal in one.proposals]
    for proposal in proposals:
        write_bytes(reports / "proposals" / proposal.record.picture, proposal.picture)
    write_csv(reports / "proposals/proposals.csv", ProposalRecord, [proposal.record for proposal in proposals])


def make_cost(name: str) -> RecordedCost:
    return RecordedCost(wall_s=100.0 + len(name), cpu_s=150.0, peak_mib=800, output_bytes=2_500_000, output_files=12)


def make_measurement_settings() -> MeasurementSettings:
    return MeasurementSettings(
        extractor="resnet34 of the selected detector",
        extractor_sha256="ab" * 32,
        feature_dim=512,
        held_out_crops=74,
        generated_images=512,
        kid_subset_size=50,
        kid_subsets=100,
        copy_quantile=0.01,
        copy_hash_distance=4,
        held_out_sharpness=18.5,
        training_crops=make_score(0.0021, 0.0012, precision=0.93, recall=0.9, density=1.02, coverage=0.96),
    )


@pytest.fixture(scope="session")
def figures(report_data: ReportData, published: Published) -> Figures:
    """Of the whole run, drawn once for all tests: it takes two seconds."""
    return draw_figures(report_data, published)
