"""What a stage takes, against what the test makes it take; and what is recorded of it."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from fashiongen.costs import StageCost, measured, read_costs, record
from fashiongen.errors import BadInput, MissingInput
from fashiongen.files import read_json, write_json

LOCK = {
    "scrape": {"outs": [{"path": "data/scraped", "size": 100, "nfiles": 7}]},
    "train_detector@resnet18": {"outs": [{"path": "a", "size": 20, "nfiles": 2}, {"path": "b", "size": 3}]},
}
COST = {"wall_s": 1.5, "cpu_s": 2.5, "peak_mib": 300}


def test_time_is_that_of_the_block(tmp_path):
    start_s = time.perf_counter()
    with measured("scrape", "demo", tmp_path):
        time.sleep(0.4)
    whole_s = time.perf_counter() - start_s
    cost = StageCost.model_validate(read_json(tmp_path / "demo/scrape.json"))
    assert 0.4 <= cost.wall_s <= whole_s + 0.05  # it is rounded to tenths


@pytest.mark.slow
def test_processor_time_and_memory_count_what_was_waited_for(tmp_path):
    """A process of its own, so that nothing else that the tests did is counted."""
    busy = """
import time, numpy
numpy.ones(40_000_000)
while time.process_time() < 0.5:
    pass
"""
    program = f"""
import subprocess, sys
from pathlib import Path
from fashiongen.costs import measured
with measured("busy", "demo", Path({str(tmp_path)!r})):
    subprocess.run([sys.executable, "-c", {busy!r}], check=True)
"""
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    cost = StageCost.model_validate(read_json(tmp_path / "demo/busy.json"))
    assert cost.cpu_s >= 0.5
    assert cost.peak_mib >= 40_000_000 * np.ones(1).itemsize / 2**20


def test_a_stage_that_fails_leaves_no_cost(tmp_path):
    with pytest.raises(ValueError, match="broken"), measured("scrape", "demo", tmp_path):
        raise ValueError("broken")
    assert list(tmp_path.iterdir()) == []


def test_what_is_recorded_has_the_size_of_what_the_stage_left(tmp_path):
    write_json(tmp_path / "demo/train_detector@resnet18.json", COST)
    costs = record("demo", LOCK, tmp_path)
    assert list(costs.stages) == ["train_detector@resnet18"]  # scrape came out of DVC's cache
    assert costs.stages["train_detector@resnet18"].model_dump() == {**COST, "output_bytes": 23, "output_files": 3}
    assert costs.machine.endswith(f"{os.cpu_count()} cores")


def test_a_run_of_another_profile_is_not_this_ones(tmp_path):
    write_json(tmp_path / "street/scrape.json", COST)
    with pytest.raises(MissingInput, match=r"demo: no stage was measured here: `dvc repro`"):
        record("demo", LOCK, tmp_path)


def test_what_was_recorded_reads_back(tmp_path):
    assert read_costs("demo", tmp_path) is None
    write_json(tmp_path / "in/demo/scrape.json", COST)
    costs = record("demo", LOCK, tmp_path / "in")
    write_json(tmp_path / "demo.json", costs.model_dump())
    assert read_costs("demo", tmp_path) == costs


def test_items_of_a_stage_are_summed(tmp_path):
    for name, wall_s in (("train_detector@a", 1.5), ("train_detector@b", 2.0), ("scrape", 4.0)):
        write_json(tmp_path / f"demo/{name}.json", {**COST, "wall_s": wall_s})
    lock = dict.fromkeys(("train_detector@a", "train_detector@b", "scrape"), LOCK["scrape"])
    assert record("demo", lock, tmp_path).sum_times() == {"train_detector": 3.5, "scrape": 4.0}


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "{",
        "[]",
        "1",
        "null",
        "{}",
        '{"machine": "m"}',
        '{"machine": 1, "stages": {}}',
        '{"machine": "m", "stages": 1}',
        '{"machine": "m", "stages": {"scrape": {}}}',
        '{"machine": "m", "stages": {"scrape": {"wall_s": "long"}}}',
        "\xff",
    ],
)
def test_a_damaged_file_of_recorded_costs_is_one_line(tmp_path, damaged):
    (tmp_path / "demo.json").write_text(damaged, encoding="latin-1")
    with pytest.raises(BadInput, match=rf"^{tmp_path}/demo.json: [^\n]+$"):
        read_costs("demo", tmp_path)


@pytest.mark.parametrize("damaged", ["{", "[]", "{}", '{"wall_s": "long", "cpu_s": 1, "peak_mib": 1}'])
def test_a_damaged_file_of_a_measured_cost_is_one_line(tmp_path, damaged):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo/scrape.json").write_text(damaged)
    with pytest.raises(BadInput, match=rf"^{tmp_path}/demo/scrape.json: [^\n]+$"):
        record("demo", LOCK, tmp_path)
