"""The benchmark that counts modes: its counts, its digits and its classifier."""

import importlib
import math
from pathlib import Path

import pytest
import torch

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def modes(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("modes")


def test_each_kind_once_is_all_modes_without_divergence(modes):
    every = torch.cartesian_prod(*[torch.arange(10)] * 3)
    assert modes.count_modes(every) == (1000, pytest.approx(0, abs=1e-12))


def test_one_kind_diverges_by_the_logarithm_of_all(modes):
    assert modes.count_modes(torch.tensor([[1, 2, 3]]).expand(50, 3)) == (1, pytest.approx(math.log(1000)))


def test_half_of_the_kinds_diverge_by_log_two(modes):
    every = torch.cartesian_prod(*[torch.arange(10)] * 3)
    assert modes.count_modes(every[::2]) == (500, pytest.approx(math.log(2)))


def test_a_digit_lies_whole_within_its_image_and_no_two_are_the_same(modes):
    glyphs = modes.draw_glyphs(3, torch.Generator().manual_seed(0))
    assert glyphs.shape == (10, 3, 32, 32)
    assert glyphs.dtype == torch.uint8
    assert len({glyph.numpy().tobytes() for glyph in glyphs.flatten(0, 1)}) == 30
    assert not glyphs[..., 0].any()
    assert not glyphs[..., -1].any()
    assert (glyphs.flatten(2).max(2).values > 200).all()


@pytest.mark.slow
def test_the_classifier_reads_stacked_digits_that_it_has_not_seen(modes):
    rng = torch.Generator().manual_seed(0)
    classifier = modes.train_classifier(modes.draw_glyphs(100, rng), rng, steps=150)
    unseen = modes.draw_glyphs(20, rng)
    digits = torch.arange(10).repeat_interleave(20)
    stacked = torch.stack([unseen[digits, torch.arange(200) % 20], *[unseen[3, :1].expand(200, -1, -1)] * 2], dim=1)
    read = modes.read_digits(classifier, stacked)
    assert (read[:, 0] == digits).double().mean() > 0.85
    assert (read[:, 1:] == 3).double().mean() > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("family", ["dcgan", "modern"])
def test_each_family_trains_on_the_digits(modes, family):
    rng = torch.Generator().manual_seed(0)
    images = modes.stack_digits(modes.draw_glyphs(2, rng), 32, rng)
    *_, last = modes.start(images, family, seed=1, epochs=1)
    assert last.record.images_seen == 32
