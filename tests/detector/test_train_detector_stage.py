"""The stage, killed with SIGKILL wherever it is, ends where an uninterrupted one ends: every file, to the byte."""

import csv
import functools
import json
import random
import shutil
import time

import pytest

pytestmark = pytest.mark.slow
KILLS = 2
LONG = {
    "iterations": 12,
    "accumulate": 2,
    "evaluation": {"every_iterations": 6, "images": 6, "patience": None},
    "checkpoint_every_s": 0,
    "log_every_iterations": 2,
}


def outputs(folder):
    """Every file that the stage wrote, by its path."""
    files = (path for name in ("models", "reports") for path in (folder / name).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def wait(process):
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output.decode()


def test_a_killed_stage_ends_where_an_uninterrupted_one_ends(start_stage, tmp_path, engine):
    """The uninterrupted one is started twice, and the second start leaves the first one its outputs."""
    whole = outputs_of_a_run_that_is_started_twice(functools.partial(start_stage, engine=engine, **LONG), tmp_path)
    rng = random.Random(1)
    for _ in range(KILLS):
        process = start_stage(tmp_path / "killed", engine=engine, **LONG)
        saved = tmp_path / "killed/.checkpoints"
        for _ in range(rng.randint(1, 3)):  # a checkpoint is written after each of 12 iterations
            before = stamps(saved)
            while process.poll() is None and stamps(saved) == before:
                time.sleep(0.005)
        process.kill()
        process.communicate()
    assert process.returncode == -9
    assert stamps(saved)
    wait(start_stage(tmp_path / "killed", engine=engine, **LONG))
    assert outputs(tmp_path / "killed").keys() == whole.keys()
    assert [name for name, content in outputs(tmp_path / "killed").items() if content != whole[name]] == []


def test_an_image_that_does_not_decode_is_left_out_and_listed(start_stage, world, tmp_path):
    """Sizes read from headers do not tell it, so the stage looks; an image of each split, and not the last ones."""
    root = tmp_path / "labelled"
    shutil.copytree(world.parent, root)
    images = json.loads(world.read_text())["images"]
    for broken in images[:2]:
        (root / broken["file_name"]).write_bytes(b"\xff\xd8 no picture \xff\xd9")
    wait(start_stage(tmp_path / "run", root=root))
    with (tmp_path / "run/reports/detector/resnet18/unreadable.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["file"] for row in rows} == {broken["file_name"] for broken in images[:2]}
    assert {row["reason"] for row in rows} == {"corrupt"}


def test_a_photograph_that_does_not_decode_is_left_out_and_listed(start_stage, photographs, tmp_path):
    folder = tmp_path / "unlabelled"
    shutil.copytree(photographs[0].path.parents[1], folder)
    (folder / "Img/broken.jpg").write_bytes(b"\xff\xd8 no picture \xff\xd9")
    own = {"first_iteration": 2, "every_iterations": 2, "until_iteration": None, "min_score": 0.01}
    wait(start_stage(tmp_path / "run", unlabelled=str(folder), self_training=own))
    report = tmp_path / "run/reports/detector/resnet18"
    with (report / "unreadable.csv").open() as file:
        assert [row["file"] for row in csv.DictReader(file)] == ["Img/broken.jpg"]
    assert (report / "history/plots/metrics/train/pseudo_labels.tsv").is_file()


def test_a_set_without_any_image_that_decodes_is_refused(start_stage, world, tmp_path):
    root = tmp_path / "labelled"
    shutil.copytree(world.parent, root)
    for image in json.loads(world.read_text())["images"]:
        (root / image["file_name"]).write_bytes(b"")
    process = start_stage(tmp_path / "run", root=root)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 1
    assert b"train.json: none of its" in output and b"restore them" in output


def outputs_of_a_run_that_is_started_twice(start, tmp_path):
    folder = tmp_path / "peaceful"
    first = start(folder)
    log = folder / "reports/detector/resnet18/history/plots/metrics/train/loss.tsv"
    while first.poll() is None and not log.exists():
        time.sleep(0.02)
    second = start(folder)
    said, _ = second.communicate(timeout=300)
    wait(first)
    assert second.returncode == 1
    assert b"another process trains this" in said
    assert [line.split("\t")[0] for line in log.read_text().splitlines()] == ["step", *map(str, range(2, 13, 2))]
    return outputs(folder)


def stamps(folder):
    """When each checkpoint was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("state.pt")}
