"""The training loop: the study's losses, the bit-exact resume, and what stops it."""

import math

import pytest
import torch
from torch import nn

from fashiongen import config
from fashiongen.dcgan.networks.dcgan import Discriminator
from fashiongen.dcgan.networks.sampling import sample
from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training import history
from fashiongen.dcgan.training.adversaries import build_adversaries
from fashiongen.dcgan.training.loop import Epoch, draw_batches, train, train_step
from fashiongen.errors import ConfigError, NonFiniteLoss, TooFewImages
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric

VALUES = {
    "side_px": 32,
    "latent_dim": 5,
    "ngf": 4,
    "ndf": 4,
    "kernel_px": 4,
    "layers_per_side": 1,
    "dropout_g": 0.0,
    "norm_d": "batch",
    "runtime": {"accelerator": "cpu", "devices": 1, "nodes": 1, "precision": "32-true"},
    "seed": 3,
    "epochs": 4,
    "batch_size": 8,
    "loss": "bce",
    "learning_rate_g": 0.002,
    "learning_rate_d": 0.002,
    "beta1": 0.5,
    "flip": True,
    "augment": [],
    "r1": None,
    "ema_halflife_images": None,
    "selection": None,
    "collapse_floor": 0.3,
    "checkpoint_every_epochs": 1,
}


def params_with(**changes) -> TrainingParams:
    return TrainingParams.model_validate(VALUES | changes)


@pytest.fixture
def images() -> torch.Tensor:
    """Twenty images: two full batches of eight, and four over."""
    return torch.randint(0, 256, (20, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def run(images, params, folder) -> list[Epoch]:
    fabric = build_fabric(params.runtime, seed=params.seed)
    return list(train(images, params, fabric, Checkpoint(folder), None))


def weights_of(epoch: Epoch) -> dict[str, torch.Tensor]:
    states = (epoch.generator.state_dict(), epoch.discriminator.state_dict())
    return {f"{index} {name}": tensor for index, state in enumerate(states) for name, tensor in state.items()}


def assert_same_weights(first: Epoch, second: Epoch) -> None:
    ours, theirs = weights_of(first), weights_of(second)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not torch.equal(ours[name], theirs[name])] == []


@pytest.mark.parametrize("checkpoint_every_epochs", [1, 2])
@pytest.mark.parametrize("killed_in_epoch", [1, 2, 3])
def test_a_killed_and_resumed_run_ends_where_an_uninterrupted_one_ends(
    images, tmp_path, killed_in_epoch, checkpoint_every_epochs
):
    params = params_with(checkpoint_every_epochs=checkpoint_every_epochs)
    whole = run(images, params, tmp_path / "whole")[-1]
    fabric = build_fabric(params.runtime, seed=params.seed)
    epochs = train(images, params, fabric, Checkpoint(tmp_path / "killed"), None)
    for _ in range(killed_in_epoch):
        next(epochs)
    epochs.close()
    torch.manual_seed(99)  # the global generator has no say
    resumed = run(images, params, tmp_path / "killed")
    done = (killed_in_epoch - 1) // checkpoint_every_epochs * checkpoint_every_epochs
    assert len(resumed) == params.epochs - done
    assert resumed[-1].history == whole.history
    assert_same_weights(resumed[-1], whole)


EVERY_SETTING = {
    "dropout_g": 0.2,
    "norm_d": "spectral",
    "loss": "hinge",
    "augment": ["colour", "translation", "cutout"],
    "r1": {"gamma": 0.1, "every_steps": 3},
    "ema_halflife_images": 20.0,
    "selection": {
        "every_epochs": 1,
        "generated_images": 4,
        "kid_subset_size": 2,
        "kid_subsets": 2,
        "features_side_px": 32,
    },
}


@pytest.mark.parametrize("killed_in_epoch", [1, 2, 3])
def test_a_resumed_run_is_the_uninterrupted_one_with_every_setting_on(images, tmp_path, killed_in_epoch):
    """Averaged weights, augmentation, dropout, power iterations and the best epoch are all in the checkpoint."""
    params = params_with(**EVERY_SETTING)

    def epochs(folder):
        fabric = build_fabric(params.runtime, seed=params.seed)
        return train(images, params, fabric, Checkpoint(tmp_path / folder), distance_to_grey)

    whole = list(epochs("whole"))[-1]
    killed = epochs("killed")
    for _ in range(killed_in_epoch):
        next(killed)
    killed.close()
    resumed = list(epochs("killed"))
    assert len(resumed) == params.epochs - killed_in_epoch + 1
    assert resumed[-1].history == whole.history
    assert resumed[-1].best.epoch == whole.best.epoch
    assert all(torch.equal(whole.best.weights[name], tensor) for name, tensor in resumed[-1].best.weights.items())
    assert_same_weights(resumed[-1], whole)


def distance_to_grey(generated: torch.Tensor) -> float:
    return float((generated.float() - 127).abs().mean())


def test_the_kept_generator_is_the_one_with_the_lowest_kid(images, tmp_path):
    """Measured every second epoch: 3, then 1, then 2."""
    selection = EVERY_SETTING["selection"] | {"every_epochs": 2, "generated_images": 6}
    params, measured = params_with(epochs=7, selection=selection), iter([3.0, 1.0, 2.0])
    shapes = []

    def measure_kid(generated: torch.Tensor) -> float:
        shapes.append(generated.shape)
        return next(measured)

    fabric = build_fabric(params.runtime, seed=params.seed)
    epochs = []
    for epoch in train(images, params, fabric, Checkpoint(tmp_path), measure_kid):
        weights = {name: tensor.clone() for name, tensor in epoch.generator.state_dict().items()}
        epochs.append((epoch, weights))
    last = epochs[-1][0]
    assert [record.KID for record in last.history] == [None, 3.0, None, 1.0, None, 2.0, None]
    assert shapes == [(6, 3, 32, 32)] * 3
    assert (last.best.epoch, last.best.KID) == (4, 1.0)
    assert all(torch.equal(tensor, epochs[3][1][name]) for name, tensor in last.best.weights.items())


def test_without_a_selection_the_last_epoch_is_kept(images, tmp_path):
    last = run(images, params_with(), tmp_path)[-1]
    assert (last.best.epoch, last.best.KID) == (4, None)
    assert all(torch.equal(tensor, last.generator.state_dict()[name]) for name, tensor in last.best.weights.items())


def test_a_generator_that_draws_one_image_is_called_collapsed(images, tmp_path, monkeypatch):
    one = torch.full((1, 3, 32, 32), 90, dtype=torch.uint8)
    monkeypatch.setattr(history, "sample", lambda _, n, *, seed: one.repeat(n, 1, 1, 1))
    record = run(images, params_with(epochs=1), tmp_path)[-1].history[-1]
    assert (record.diversity, record.collapsed) == (0.0, True)


def test_real_images_are_as_diverse_as_themselves(images, tmp_path, monkeypatch):
    monkeypatch.setattr(history, "sample", lambda _, n, *, seed: images)
    record = run(images, params_with(epochs=1), tmp_path)[-1].history[-1]
    assert (record.diversity, record.collapsed) == (pytest.approx(1.0), False)


def test_the_average_draws_where_the_params_ask_for_one(images, tmp_path):
    plain = run(images, params_with(), tmp_path / "plain")[-1]
    averaged = run(images, params_with(ema_halflife_images=10.0), tmp_path / "averaged")[-1]
    assert averaged.history[-1].Loss_G == plain.history[-1].Loss_G
    assert not torch.equal(averaged.generator.main[0].weight, plain.generator.main[0].weight)


@pytest.mark.parametrize(
    "changes",
    [{"augment": ["colour", "colour"]}, {"selection": EVERY_SETTING["selection"] | {"every_epochs": 5}}],
)
def test_settings_that_contradict_themselves_are_refused(changes):
    with pytest.raises(ConfigError, match=r"augment names one twice|selection\.every_epochs 5 is beyond the 4 epochs"):
        config.parse(TrainingParams, VALUES | changes, "dcgan.variants.cropped")


def test_the_seed_alone_decides(images, tmp_path):
    first, again = run(images, params_with(), tmp_path / "a")[-1], run(images, params_with(), tmp_path / "b")[-1]
    other = run(images, params_with(seed=4), tmp_path / "c")[-1]
    assert_same_weights(first, again)
    assert first.history == again.history != other.history


def test_an_epoch_counts_the_images_of_full_batches(images, tmp_path):
    history = run(images, params_with(), tmp_path)[-1].history
    assert [(record.epoch, record.images_seen) for record in history] == [(1, 16), (2, 32), (3, 48), (4, 64)]


def test_the_first_step_gives_the_losses_of_the_study_on_probabilities(images):
    """Equation 5.3 with BCELoss on the Sigmoid's output, network by network, without any of our loop."""
    params = params_with(flip=False)
    fabric = build_fabric(params.runtime, seed=params.seed)
    ours, oracle = build_adversaries(params, fabric), build_adversaries(params, fabric)
    real, latents = next(draw_batches(images, params, ours.rng))
    Loss_D, Loss_G, D_x, D_G_z1, D_G_z2 = train_step(ours, real, latents, params, fabric, step=0).tolist()

    bce, fake = nn.BCELoss(), oracle.generator(latents)
    on_real, on_fake = oracle.discriminator(real), oracle.discriminator(fake.detach())
    loss_d = bce(on_real, torch.ones(8)) + bce(on_fake, torch.zeros(8))
    loss_d.backward()
    oracle.optimizer_d.step()
    fooled = oracle.discriminator(fake)
    loss_g = bce(fooled, torch.ones(8))
    oracle.optimizer_g.zero_grad()
    loss_g.backward()
    oracle.optimizer_g.step()

    means = [float(value.detach().mean()) for value in (loss_d, loss_g, on_real, on_fake, fooled)]
    assert [Loss_D, Loss_G, D_x, D_G_z1, D_G_z2] == pytest.approx(means, rel=1e-4)
    for name in ("generator", "discriminator"):
        trained, expected = getattr(ours, name).state_dict(), getattr(oracle, name).state_dict()
        for key in expected:
            torch.testing.assert_close(trained[key], expected[key], rtol=1e-3, atol=1e-5, msg=f"{name} {key}")


def test_real_batches_are_the_images_in_minus_one_to_one_each_at_most_once(images):
    params = params_with(flip=False)
    batches = list(draw_batches(images, params, torch.Generator().manual_seed(0)))
    real = torch.cat([batch for batch, _ in batches])
    pixels = real.add(1).mul(127.5).round().to(torch.uint8)
    matches = (pixels[:, None] == images[None]).flatten(2).all(2)
    assert real.shape == (16, 3, 32, 32)
    assert matches.sum(1).tolist() == [1] * 16
    assert matches.sum(0).max() == 1


def test_a_flip_mirrors_about_half_of_the_images():
    ramp = torch.arange(32, dtype=torch.uint8).expand(400, 3, 32, 32).contiguous()
    batches = draw_batches(ramp, params_with(batch_size=400), torch.Generator().manual_seed(0))
    rising = next(batches)[0][:, 0, 0, 0] == -1
    assert 150 < int(rising.sum()) < 250


def test_images_that_fill_no_batch_are_too_few(images, tmp_path):
    with pytest.raises(TooFewImages, match="20 training images fill no batch of 21"):
        run(images, params_with(batch_size=21), tmp_path)


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_checkpoint(images, tmp_path, monkeypatch):
    params, fabric = params_with(), build_fabric(params_with().runtime, seed=3)
    checkpoint = Checkpoint(tmp_path)
    epochs = train(images, params, fabric, checkpoint, None)
    next(epochs)
    second = next(epochs)
    second.discriminator.main[0].weight.data.fill_(math.nan)
    with pytest.raises(NonFiniteLoss, match=r"epoch 3: a loss is not finite \(Loss_D = nan"):
        next(epochs)
    state = checkpoint.load()
    assert [row["epoch"] for row in state["history"]] == [1, 2]


def test_a_constant_set_of_images_is_learned(tmp_path):
    """One colour is within reach of a few dozen steps: the mean of the samples comes near it."""
    colour = torch.tensor([200, 60, 30], dtype=torch.uint8).view(1, 3, 1, 1).expand(32, 3, 32, 32).contiguous()
    last = run(colour, params_with(epochs=40, ngf=8, ndf=8), tmp_path)[-1]
    pixels = sample(last.generator, 16, seed=0).float()
    torch.testing.assert_close(pixels.mean((0, 2, 3)), torch.tensor([200.0, 60.0, 30.0]), atol=40, rtol=0)


def test_a_batch_without_equal_shares_for_the_devices_is_refused():
    values = VALUES | {"runtime": {"accelerator": "cpu", "devices": 3, "nodes": 1, "precision": "32-true"}}
    with pytest.raises(ConfigError, match="batch_size 8 has no equal shares for 3 devices"):
        config.parse(TrainingParams, values, "dcgan.variants.cropped")


def test_the_discriminator_learns_again_after_the_generators_step(images):
    params = params_with()
    fabric = build_fabric(params.runtime, seed=params.seed)
    adversaries = build_adversaries(params, fabric)
    real, latents = next(draw_batches(images, params, adversaries.rng))
    train_step(adversaries, real, latents, params, fabric, step=0)
    assert isinstance(adversaries.discriminator, Discriminator)
    assert all(weight.requires_grad for weight in adversaries.discriminator.parameters())


def test_images_of_another_side_than_the_networks_are_refused(tmp_path):
    """The discriminator is convolutional: it would judge them without an error, and win by their size."""
    twice = torch.zeros(8, 3, 64, 64, dtype=torch.uint8)
    with pytest.raises(ValueError, match="images of 64 px for networks of 32 px"):
        run(twice, params_with(), tmp_path)
