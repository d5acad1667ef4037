"""How a stage starts: what it was given, one line for what went wrong, and what it took."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from fashiongen.errors import MissingInput
from stages.entry import run


def stage(backbone: str) -> None:
    raise MissingInput(f"data/{backbone}: not there")


@pytest.fixture
def start(monkeypatch, capsys):
    """Start the stage with a command line; its exit status and what it said on stderr."""

    def call(*words: str) -> tuple[object, str]:
        monkeypatch.setattr("sys.argv", ["train_detector.py", *words])
        with pytest.raises(SystemExit) as stopped:
            run(stage)
        return stopped.value.code, capsys.readouterr().err

    return call


def test_an_expected_error_is_one_line_and_status_one(start):
    assert start("resnet18") == (1, "error: data/resnet18: not there\n")


def test_what_the_operating_system_refuses_is_one_line_with_the_remedy(monkeypatch, capsys):
    def fill_disk() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "data/coco/train.json")

    monkeypatch.setattr("sys.argv", ["stage.py"])
    with pytest.raises(SystemExit, match="1"):
        run(fill_disk)
    remedy = "no space is left on the disk; free some, or write to another disk"
    assert capsys.readouterr().err == f"error: data/coco/train.json: {remedy}\n"


def test_ctrl_c_is_one_line_and_the_status_that_shells_have(monkeypatch, capsys):
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.argv", ["stage.py"])
    with pytest.raises(SystemExit, match="130"):
        run(interrupted)
    assert capsys.readouterr().err == "stopped; run again to go on with what is kept\n"


def refuse_on_gpu() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 1.00 GiB free.\nMore lines")


@pytest.mark.parametrize(
    ("allocate", "size"),
    [
        (lambda: torch.empty(2**44), "70368744177664 bytes"),
        (lambda: np.empty(2**44), "128. TiB"),
        (lambda: bytearray(2**50), None),
        (refuse_on_gpu, "2.00 GiB"),
    ],
    ids=["torch", "numpy", "python", "gpu"],
)
def test_memory_that_the_machine_does_not_have_is_one_line_with_the_remedy(monkeypatch, capsys, allocate, size):
    def train() -> None:
        allocate()

    monkeypatch.setattr("sys.argv", ["stage.py"])
    with pytest.raises(SystemExit, match="1"):
        run(train)
    needed = f" ({size} more were needed)" if size else ""
    said = capsys.readouterr().err
    assert said.startswith(f"error: out of memory{needed}; lower the batch_size")
    assert len(said.splitlines()) == 1


def test_a_fault_of_the_program_keeps_its_traceback(monkeypatch):
    def read_nothing() -> None:
        Path("not_there").read_text()

    monkeypatch.setattr("sys.argv", ["stage.py"])
    with pytest.raises(FileNotFoundError):
        run(read_nothing)


@pytest.mark.parametrize("item", ["resnet18", "a;touch owned", "$(touch owned)", "with@sign"])
def test_the_item_that_dvc_runs_is_the_argument_as_it_stands_in_params(start, item, monkeypatch):
    monkeypatch.setenv("DVC_STAGE", f"train_detector@{item}")
    assert start() == (1, f"error: data/{item}: not there\n")


def test_an_argument_goes_before_the_item_of_dvc(start, monkeypatch):
    monkeypatch.setenv("DVC_STAGE", "train_detector@resnet18")
    assert start("resnet34") == (1, "error: data/resnet34: not there\n")


@pytest.mark.parametrize("words", [(), ("resnet18", "resnet34")])
def test_a_wrong_number_of_arguments_is_one_line_with_the_usage(start, words):
    status, said = start(*words)
    assert status == 2
    assert said.startswith("error: train_detector.py")
    assert said.endswith("; usage: python -m stages.train_detector BACKBONE\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("data/demo/dvc.yaml:demo", "demo.json"),
        ("train_detector@resnet18", "train_detector@resnet18.json"),
        (None, None),
    ],
)
def test_what_a_stage_takes_is_measured_where_dvc_runs_it(address, file, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("profile: street\n")
    monkeypatch.setattr("sys.argv", ["stage.py"])
    monkeypatch.delenv("DVC_STAGE", raising=False)
    if address:
        monkeypatch.setenv("DVC_STAGE", address)
    run(lambda: None)
    assert [path.name for path in tmp_path.glob(".costs/street/*")] == ([file] if file else [])
