"""A step's losses are the study's, and each network learns in its own half of the step."""

import itertools

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus
from torch.optim import Adam

from fashiongen.dcgan.training.batches import draw_batches
from fashiongen.dcgan.training.loop import train
from fashiongen.dcgan.training.schedule import values_at
from fashiongen.dcgan.training.step import train_step
from fashiongen.dcgan.training.trainer import DcganTrainer
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric


def test_the_first_step_gives_the_losses_of_the_study_on_probabilities(images, params_with):
    """Equation 5.3 with BCELoss on the Sigmoid's output, network by network, without any of our loop."""
    params = params_with(flip=False)
    fabric = build_fabric(params.runtime, seed=params.seed)
    ours, oracle = DcganTrainer(params, fabric), DcganTrainer(params, fabric)
    real, latents = next(draw_batches(images, params, ours.rng))
    Loss_D, Loss_G, D_x, D_G_z1, D_G_z2 = train_step(
        ours, real, latents, params, fabric, step=0, values=values_at(params, done_frac=0.0)
    ).tolist()

    bce, fake = nn.BCELoss(), oracle.generator(latents)
    on_real, on_fake = oracle.discriminator(real), oracle.discriminator(fake.detach())
    loss_d = bce(on_real, torch.ones(8)) + bce(on_fake, torch.zeros(8))
    loss_d.backward()
    oracle.optimizer_d.step()
    on_fake_after = oracle.discriminator(fake)
    loss_g = bce(on_fake_after, torch.ones(8))
    oracle.optimizer_g.zero_grad()
    loss_g.backward()
    oracle.optimizer_g.step()

    means = [float(value.detach().mean()) for value in (loss_d, loss_g, on_real, on_fake, on_fake_after)]
    assert [Loss_D, Loss_G, D_x, D_G_z1, D_G_z2] == pytest.approx(means, rel=1e-4)
    for name in ("generator", "discriminator"):
        trained, expected = getattr(ours, name).state_dict(), getattr(oracle, name).state_dict()
        for key in expected:
            torch.testing.assert_close(trained[key], expected[key], rtol=1e-3, atol=1e-5, msg=f"{name} {key}")


def test_the_discriminator_learns_again_after_the_generators_step(images, params_with):
    params = params_with()
    fabric = build_fabric(params.runtime, seed=params.seed)
    trainer = DcganTrainer(params, fabric)
    real, latents = next(draw_batches(images, params, trainer.rng))
    train_step(trainer, real, latents, params, fabric, step=0, values=values_at(params, done_frac=0.0))
    assert all(weight.requires_grad for weight in trainer.discriminator.parameters())


def test_without_a_schedule_two_epochs_are_those_of_a_plain_loop_to_the_bit(images, tmp_path, params_with):
    """The study's loop written out, with R1: no later setting changes a bit of it."""
    params = params_with(epochs=2, penalty={"gamma": 0.1, "every_steps": 3, "at": "real"})
    fabric = build_fabric(params.runtime, seed=params.seed)
    *_, last = train(images, params, fabric, Checkpoint(tmp_path), None)
    oracle = DcganTrainer(params, build_fabric(params.runtime, seed=params.seed))
    generator, discriminator = oracle.generator, oracle.discriminator
    logits_of = discriminator.logits_network()
    adam_g, adam_d = (
        Adam(network.parameters(), lr=0.002, betas=(0.5, 0.999), fused=True) for network in (generator, discriminator)
    )
    for step, (real, latents) in enumerate(
        batch for _ in range(2) for batch in draw_batches(images, params, oracle.rng)
    ):
        fake = generator(latents)
        adam_d.zero_grad()
        real.requires_grad_(step % 3 == 0)
        logits = logits_of(real).flatten()
        loss = softplus(-logits).mean()
        if step % 3 == 0:
            (gradient,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
            loss = loss + 0.1 * 3 * (gradient.square().sum(dim=(1, 2, 3)).mean() / 2)
        loss.backward()
        softplus(logits_of(fake.detach()).flatten()).mean().backward()
        adam_d.step()
        adam_g.zero_grad()
        discriminator.requires_grad_(False)
        softplus(-logits_of(fake).flatten()).mean().backward()
        adam_g.step()
        discriminator.requires_grad_(True)
    for name in ("generator", "discriminator"):
        trained, expected = getattr(last.state.trainer, name).state_dict(), getattr(oracle, name).state_dict()
        assert [key for key in expected if not torch.equal(trained[key], expected[key])] == []


PENALTY = {"gamma": 0.5, "every_steps": 1, "at": "both"}
MODERN = {"family": "modern", "norm_d": "none", "kernel_px": 3, "ngf": 2, "ndf": 2, "loss": "relativistic"}


@pytest.mark.parametrize("penalty", [None, PENALTY])
def test_a_relativistic_step_follows_the_paper(images, params_with, penalty):
    """Written out after equations 2 and 11 of Huang et al. 2024: pairs, R1 and R2, then the generator's turn."""
    params = params_with(**MODERN, flip=False, penalty=penalty)
    fabric = build_fabric(params.runtime, seed=params.seed)
    ours, oracle = DcganTrainer(params, fabric), DcganTrainer(params, fabric)
    real, latents = next(draw_batches(images, params, ours.rng))
    values = values_at(params, done_frac=0.0)
    found = train_step(ours, real.clone(), latents, params, fabric, step=0, values=values).tolist()

    fake, logits_of = oracle.generator(latents), oracle.discriminator.logits_network()
    seen, drawn = real.clone().requires_grad_(), fake.detach().requires_grad_()
    margins = logits_of(seen).flatten() - logits_of(drawn).flatten()
    loss_d = (1 + (-margins).exp()).log().mean()
    penalties = [0.5 / 2 * squared_gradients(logits_of, of) for of in (seen, drawn)] if penalty else []
    sum(penalties, loss_d).backward()
    oracle.optimizer_d.step()
    after = logits_of(fake).flatten() - logits_of(real).flatten()
    loss_g = (1 + (-after).exp()).log().mean()
    oracle.optimizer_g.zero_grad()
    loss_g.backward()
    oracle.optimizer_g.step()

    assert found[:2] == pytest.approx([loss_d.item(), loss_g.item()], rel=1e-4)
    for name in ("generator", "discriminator"):
        trained, expected = getattr(ours, name).state_dict(), getattr(oracle, name).state_dict()
        for key in expected:
            torch.testing.assert_close(trained[key], expected[key], rtol=1e-3, atol=2e-5, msg=f"{name} {key}")


COMBINATIONS = [
    network
    | {"loss": loss, "penalty": on and {"gamma": 0.5, "every_steps": 1, "at": on}}
    | {"runtime": {"accelerator": "cpu", "devices": 1, "nodes": 1, "precision": precision, "threads": None}}
    for loss, on, network, precision in itertools.product(
        ["bce", "hinge", "relativistic"],
        [None, "real", "both"],
        [MODERN, {"norm_d": "batch"}, {"norm_d": "spectral"}, {"norm_d": "none"}],
        ["32-true", "bf16-mixed"],
    )
    if (network["norm_d"], on) != ("batch", "both")  # refused: tests/dcgan/test_params.py
]


@pytest.mark.slow
@pytest.mark.parametrize("changes", COMBINATIONS)
def test_every_loss_goes_with_every_penalty_family_and_precision(images, params_with, changes):
    params = params_with(**changes, augment=["colour", "cutout"])
    fabric = build_fabric(params.runtime, seed=params.seed)
    trainer = DcganTrainer(params, fabric)
    for step, (real, latents) in enumerate(draw_batches(images, params, trainer.rng)):
        before = {name: weight.clone() for name, weight in trainer.named_weights().items()}
        values = values_at(params, done_frac=0.5)
        assert train_step(trainer, real, latents, params, fabric, step=step, values=values).isfinite().all()
    after = trainer.named_weights()
    assert all(tensor.isfinite().all() for tensor in after.values())
    learned = [name for name, _ in trainer.generator.named_parameters(prefix="generator")]
    assert all(not torch.equal(before[name], after[name]) for name in learned)


@pytest.mark.slow
def test_a_modern_step_in_bfloat16_is_the_one_in_float32_within_its_rounding(images, params_with):
    """Of the penalty too, whose gradient has a gradient: both losses, and the direction of D's gradients."""
    losses, gradients = [], []
    for precision in ("32-true", "bf16-mixed"):
        runtime = {"accelerator": "cpu", "devices": 1, "nodes": 1, "precision": precision, "threads": None}
        params = params_with(**MODERN | {"ndf": 8}, runtime=runtime, penalty=PENALTY | {"gamma": 10.0})
        fabric = build_fabric(params.runtime, seed=params.seed)
        trainer = DcganTrainer(params, fabric)
        real, latents = next(draw_batches(images, params, trainer.rng))
        values = values_at(params, done_frac=0.0)
        for step in range(3):  # the blocks are the identity in the first
            found = train_step(trainer, real.detach(), latents, params, fabric, step=step, values=values)
        losses.append(found[:2].tolist())
        gradients.append(torch.cat([values.grad.flatten() for values in trainer.discriminator.parameters()]))
    assert losses[1] == pytest.approx(losses[0], rel=0.05)
    assert float(torch.cosine_similarity(*gradients, dim=0)) > 0.95


def squared_gradients(logits_of: nn.Module, images: Tensor) -> Tensor:
    (gradients,) = torch.autograd.grad(logits_of(images).sum(), images, create_graph=True)
    return gradients.square().sum() / len(images)
