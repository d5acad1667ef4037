"""Device, precision and random seeds of a training."""

import importlib
import multiprocessing

import pytest
import torch

from fashiongen.errors import ConfigError, WorkerLost
from fashiongen.runtime.devices import build_fabric, gradients_allowed, is_first_process, launch, require_devices
from fashiongen.runtime.params import RuntimeParams


def test_a_fabric_seeds_every_generator():
    params = RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="32-true", threads=None)
    draws = []
    for _ in range(2):
        fabric = build_fabric(params, seed=7)
        draws.append(torch.rand(3))
    assert torch.equal(*draws)
    assert fabric.device.type == "cpu"
    assert torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize(("threads", "expected"), [(1, 1), (3, 3), (None, 2)])
def test_a_fabric_has_as_many_threads_as_it_is_given(threads, expected):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        build_fabric(RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="32-true", threads=threads), seed=7)
        assert torch.get_num_threads() == expected
    finally:
        torch.set_num_threads(before)


def test_gradients_pass_a_network_in_mixed_precision_where_they_are_allowed():
    """Of a linear network they are its weights, and they have gradients themselves."""
    runtime = RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="bf16-mixed", threads=None)
    fabric = build_fabric(runtime, seed=7)
    linear = torch.nn.Linear(3, 1, bias=False)
    inputs, network = torch.ones(1, 3, requires_grad=True), fabric.setup(linear)
    with gradients_allowed():
        (gradients,) = torch.autograd.grad(network(inputs), inputs, create_graph=True)
    torch.testing.assert_close(gradients, linear.weight, atol=0, rtol=0.01)
    fabric.backward(gradients.square().sum())
    torch.testing.assert_close(linear.weight.grad, 2 * linear.weight, atol=0, rtol=0.02)
    with pytest.raises(RuntimeError, match=r"fabric\.backward"):
        torch.autograd.grad(network(inputs), inputs)


def test_half_precision_that_a_processor_does_not_do_is_refused():
    """Fabric would take bf16 in its place."""
    with pytest.raises(ConfigError, match="16-mixed needs a GPU"):
        build_fabric(RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="16-mixed", threads=None), seed=7)


@pytest.mark.parametrize(("devices", "nodes"), [(1, 1), (4, 1), (2, 2)])
def test_other_processes_than_torchrun_started_are_refused(monkeypatch, devices, nodes):
    """It was told --nproc-per-node 1 --nnodes 4."""
    for name, value in (("TORCHELASTIC_RUN_ID", "none"), ("WORLD_SIZE", "4"), ("LOCAL_WORLD_SIZE", "1")):
        monkeypatch.setenv(name, value)
    params = RuntimeParams(accelerator="cpu", devices=devices, nodes=nodes, precision="32-true", threads=1)
    with pytest.raises(ConfigError, match=r"torchrun started 4 processes, 1 of them here; set devices to its --nproc"):
        require_devices(params)
    require_devices(params.model_copy(update={"devices": 1, "nodes": 4}))


@pytest.mark.parametrize(("rank", "is_first"), [("0", True), ("1", False)])
def test_the_first_process_is_that_of_torchrun_or_of_the_first_node(monkeypatch, rank, is_first):
    monkeypatch.setenv("NODE_RANK", rank)
    assert is_first_process() is is_first
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    monkeypatch.setenv("NODE_RANK", "0")
    monkeypatch.setenv("RANK", rank)
    assert is_first_process() is is_first


VICTIM = """
import os, signal

def die_in_the_second(fabric):
    if fabric.global_rank == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    fabric.barrier()
"""


@pytest.mark.slow
@pytest.mark.usefixtures("warm_processes")
def test_a_training_process_that_is_killed_ends_the_others_with_one_line(tmp_path, monkeypatch):
    """The first process waits for the second."""
    (tmp_path / "victim.py").write_text(VICTIM)  # a module that the processes can import
    monkeypatch.syspath_prepend(tmp_path)
    params = RuntimeParams(accelerator="cpu", devices=2, nodes=1, precision="32-true", threads=None)
    with pytest.raises(WorkerLost, match=r"^training process 1 was killed by SIGKILL; [^\n]+memory[^\n]+$"):
        launch(importlib.import_module("victim").die_in_the_second, params, 7)
    assert multiprocessing.active_children() == []
