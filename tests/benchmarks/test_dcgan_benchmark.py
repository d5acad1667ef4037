"""The DCGAN benchmark: its timing, its tables, its contenders in a tiny size, and its comparison of losses."""

import importlib
import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TINY = ["--images=16", "--batch-size=8", "--width=2", "--side-px=32", "--epochs=1", "--rounds=1", "--device=cpu"]
# Says what a contender would, in no time: two epochs of two steps, and the seconds of the second one.
STAND_IN = """
for epoch in range(2):
    for step in range(2):
        print(f"[{epoch}/2][{step}/2]\\tLoss_D: 1.{epoch}{step}00\\tLoss_G: 2.0000\\tD(x): 0.5")
print("peak MiB: 700")
"""


@pytest.fixture
def load(monkeypatch):
    """Imports a module of benchmarks/, which need not be a package."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module


def write_script(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def write_images(folder: Path, count: int) -> Path:
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(count):
        Image.fromarray(rng.integers(0, 256, (40, 36, 3), dtype=np.uint8)).save(folder / f"{number}.jpg")
    return folder


def test_the_clock_times_all_epochs_but_the_first_and_keeps_each_ones_last_losses(load, tmp_path, monkeypatch):
    """It is read at the end of each epoch, and at no other time."""
    clock = iter([10.0, 10.25])
    monkeypatch.setattr(load("measure"), "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    run = load("measure").measure(write_script(tmp_path / "stand_in.py", STAND_IN))
    assert run.losses == [(1.01, 2.0), (1.11, 2.0)]
    assert run.figures == {"peak MiB": 700}
    assert run.epochs_s == [0.25]


def test_a_contender_that_fails_shows_its_output(load, tmp_path):
    with pytest.raises(SystemExit, match="no such dataset"):
        load("measure").measure(write_script(tmp_path / "broken.py", "raise ValueError('no such dataset')"))


@pytest.mark.parametrize(("theirs", "expected"), [([1.0, 2.0, 4.0], "2.00"), (None, "—")])
def test_a_ratio_compares_the_runs_of_a_round_with_each_other(load, theirs, expected):
    """The machine doubles its speed from round to round: the ratio does not see it."""
    assert load("measure").ratio([2.0, 4.0, 8.0], theirs) == expected


@pytest.mark.parametrize("with_example", [True, False])
def test_the_table_has_a_row_for_each_contender(load, tmp_path, monkeypatch, capsys, with_example):
    dcgan = load("dcgan")
    monkeypatch.setattr(dcgan, "CONTENDERS", write_script(tmp_path / "stand_in.py", STAND_IN))
    dcgan.main([*TINY, *(["--example=main.py"] if with_example else [])])
    printed = capsys.readouterr().out
    names = [line.split("|")[1].strip() for line in printed.splitlines() if line.startswith("|")][2:]
    assert names == [*(["PyTorch's example"] * with_example), "plain loop", "ours, 32-true", "ours, bf16-mixed"]
    assert ("is left out" in printed) is not with_example


@pytest.mark.parametrize("contender", ["plain", "ours"])
@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_a_contender_reports_the_end_of_each_epoch_and_its_memory(load, tmp_path, capsys, contender, precision):
    dcgan, measure = load("dcgan"), load("measure")
    params = dcgan.read_params(dcgan.parse_options(TINY), precision)
    folder = write_images(tmp_path / "images", 16)
    load("dcgan_contenders").main(contender, json.dumps({"params": params, "folder": str(folder)}))
    lines = capsys.readouterr().out.splitlines()
    ends = [end for end in map(measure.EPOCH_END.match, lines) if end and int(end[1]) + 1 == int(end[2])]
    assert len(ends) == 2
    assert all(0 < float(loss) < 20 for end in ends for loss in end.groups()[2:])
    assert {match[1] for match in map(measure.FIGURE.match, lines) if match} == {"decoded in", "peak MiB"}


def test_the_example_runs_as_its_own_script_with_its_own_arguments(load, tmp_path, capsys):
    script = write_script(tmp_path / "main.py", "import sys\nprint(__name__, *sys.argv[1:])")
    load("dcgan_contenders").main("example", str(script), "--niter=2")
    assert capsys.readouterr().out.startswith("__main__ --niter=2\n")


@pytest.mark.slow
@pytest.mark.usefixtures("warm_python")
def test_each_number_of_images_is_measured_in_its_own_process(load, capsys):
    """From options through a child process and its figures to the table."""
    load("dcgan").main([*TINY, "--growth", "20", "--steps=5"])
    row = capsys.readouterr().out.splitlines()[-2]
    assert re.fullmatch(r"\| 20 \| [\d.,]+ \| 0\.1 \| [\d,]+ \| — \|", row)


@pytest.mark.slow
def test_each_family_is_timed_in_each_phase(load, monkeypatch, capsys):
    dcgan = load("dcgan")
    for family, changes in dcgan.FAMILIES.items():
        monkeypatch.setitem(dcgan.FAMILIES, family, changes | {"ngf": 4, "ndf": 4})
    dcgan.main([*TINY, "--families"])
    header, _, *rows = [
        line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines() if line[:1] == "|"
    ]
    assert header[0] == "ms, 16 px"
    times = {name: [float(value) for value in values[:3]] for name, *values in rows}
    assert list(times) == ["dcgan", "dcgan, bf16", "modern", "modern, bf16"]
    assert all(value > 0 for of in times.values() for value in of)


def test_the_folders_images_repeat_if_there_are_too_few(load, tmp_path):
    dcgan, given = load("dcgan"), write_images(tmp_path / "given", 5)
    folder = dcgan.lay_out_images(tmp_path, dcgan.parse_options([*TINY, f"--folder={given}"]))
    assert [path.resolve().stem for path in sorted(folder.iterdir())] == [str(number % 5) for number in range(16)]


@pytest.mark.parametrize("options", [["--images=12"], ["--growth", "4"]])
def test_images_that_fill_no_batch_are_refused(load, options, capsys):
    with pytest.raises(SystemExit):
        load("dcgan").main([*TINY, *options])
    assert options[-1].removeprefix("--images=") in capsys.readouterr().err


@pytest.mark.parametrize(("shift", "verdict"), [(0.0, "within"), (0.5, "beyond")])
def test_losses_differ_when_the_precisions_lie_farther_apart_than_the_seeds(load, shift, verdict):
    """Both sets are noise of 0.1 around one curve; half a unit is five times that."""
    rng = np.random.default_rng(2)
    float32, bf16 = (1 + rng.normal(0, 0.1, (3, 40)) for _ in range(2))
    assert f", {verdict} the seeds' spread" in load("dcgan").compare_precisions(float32, bf16 + shift)


def test_the_loss_curves_of_both_precisions_stand_side_by_side(load, tmp_path, monkeypatch, capsys):
    dcgan = load("dcgan")
    monkeypatch.setattr(dcgan, "CONTENDERS", write_script(tmp_path / "stand_in.py", STAND_IN))
    dcgan.main([*TINY, "--check-losses", "--seeds=2"])
    printed = capsys.readouterr().out
    assert "| 2 | 1.010 ± 0.000 | 1.010 ± 0.000 | 2.000 ± 0.000 | 2.000 ± 0.000 |" in printed
    assert "Loss_D: the distance of bf16-mixed from the mean of 32-true is 0, within the seeds' spread of 0" in printed
