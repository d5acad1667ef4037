"""Trainings that begin with small images: their phases, their images, and what they leave behind."""

import numpy as np
import pytest
import torch
from PIL import Image

from fashiongen.dcgan.networks.dcgan import Generator
from fashiongen.dcgan.networks.growth import repeat_pixels
from fashiongen.dcgan.networks.sampling import sample
from fashiongen.dcgan.training.loop import train
from fashiongen.dcgan.training.phases import Phase, list_phases, shrink
from fashiongen.dcgan.training.records import EpochDistances
from fashiongen.dcgan.training.trainer import DcganTrainer
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric

HALF = {"accelerator": "cpu", "devices": 1, "nodes": 1, "precision": "bf16-mixed", "threads": None}
SMALL_FIRST = [{"height_px": 8, "epochs": 1}, {"height_px": 16, "epochs": 2}]


def test_the_epochs_that_are_left_after_the_phases_have_the_full_size(params_with):
    assert list_phases(params_with(phases=SMALL_FIRST)) == [Phase(8, 1, 1), Phase(16, 2, 3), Phase(32, 4, 4)]
    assert list_phases(params_with()) == [Phase(32, 1, 4)]


@pytest.mark.parametrize("done", range(5))
def test_every_epoch_after_those_done_is_in_one_phase(params_with, done):
    phases = list_phases(params_with(phases=SMALL_FIRST))
    assert [epoch for phase in phases for epoch in phase.epochs_after(done)] == list(range(done + 1, 5))


@pytest.mark.parametrize("height_px", [8, 16, 32])
def test_small_images_are_those_of_pillow(height_px):
    """Its exact reduction by whole factors, and within a rounding its resize with a box filter."""
    images = torch.randint(0, 256, (3, 3, 32, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    small = shrink(images, height_px).permute(0, 2, 3, 1).numpy()
    assert small.shape == (3, height_px, height_px // 2, 3)
    for ours, image in zip(small, images.permute(0, 2, 3, 1).numpy(), strict=True):
        picture = Image.fromarray(image)
        np.testing.assert_array_equal(ours, np.asarray(picture.reduce(32 // height_px)))
        resized = picture.resize((height_px // 2, height_px), Image.Resampling.BOX)
        assert np.abs(ours.astype(int) - np.asarray(resized)).max() <= 1


def test_the_networks_grow_between_epochs_and_end_as_plain_ones(images, tmp_path, params_with):
    params = params_with(phases=SMALL_FIRST, ema_halflife_images=10.0)
    shapes = []
    for step in train(images, params, build_fabric(params.runtime, seed=3), Checkpoint(tmp_path), None):
        trainer = step.state.trainer
        shapes.append([tuple(network(torch.randn(2, 5, 1, 1)).shape[2:]) for network in generators(trainer)])
    assert shapes == [[(8, 8)] * 2, [(16, 16)] * 2, [(16, 16)] * 2, [(32, 32)] * 2]
    history = step.state.history
    assert [record.height_px for record in history] == [8, 16, 16, 32]
    assert [record.images_seen for record in history] == [16, 32, 48, 64]
    Generator(params).load_state_dict(step.state.best.weights)


def generators(trainer: DcganTrainer) -> tuple[Generator, Generator]:
    return trainer.generator, trainer.ema_generator


def test_growing_keeps_the_inner_layers_of_all_three_networks(params_with):
    params = params_with(phases=SMALL_FIRST, ema_halflife_images=10.0)
    trainer = DcganTrainer(params, build_fabric(params.runtime, seed=3))
    trainer.average.network.main[0].weight.fill_(0.5)  # unlike that of the trained one
    kept = [trainer.generator.main[0], trainer.average.network.main[0], trainer.discriminator.main[-2]]
    before = [layer.weight.detach().clone() for layer in kept]
    trainer.grow_to(16)
    grown = [trainer.generator.main[0], trainer.average.network.grown.main[0], trainer.discriminator.main[-2]]
    assert all(torch.equal(old, layer.weight) for old, layer in zip(before, grown, strict=True))
    assert all(layer is not old for old, layer in zip(kept, grown, strict=True))
    optimised = {id(weight) for group in trainer.optimizer_g.param_groups for weight in group["params"]}
    assert optimised == {id(weight) for weight in trainer.generator.parameters()}


@pytest.mark.parametrize(("epochs", "share"), [(1.0, 0.0), (1.25, 0.5), (1.5, 1.0), (3.0, 1.0)])
def test_new_layers_are_faded_in_over_the_first_quarter_of_a_phase(epochs, share):
    assert Phase(16, 2, 3).new_share(epochs) == share


def test_a_growth_changes_no_sample_until_the_new_layers_have_a_share(params_with):
    """Of the averaged generator too, which the samples are drawn from."""
    params = params_with(phases=SMALL_FIRST, ema_halflife_images=10.0)
    trainer = DcganTrainer(params, build_fabric(params.runtime, seed=3))
    for network in (trainer.generator, trainer.average.network):
        for weight in network.parameters():
            weight.data.add_(0.1 * torch.randn_like(weight))
    small = sample(trainer.ema_generator, 4, seed=0)
    trainer.grow_to(16)
    trainer.fade_in(0.0)
    assert torch.equal(sample(trainer.ema_generator, 4, seed=0), repeat_pixels(small, 2))
    trainer.fade_in(1.0)
    assert not torch.equal(sample(trainer.ema_generator, 4, seed=0), repeat_pixels(small, 2))


def test_growing_to_the_present_size_draws_nothing(params_with):
    params = params_with(phases=SMALL_FIRST)
    trainer = DcganTrainer(params, build_fabric(params.runtime, seed=3))
    generator, state = trainer.generator, trainer.rng.get_state()
    trainer.grow_to(8)
    assert trainer.generator is generator
    assert torch.equal(trainer.rng.get_state(), state)


def test_the_distances_are_measured_at_the_full_size_only(images, tmp_path, params_with):
    selection = {"every_epochs": 1, "generated_images": 4, "kid_subset_size": 2, "kid_subsets": 2}
    changes = {"selection": selection | {"features_side_px": 32}, "collapse_floor": 0.0}
    params = params_with(phases=SMALL_FIRST, **changes)
    seen = []

    def measure_distances(generated: torch.Tensor) -> EpochDistances:
        seen.append(tuple(generated.shape[2:]))
        return EpochDistances(SWD=30.0, KID_worst=0.5)

    fabric = build_fabric(params.runtime, seed=3)
    *_, step = train(images, params, fabric, Checkpoint(tmp_path), measure_distances)
    assert [record.score for record in step.state.history] == [None, None, None, 30.0]
    assert (seen, step.state.best.step) == ([(32, 32)], 4)


def test_no_distance_is_measured_of_blended_images(images, tmp_path, params_with):
    """The last phase has eight epochs, and the second of them ends the fading."""
    selection = {"every_epochs": 1, "generated_images": 4, "kid_subset_size": 2, "kid_subsets": 2}
    phases = [{"height_px": 16, "epochs": 1}]
    params = params_with(phases=phases, epochs=9, selection=selection | {"features_side_px": 32})
    fabric = build_fabric(params.runtime, seed=3)
    *_, step = train(images, params, fabric, Checkpoint(tmp_path), lambda generated: EpochDistances(30.0, 0.5))
    assert [record.KID_worst for record in step.state.history] == [None, None, *[0.5] * 7]


def test_the_diversity_is_a_share_of_that_of_images_of_the_same_height(tmp_path, params_with):
    """Large images that differ only in their grain are all the same once they are small."""
    rng = torch.Generator().manual_seed(1)
    signs = torch.randint(0, 2, (16, 1, 16, 32), generator=rng) * 2 - 1
    rows = torch.stack([128 + 100 * signs, 128 - 100 * signs], dim=3).flatten(2, 3)
    grain = rows.expand(16, 3, 32, 32).to(torch.uint8)
    params = params_with(phases=[{"height_px": 16, "epochs": 1}], epochs=2)
    first, last = train(grain, params, build_fabric(params.runtime, seed=3), Checkpoint(tmp_path), None)
    assert first.record.diversity == 1.0  # of real images without any
    assert last.record.diversity < 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"width_px": 16, "norm_d": "spectral", "loss": "hinge", "kernel_px": 3},
        {
            "width_px": 16,
            "norm_d": "none",
            "layers_per_side": 3,
            "kernel_px": 8,
            "penalty": {"gamma": 1, "every_steps": 2, "at": "real"},
        },
        {"height_px": 16, "phases": [{"height_px": 8, "epochs": 1}], "layers_per_side": 2, "dropout_g": 0.2},
        {"family": "modern", "norm_d": "none", "kernel_px": 5, "width_px": 16, "layers_per_side": 2},
        {"loss": "relativistic", "norm_d": "spectral", "penalty": {"gamma": 1, "every_steps": 2, "at": "both"}},
        {"augment": ["colour", "translation", "cutout"], "kernel_px": 2, "ema_halflife_images": 9.0},
        {"runtime": HALF, "penalty": {"gamma": 1, "every_steps": 2, "at": "real"}},
        {"runtime": HALF, "family": "modern", "norm_d": "none", "kernel_px": 3, "loss": "relativistic"},
    ],
)
def test_phases_go_with_every_other_setting(tmp_path, params_with, changes):
    params = params_with(**{"phases": SMALL_FIRST} | changes)
    images = torch.randint(0, 256, (8, 3, *params.frame), dtype=torch.uint8)
    *_, step = train(images, params, build_fabric(params.runtime, seed=3), Checkpoint(tmp_path), None)
    assert step.record.epoch == 4
    generated = step.state.trainer.ema_generator(torch.randn(2, 5, 1, 1))
    assert tuple(generated.shape) == (2, 3, *params.frame)
    assert generated.isfinite().all()
