"""A machine is shared out evenly, and only GPUs that are there."""

import os

import pytest
import torch

from fashiongen.cli.jobs import shares
from fashiongen.cli.jobs.shares import choose_jobs, count_cores, find_devices, share_out
from fashiongen.errors import BadArgument
from fashiongen.runtime.workers import THREAD_VARIABLES


def threads_of(shares):
    return [{share[name] for name in THREAD_VARIABLES} for share in shares]


def test_each_job_has_its_part_of_the_cores():
    assert threads_of(share_out(3, cores=16, devices=[])) == [{"5"}] * 3


def test_more_jobs_than_cores_have_a_thread_each():
    assert threads_of(share_out(3, cores=2, devices=[])) == [{"1"}] * 3


def test_a_job_alone_has_the_whole_machine_as_it_is():
    assert share_out(1, cores=16, devices=[]) == [{}]


@pytest.mark.parametrize(
    ("jobs", "devices", "shared"),
    [
        (2, ["0", "1"], ["0", "1"]),
        (2, ["0", "1", "2", "3"], ["0,2", "1,3"]),  # trainings on two GPUs each
        (3, ["0", "1"], ["0", "1", "0"]),
        (1, ["2", "3"], ["2,3"]),
    ],
)
def test_each_job_has_its_devices(jobs, devices, shared):
    found = share_out(jobs, cores=8, devices=devices)
    assert [share["CUDA_VISIBLE_DEVICES"] for share in found] == shared


@pytest.mark.parametrize(("devices", "has_gpu", "jobs"), [([], False, 6), ([], True, 1), (["2", "3", "5"], True, 3)])
def test_a_gpu_has_one_job_and_a_processor_one_for_each_core(monkeypatch, devices, has_gpu, jobs):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: has_gpu)
    monkeypatch.setattr(shares, "count_cores", lambda: 6)
    assert choose_jobs(devices) == jobs


def test_the_cores_are_those_that_this_process_may_use():
    assert 1 <= count_cores() <= os.cpu_count()


@pytest.mark.parametrize("number", [str(torch.cuda.device_count()), "-1", "one", ""])
def test_a_gpu_that_is_not_there_is_refused(number):
    with pytest.raises(BadArgument, match=f"--devices {number}: no such GPU"):
        find_devices(number)
