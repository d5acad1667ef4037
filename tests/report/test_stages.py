"""evaluate and report on a made-up run: metrics that agree with their sources, and a report that agrees with them."""

import json
import shutil
from contextlib import chdir, redirect_stdout
from io import StringIO
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from fashiongen.dcgan.networks.dcgan import Discriminator, Generator
from fashiongen.dcgan.networks.model_card import ModelCard, read_card
from fashiongen.dcgan.networks.sampling import sample
from fashiongen.dcgan.networks.weights import save_networks
from fashiongen.dcgan.params import NetworkParams
from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.model_folder import ModelCard as DetectorCard
from fashiongen.detector.networks.model_folder import write_model
from fashiongen.detector.networks.purpose import ForWeights
from fashiongen.errors import BadInput, ConfigError, MissingInput, TooFewImages
from fashiongen.evaluation import generators
from fashiongen.files import read_csv, read_json, write_csv, write_json
from fashiongen.images.manifest import (
    BoardRecord,
    CorruptRecord,
    CropRecord,
    DuplicateRecord,
    ImageRecord,
    PinRecord,
    TrainingImage,
)
from fashiongen.images.pack import Frame, pack_images
from fashiongen.images.shards import name_shard, write_shard
from stages import evaluate, report

pytestmark = pytest.mark.slow

BACKBONES = ("resnet18", "resnet34", "resnet50")
VARIANTS = ("cropped", "original", "subset")
SIDE_PX = 32
HELD_OUT = 12
IMAGES = 40
TRACKED = ("metrics/data.json", "metrics/crops.json", "metrics/dcgan.json", "metrics/summary.json")


def write_tables(root, made_up):
    """Scraped, deduplicated and cropped: 44 pins, 40 distinct images, 36 crops of which 12 are held out."""
    described = {"brand": "Kōmori", "board": "/komori/runway/", "season": "SS26", "title": "Look"}
    pins, images, crops = [], [], []
    for number in range(44):
        name, saved = f"{number:032x}", number < 42
        outcome = "saved" if saved else "skipped_video"
        shown = {
            "signature": name,
            "file": f"komori/{name}.jpg" if saved else "",
            "link": "",
            "section": "",
            "sha256": "",
        }
        size = {"width_px": 40, "height_px": 60, "bytes": 900}
        pins.append(PinRecord(pin_id=str(number), **described, **shown, **size, outcome=outcome))
    (root / "data/pinterest/images").mkdir(parents=True)
    for number in range(IMAGES):
        name, split = f"{number:032x}", "held_out" if number < HELD_OUT else "train"
        shared = {"pin_id": str(number), **described, "width_px": 40, "height_px": 60, "sha256": name, "split": split}
        images.append(ImageRecord(file=f"{name}.jpg", **shared))
        made_up.draw_garment(number, 40).save(root / f"data/pinterest/images/{name}.jpg")
        if number < 36:
            box = {"x_px": 1.0, "y_px": 2.0, "w_px": 30.0, "h_px": 50.0, "label": "full", "score": 0.75}
            box |= {"mask": "ok", "mask_certainty": 0.9}
            box |= {"cutout_width_px": 40, "cutout_height_px": 60, "cutout_sha256": name}
            crops.append(CropRecord(file=f"{name}.png", source=f"{name}.jpg", **shared, **box))
            for folder in ("images", "cutouts"):
                path = root / f"data/crops/{folder}/{name}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                made_up.draw_garment(number, 40).save(path)
    write_csv(root / "data/scraped/pins.csv", PinRecord, pins)
    entry = {"brand": "Kōmori", "season": "SS26", "expected": 50, "found": 44, "saved": 42, "skipped": 2, "failed": 0}
    entries = [
        BoardRecord(**entry, board=f"/komori/{ending}/", reasons="", ending=ending, detail="")
        for ending in ("end", "looped")
    ]
    write_csv(root / "data/scraped/boards.csv", BoardRecord, entries)
    write_csv(root / "data/pinterest/manifest.csv", ImageRecord, images)
    write_csv(root / "data/crops/crops.csv", CropRecord, crops)
    (root / "data/scraped/komori").mkdir()
    for name in ("a", "b"):
        made_up.draw_garment(1, 40).save(root / f"data/scraped/komori/{name}.png")
    pair = {"removed": "komori/a.png", "keeper": "komori/b.png", "distance": 0}
    removed = [DuplicateRecord(**pair, rule=rule) for rule in ("name", "near")]
    write_csv(root / "data/pinterest/duplicates.csv", DuplicateRecord, removed)
    write_csv(root / "data/pinterest/corrupt.csv", CorruptRecord, [CorruptRecord(file="komori/c.png", reason="torn")])
    made_up.write_labels(root / "reports/data")
    write_json(root / "reports/data/counts.json", {"total": 60, "train": 42, "val": 18})
    write_training_sets(root, [crop.file for crop in crops[HELD_OUT:]], [image.file for image in images[HELD_OUT:]])
    (root / "reports/crops").mkdir()
    made_up.draw_grid(2).save(root / "reports/crops/contact_sheet.jpg")
    made_up.write_trends(root / "data/trends", root / "reports")


def write_training_sets(root, crops, images):
    """Which files each variant trained on: 24 crops, 28 images, 24 of these."""
    for variant, source, files in (
        ("cropped", "crops", crops),
        ("original", "images", images),
        ("subset", "images", images[:24]),
    ):
        report = root / "reports/dcgan" / variant
        write_csv(report / "training_set.csv", TrainingImage, (TrainingImage(file=file, sha256="") for file in files))
        write_json(report / "counts.json", {"source": source, "training_images": len(files)})


def write_networks(root, made_up, small_detector, small_shape, activate_residual_branches):
    """Three small generators of random weights, the first trained from two seeds, and a small detector."""
    torch.manual_seed(0)
    frame = {"height_px": SIDE_PX, "width_px": SIDE_PX}
    shape = small_shape.model_copy(update=frame | {"latent_dim": 8, "ngf": 4, "ndf": 4})
    for folder, variant, seed in (*((name, name, 7) for name in VARIANTS), ("cropped/seed_8", "cropped", 8)):
        write_network(root / "models/dcgan" / folder, shape, variant, seed, made_up.make_query(variant))
    categories = {1: "upper", 2: "lower", 3: "full"}
    card = DetectorCard(engine="torchvision", backbone="resnet18", categories=categories, model=small_detector)
    for folder in ("best_detector", *(f"detector/{name}" for name in BACKBONES)):
        network = build_network("resnet18", small_detector, ForWeights(), categories=3)
        activate_residual_branches(network)
        write_model(root / "models" / folder, card, network.named_weights())


def write_network(folder, shape, variant, seed, query):
    card = ModelCard(
        **shape.model_dump(),
        variant=variant,
        seed=seed,
        epochs=12,
        kept_epoch=12,
        images_seen=240,
        query=query,
        training_images=24,
        fit="cover",
        generator_parameters=1,
        discriminator_parameters=1,
    )
    states = (network.state_dict() for network in (Generator(shape), Discriminator(shape)))
    save_networks(folder, *states, card)


def write_params(root, made_up, **changed):
    settings = {"generated_images": 40, "kid_subset_size": 10, "kid_subsets": 5, "features_side_px": 32, "seed": 7}
    settings |= {"inception_weights": None, "copy_quantile": 0.05, "copy_hash_distance": 2}
    variants = {name: {"query": made_up.make_query(name).model_dump(mode="json")} for name in VARIANTS}
    about = {"page_note": "The photographs are made up."}
    values = {"profile": "demo", "about": about, "dcgan": {"variants": variants}, "evaluate": settings | changed}
    (root / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory, made_up, small_detector, small_shape, activate_residual_branches):
    """The folder of a run, evaluated, and the lines that this printed."""
    root = tmp_path_factory.mktemp("run")
    made_up.write_detector(root)
    for place, variant in enumerate(VARIANTS):
        made_up.write_generator(root / "reports/dcgan" / variant, place)
    write_tables(root, made_up)
    write_networks(root, made_up, small_detector, small_shape, activate_residual_branches)
    write_params(root, made_up)
    with chdir(root), redirect_stdout(StringIO()) as printed:
        evaluate.main()
        report.main()
    return root, printed.getvalue().splitlines()


@pytest.fixture(scope="module")
def run(evaluated):
    return evaluated[0]


@pytest.fixture
def copy(run, tmp_path):
    """A run to change."""
    return shutil.copytree(run, tmp_path / "copy")


def test_the_data_metrics_count_the_tables(run):
    data = read_json(run / "metrics/data.json")
    assert (data["pins"], data["saved"], data["distinct"], data["held_out"]) == (44, 42, 40, HELD_OUT)
    assert data["outcomes"] == {"saved": 42, "skipped_video": 2}
    assert (data["boards"], data["endings"], data["expected"]) == (2, {"end": 1, "looped": 1}, 100)
    assert data["removed"] == {"name": 1, "near": 1}
    assert data["types"] == {"upper": 30, "lower": 20, "full": 10}


def test_the_crop_metrics_count_the_tables(run):
    crops = read_json(run / "metrics/crops.json")
    assert (crops["searched"], crops["crops"], crops["share"], crops["mean_score"]) == (40, 36, 0.9, 0.75)
    assert crops["brands"]["Kōmori"] == {"pins": 44, "saved": 42, "distinct": 40, "crops": 36}


def test_the_generator_metrics_hold_the_last_epoch(run):
    variants = read_json(run / "metrics/dcgan.json")["variants"]
    assert list(variants) == list(VARIANTS)
    for variant in VARIANTS:
        last = (run / "reports/dcgan" / variant / "history.csv").read_text().splitlines()[-1].split(",")
        assert variants[variant]["Loss_D"] == pytest.approx(float(last[1]), rel=1e-5)
        assert variants[variant]["images"] == 24


def test_noise_is_farther_from_the_held_out_crops_than_real_training_crops_are(run):
    """The generators have random weights; the training crops are of the held-out crops' kind."""
    dcgan = read_json(run / "metrics/dcgan.json")
    real = dcgan["measurement_settings"]["training_crops"]
    assert all(variant["KID"] > real["KID"] + real["KID_std"] for variant in dcgan["variants"].values())
    assert dcgan["measurement_settings"]["held_out_crops"] == HELD_OUT


def test_noise_is_farther_by_every_other_measure_too(run):
    dcgan = read_json(run / "metrics/dcgan.json")
    settings = dcgan["measurement_settings"]
    real = settings["training_crops"]
    for variant in dcgan["variants"].values():
        assert variant["SWD_by_band"].keys() == real["SWD_by_band"].keys() == {"32", "16"}
        assert all(variant["SWD_by_band"][band] > 2 * value for band, value in real["SWD_by_band"].items())
        assert variant["SWD"] == pytest.approx(sum(variant["SWD_by_band"].values()) / 2, rel=1e-4)
        assert list(variant["KID_by_detector"]) == list(BACKBONES)
        assert variant["KID_worst"] == pytest.approx(max(variant["KID_by_detector"].values()), rel=0.1)
        assert all(variant["KID_by_detector"][name] > value for name, value in real["KID_by_detector"].items())
    assert real["sharpness"] == pytest.approx(settings["held_out_sharpness"], rel=0.3)


def test_each_variant_stands_beside_held_out_images_of_its_own_source(run):
    """Whole images and crops of one garment; here they look alike, so real images are as far from either."""
    variants = read_json(run / "metrics/dcgan.json")["variants"]
    own = {name: variant["own_source"] for name, variant in variants.items()}
    assert {name: (found["source"], found["held_out"]) for name, found in own.items()} == {
        "cropped": ("crops", HELD_OUT),
        "original": ("images", HELD_OUT),
        "subset": ("images", HELD_OUT),
    }
    cropped = own["cropped"]
    assert (cropped["SWD"], cropped["KID_worst"]) == (variants["cropped"]["SWD"], variants["cropped"]["KID_worst"])
    assert set(cropped["distance_by_seed"]) == {"7", "8"}
    for found in own.values():
        assert found["SWD_of_real"] == pytest.approx(cropped["SWD_of_real"], rel=0.05)
        assert all(distance > 2 for distance in found["distance_by_seed"].values())
    single = own["subset"]
    ratio = (single["SWD"] * single["KID_worst"]) / (single["SWD_of_real"] * max(single["KID_worst_of_real"], 0.001))
    assert single["distance_by_seed"]["7"] == pytest.approx(ratio**0.5, rel=1e-4)
    text = (run / "reports/report.md").read_text()
    assert f"| original | {HELD_OUT} whole images |" in text


def test_a_generator_of_noise_copies_nothing_and_is_far_from_what_it_trained_on(run):
    for variant in read_json(run / "metrics/dcgan.json")["variants"].values():
        assert variant["near_copies"] == 0
        assert variant["training_near_copies_by_features"] in {1, 2}  # the quantile's share
        assert variant["nearest_ratio"] > 1.2


def test_a_generator_that_gives_back_its_training_images_is_said_to_copy(copy, monkeypatch):
    """Half of the generated images of each variant are mirrored training crops, through the whole stage.

    All of these share an outline, and so a hash: only the features tell.
    """
    paths = sorted((copy / "data/crops/images").iterdir())[HELD_OUT:]
    mirrored = torch.from_numpy(pack_images(paths, frame=Frame(SIDE_PX, SIDE_PX), fit="cover")).flip(-1)
    monkeypatch.setattr(
        generators, "sample", lambda network, n, *, seed: torch.cat([mirrored[:20], sample(network, n - 20, seed=seed)])
    )
    with chdir(copy):
        evaluate.main()
        report.main()
    found = read_json(copy / "metrics/dcgan.json")["variants"]["cropped"]
    assert (found["near_copies_by_features"], found["closest_ratio"]) == (20, pytest.approx(0, abs=1e-4))
    text = (copy / "reports/report.md").read_text()
    assert "## Do they copy? Yes: cropped, original and subset do." in text
    assert (
        "The generator cropped copies: it has clearly more near-copies than the training images have among themselves. "
        "By features, 50 % of its 40 images" in text
    )


def test_variants_of_other_frames_are_measured_beside_each_other(run, copy):
    """One is portrait, one landscape: each is compared with held-out crops in its own frame."""
    card = read_card(copy / "models/dcgan/subset")
    values = {name: getattr(card, name) for name in NetworkParams.model_fields}
    for variant, frame in (("subset", {"height_px": 64}), ("original", {"width_px": 64})):
        write_network(copy / "models/dcgan" / variant, NetworkParams(**values | frame), variant, 7, card.query)
    with chdir(copy):
        evaluate.main()
    before, after = (read_json(root / "metrics/dcgan.json")["variants"] for root in (run, copy))
    assert after["cropped"] == before["cropped"]
    bands = {variant: set(found["SWD_by_band"]) for variant, found in after.items()}
    assert bands == {"cropped": {"32", "16"}, "original": {"32", "16"}, "subset": {"64", "32", "16"}}
    sizes = {}
    for variant in VARIANTS:
        with Image.open(next((copy / "reports/evaluation" / variant).rglob("*_generated.png"))) as image:
            sizes[variant] = image.size
    assert sizes == {"cropped": (32, 32), "original": (64, 32), "subset": (32, 64)}


def test_inception_without_its_file_is_named_with_the_key(copy, made_up):
    write_params(copy, made_up, inception_weights="weights/none.pth")
    with (
        chdir(copy),
        pytest.raises(MissingInput, match=r"evaluate\.inception_weights: weights/none\.pth: no such file"),
    ):
        evaluate.main()


def test_a_training_set_from_an_unknown_source_is_named(copy):
    write_json(copy / "reports/dcgan/subset/counts.json", {"source": "attic"})
    with chdir(copy), pytest.raises(BadInput, match=r"subset/counts\.json: source 'attic' is none of images, crops"):
        evaluate.main()


def test_a_variant_of_cutouts_is_compared_with_held_out_cutouts_and_the_others_as_before(copy, run):
    """The subset's training set is made that of a variant of cut-outs; here these look as the crops do."""
    crops = sorted(read_csv(copy / "data/crops/crops.csv", CropRecord), key=lambda row: row.file)
    rows = [TrainingImage(file=row.file, sha256=row.sha256) for row in crops if row.split == "train"]
    write_json(copy / "reports/dcgan/subset/counts.json", {"source": "cutouts"})
    write_csv(copy / "reports/dcgan/subset/training_set.csv", TrainingImage, rows)
    with chdir(copy):
        evaluate.main()
        report.main()
    found, before = read_json(copy / "metrics/dcgan.json"), read_json(run / "metrics/dcgan.json")
    assert [row["reference"] for row in found["variants"].values()] == ["crops", "crops", "cutouts"]
    assert found["variants"]["cropped"] == before["variants"]["cropped"]
    assert found["variants"]["subset"]["KID"] == before["variants"]["subset"]["KID"]
    assert found["cutout_settings"] == found["measurement_settings"] == before["measurement_settings"]
    assert before["cutout_settings"] is None
    text = (copy / "reports/report.md").read_text()
    assert "| real cut-outs | held-out cut-outs |" in text
    assert "compared with 12 held-out cut-outs" in text


def test_the_summary_has_the_rows_that_a_person_asks_for(run):
    summary = read_json(run / "metrics/summary.json")
    dcgan, detector = read_json(run / "metrics/dcgan.json"), read_json(run / "metrics/detector.json")
    assert list(summary) == ["detector", "dcgan", "data", "crops"]
    assert summary["detector"].keys() == detector.keys() - {"best"}
    assert summary["detector"]["resnet18"]["AP"] == detector["resnet18"]["AP"]
    assert list(summary["dcgan"]) == list(VARIANTS)
    assert summary["dcgan"]["cropped"]["KID"] == dcgan["variants"]["cropped"]["KID"]
    by_seed = dcgan["variants"]["cropped"]["KID_by_seed"]
    assert set(by_seed) == {"7", "8"}
    assert dcgan["variants"]["cropped"]["KID"] == pytest.approx(sum(by_seed.values()) / 2, rel=1e-4)
    assert summary["dcgan"]["cropped"]["Loss_D"] == dcgan["variants"]["cropped"]["Loss_D"]
    assert (summary["data"]["pins"], summary["data"]["distinct"], summary["crops"]["crops"]) == (44, 40, 36)


def test_each_row_of_the_summary_is_one_number(run):
    """DVC makes a column of each."""
    for group, rows in read_json(run / "metrics/summary.json").items():
        for name, row in rows.items():
            values = row.values() if group in {"detector", "dcgan"} else [row]
            assert all(isinstance(value, int | float) for value in values), f"{group}.{name}"


def test_every_link_of_the_markdown_leads_to_a_file(run):
    text = (run / "reports/report.md").read_text()
    links = [part.split(")")[0] for part in text.split("](")[1:]]
    present = {link: (run / "reports" / link).is_file() for link in links}
    assert present.pop("index.html")
    assert len(present) >= 10
    assert all(present.values()), present


def test_every_figure_decodes(run):
    for path in (run / "reports/figures").glob("*.png"):
        with Image.open(path) as image:
            assert np.asarray(image).std() > 0, path


def test_a_second_run_and_one_of_images_in_shards_write_the_same_bytes_and_the_report_measures_nothing(run, copy):
    """All metrics, the page, and the training images nearest to the generated ones.

    The report needs neither the networks nor the crops, and leaves the metrics alone.
    """
    for folder in ("pinterest/images", "crops/images", "crops/cutouts"):
        move_into_shards(copy / "data" / folder)
    move_into_shards(copy / "data/scraped/komori")
    for name, row in (("pinterest/manifest", ImageRecord), ("pinterest/duplicates", DuplicateRecord)):
        change_files(copy / f"data/{name}.csv", row)
    change_files(copy / "data/crops/crops.csv", CropRecord)
    for variant in VARIANTS:
        change_files(copy / f"reports/dcgan/{variant}/training_set.csv", TrainingImage)
    with chdir(copy):
        evaluate.main()
        for folder in ("models", "data/crops"):
            shutil.rmtree(folder)
        report.main()
    written = [path.relative_to(run) for path in (run / "reports").rglob("*") if path.is_file()]
    assert "index.html" in {path.name for path in written}
    files = [*TRACKED, *map(str, written)]
    changed = {file for file in files if (run / file).read_bytes() != (copy / file).read_bytes()}
    assert changed == {f"reports/dcgan/{variant}/training_set.csv" for variant in VARIANTS}


def move_into_shards(folder):
    """Fifteen images a shard, as the numbers in their names say."""
    for shard, files in groupby(sorted(folder.iterdir()), key=lambda path: choose_shard(path.name)):
        moved = list(files)
        write_shard(folder / shard, moved)
        for path in moved:
            path.unlink()


def choose_shard(name):
    return name_shard(int(Path(name).stem, 16) // 15)


def change_files(table, row_type):
    """Each file gets the shard before its name."""
    columns = {"file", "source", "removed", "keeper"} & row_type.model_fields.keys()
    rows = [
        row.model_copy(update={name: str(insert_shard(Path(getattr(row, name)))) for name in columns})
        for row in read_csv(table, row_type)
    ]
    write_csv(table, row_type, rows)


def insert_shard(file):
    return file.parent / choose_shard(file.name) / file.name


def test_it_ends_with_a_table_of_metrics_and_the_path_of_the_page(run, evaluated):
    *table, _, last = evaluated[1]
    kid = read_json(run / "metrics/summary.json")["dcgan"]["cropped"]["KID"]
    assert any(line.split()[:2] == ["dcgan.cropped.KID", f"{kid:.4g}"] for line in table)
    assert last == f"report: {run.resolve() / 'reports/index.html'}"


def test_too_few_held_out_crops_are_named_with_the_remedy(copy):
    rows = read_csv(copy / "data/crops/crops.csv", CropRecord)
    write_csv(copy / "data/crops/crops.csv", CropRecord, [row for row in rows if row.split == "train"])
    with chdir(copy), pytest.raises(TooFewImages, match=r"0 held-out crops .* 10 needed.*held_out_frac"):
        evaluate.main()


def test_what_a_variant_left_behind_is_no_input(copy):
    shutil.copytree(copy / "models/dcgan/subset", copy / "models/dcgan/aurore")
    with chdir(copy), pytest.raises(BadInput, match=r"models/dcgan/aurore: of no variant.*`dvc checkout`"):
        evaluate.main()


def test_variants_that_fit_their_images_differently_cannot_be_compared(copy):
    path = copy / "models/dcgan/subset/model.json"
    path.write_text(json.dumps(read_json(path) | {"fit": "contain"}))
    with chdir(copy), pytest.raises(ConfigError, match="subset contain"):
        evaluate.main()
