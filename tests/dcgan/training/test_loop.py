"""The training loop: the resume to the bit, the generator that is kept, and what stops a training."""

import math

import pytest
import torch

from fashiongen.dcgan.networks.sampling import sample
from fashiongen.dcgan.training.loop import DcganStep, train
from fashiongen.dcgan.training.records import EpochDistances
from fashiongen.errors import NonFiniteLoss, TooFewImages
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric


def run(images, params, folder, measure_distances=None) -> list[DcganStep]:
    """The epochs that are trained from the checkpoint in a folder to the end."""
    fabric = build_fabric(params.runtime, seed=params.seed)
    steps = train(images, params, fabric, Checkpoint(folder), measure_distances)
    return [step for step in steps if not step.is_replayed]


def run_and_stop(images, params, folder, measure_distances=None, *, epochs: int) -> None:
    """Train so many epochs, as a kill after the last of them would leave it."""
    fabric = build_fabric(params.runtime, seed=params.seed)
    steps = train(images, params, fabric, Checkpoint(folder), measure_distances)
    for _ in range(epochs):
        next(steps)
    steps.close()


def weights_of(step: DcganStep) -> dict[str, torch.Tensor]:
    trainer = step.state.trainer
    states = (trainer.ema_generator.state_dict(), trainer.discriminator.state_dict())
    return {f"{index} {name}": tensor for index, state in enumerate(states) for name, tensor in state.items()}


def assert_same_weights(first: DcganStep, second: DcganStep) -> None:
    ours, theirs = weights_of(first), weights_of(second)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not torch.equal(ours[name], theirs[name])] == []


@pytest.fixture(scope="module")
def run_whole(tmp_path_factory):
    """The last epoch of an uninterrupted run, trained once for all runs that are compared with it."""
    trained = {}

    def run_whole(images, params, measure_distances=None) -> DcganStep:
        key = params.model_dump_json()
        if key not in trained:
            trained[key] = run(images, params, tmp_path_factory.mktemp("whole"), measure_distances)[-1]
        return trained[key]

    return run_whole


@pytest.mark.slow
@pytest.mark.parametrize("checkpoint_every_epochs", [1, 2])
@pytest.mark.parametrize("killed_in_epoch", [1, 2, 3])
def test_a_killed_and_resumed_run_ends_where_an_uninterrupted_one_ends(
    images, tmp_path, params_with, run_whole, *, killed_in_epoch, checkpoint_every_epochs
):
    params = params_with(checkpoint_every_epochs=checkpoint_every_epochs)
    whole = run_whole(images, params)
    run_and_stop(images, params, tmp_path / "killed", epochs=killed_in_epoch)
    torch.manual_seed(99)  # the state of the global generator must not matter
    resumed = run(images, params, tmp_path / "killed")
    done = (killed_in_epoch - 1) // checkpoint_every_epochs * checkpoint_every_epochs
    assert len(resumed) == params.epochs - done
    assert resumed[-1].state.history == whole.state.history
    assert_same_weights(resumed[-1], whole)


EVERY_SETTING = {
    "dropout_g": 0.2,
    "norm_d": "spectral",
    "loss": "hinge",
    "augment": ["colour", "translation", "cutout"],
    "penalty": {"gamma": 0.1, "every_steps": 3, "at": "real"},
    "ema_halflife_images": 20.0,
    "selection": {
        "every_epochs": 1,
        "generated_images": 4,
        "kid_subset_size": 2,
        "kid_subsets": 2,
        "features_side_px": 32,
    },
}


MODERN = {
    "family": "modern",
    "norm_d": "none",
    "dropout_g": 0.0,
    "kernel_px": 3,
    "ngf": 2,
    "ndf": 2,
    "loss": "relativistic",
    "penalty": {"gamma": 0.1, "every_steps": 2, "at": "both"},
    "beta1": 0.0,
    "beta2": 0.9,
    "augment_prob": 0.1,
    "schedule": {
        "burn_in_frac": 0.7,
        "learning_rate_end_frac": 0.25,
        "gamma_end_frac": 0.1,
        "beta2_end": 0.99,
        "augment_prob_end": 0.5,
    },
}
PHASES = [[], [{"height_px": 8, "epochs": 1}, {"height_px": 16, "epochs": 1}], [{"height_px": 16, "epochs": 2}]]
EVERY_RESUME = [EVERY_SETTING | family | {"phases": phases} for family in ({}, MODERN) for phases in PHASES]


@pytest.mark.slow
@pytest.mark.parametrize("killed_in_epoch", [1, 2, 3])
@pytest.mark.parametrize("changes", EVERY_RESUME)
def test_a_resumed_run_is_the_uninterrupted_one_with_every_setting_on(
    images, tmp_path, params_with, run_whole, *, changes, killed_in_epoch
):
    """Averaged weights, augmentation, dropout, power iterations and the best epoch are all in the checkpoint.

    With phases the kill comes between two of them, and within each.
    """
    params = params_with(**changes)
    whole = run_whole(images, params, distance_to_grey)
    run_and_stop(images, params, tmp_path / "killed", distance_to_grey, epochs=killed_in_epoch)
    resumed = run(images, params, tmp_path / "killed", distance_to_grey)
    assert len(resumed) == params.epochs - killed_in_epoch + 1
    assert resumed[-1].state.history == whole.state.history
    best, expected = resumed[-1].state.best, whole.state.best
    assert (best.step, best.score) == (expected.step, expected.score)
    assert all(torch.equal(expected.weights[name], tensor) for name, tensor in best.weights.items())
    assert_same_weights(resumed[-1], whole)


def distance_to_grey(generated: torch.Tensor) -> EpochDistances:
    return EpochDistances(SWD=float((generated.float() - 127).abs().mean()), KID_worst=1.0)


def test_the_kept_generator_is_the_one_with_the_nearest_patches(images, tmp_path, params_with):
    """Measured every second epoch. KID, and the product of both distances, would choose the first."""
    selection = EVERY_SETTING["selection"] | {"every_epochs": 2, "generated_images": 6}
    params = params_with(epochs=7, selection=selection, collapse_floor=0.0)
    distances = [EpochDistances(50.0, 0.02), EpochDistances(20.0, 0.3), EpochDistances(400.0, 0.04)]
    measured = iter(distances)
    shapes = []

    def measure_distances(generated: torch.Tensor) -> EpochDistances:
        shapes.append(generated.shape)
        return next(measured)

    fabric = build_fabric(params.runtime, seed=params.seed)
    weights = []
    for step in train(images, params, fabric, Checkpoint(tmp_path), measure_distances):
        weights.append({name: one.clone() for name, one in step.state.trainer.ema_generator.state_dict().items()})
    assert [(record.SWD, record.KID_worst) for record in step.state.history][1::2] == distances
    assert {(record.SWD, record.KID_worst) for record in step.state.history[::2]} == {(None, None)}
    assert shapes == [(6, 3, 32, 32)] * 3
    best = step.state.best
    assert (best.step, best.score) == (4, 20.0)
    assert all(torch.equal(tensor, weights[3][name]) for name, tensor in best.weights.items())


def test_without_a_selection_the_last_epoch_is_kept(images, tmp_path, params_with):
    state = run(images, params_with(), tmp_path)[-1].state
    expected = state.trainer.ema_generator.state_dict()
    assert (state.best.step, state.best.score) == (4, None)
    assert all(torch.equal(tensor, expected[name]) for name, tensor in state.best.weights.items())


def test_a_finished_training_is_read_from_its_checkpoint(images, tmp_path, params_with):
    """As after a kill between the last epoch and what the stage writes of it."""
    params = params_with(**EVERY_SETTING)
    finished = run(images, params, tmp_path, distance_to_grey)[-1]
    fabric = build_fabric(params.runtime, seed=params.seed)
    again = list(train(images, params, fabric, Checkpoint(tmp_path), distance_to_grey))
    assert [step.is_replayed for step in again] == [True] * params.epochs
    assert [step.record for step in again] == finished.state.history
    assert again[-1].state.best.step == finished.state.best.step
    assert_same_weights(again[-1], finished)


def test_samples_come_from_the_averaged_generator_where_the_params_ask_for_one(images, tmp_path, params_with):
    plain = run(images, params_with(), tmp_path / "plain")[-1].state
    averaged = run(images, params_with(ema_halflife_images=10.0), tmp_path / "averaged")[-1].state
    assert averaged.history[-1].Loss_G == plain.history[-1].Loss_G
    weights = [state.trainer.ema_generator.main[0].weight for state in (plain, averaged)]
    assert not torch.equal(*weights)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_training_and_another_seed_another(images, tmp_path, params_with):
    first, again = run(images, params_with(), tmp_path / "a")[-1], run(images, params_with(), tmp_path / "b")[-1]
    other = run(images, params_with(seed=4), tmp_path / "c")[-1]
    assert_same_weights(first, again)
    assert first.state.history == again.state.history != other.state.history


def test_an_epoch_counts_the_images_of_full_batches(images, tmp_path, params_with):
    history = run(images, params_with(), tmp_path)[-1].state.history
    assert [(record.epoch, record.images_seen) for record in history] == [(1, 16), (2, 32), (3, 48), (4, 64)]


def test_images_that_fill_no_batch_are_too_few(images, tmp_path, params_with):
    with pytest.raises(TooFewImages, match="20 training images fill no batch of 21"):
        run(images, params_with(batch_size=21), tmp_path)


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_a_weight_that_is_not_finite_stops_the_training_and_keeps_the_last_checkpoint(
    images, tmp_path, params_with, network
):
    params, checkpoint = params_with(), Checkpoint(tmp_path)
    steps = train(images, params, build_fabric(params.runtime, seed=3), checkpoint, None)
    next(steps)
    second = next(steps)
    getattr(second.state.trainer, network).main[0].weight.data.fill_(math.nan)
    with pytest.raises(
        NonFiniteLoss, match=r"epoch 3: Loss_D is not finite \(nan\); the last checkpoint is kept: lower"
    ):
        next(steps)
    assert [row["epoch"] for row in checkpoint.load()["history"]] == [1, 2]


@pytest.mark.slow
def test_a_constant_set_of_images_is_learned(tmp_path, params_with):
    """One colour is within reach of a few dozen steps: the mean of the samples comes near it."""
    colour = torch.tensor([200, 60, 30], dtype=torch.uint8).view(1, 3, 1, 1).expand(32, 3, 32, 32).contiguous()
    last = run(colour, params_with(epochs=40, ngf=8, ndf=8), tmp_path)[-1]
    pixels = sample(last.state.trainer.ema_generator, 16, seed=0).float()
    torch.testing.assert_close(pixels.mean((0, 2, 3)), torch.tensor([200.0, 60.0, 30.0]), atol=40, rtol=0)


def test_images_of_another_side_than_the_networks_are_refused(tmp_path, params_with):
    """The discriminator is convolutional: it would tell them from fakes by their size, without an error."""
    twice = torch.zeros(8, 3, 64, 64, dtype=torch.uint8)
    with pytest.raises(ValueError, match=r"images of \(64, 64\) px for networks of \(32, 32\) px"):
        run(twice, params_with(), tmp_path)
