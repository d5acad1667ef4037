"""A step's losses are the study's, and each network learns in its own half of the step."""

import pytest
import torch
from torch import nn

from fashiongen.dcgan.training.batches import draw_batches
from fashiongen.dcgan.training.step import train_step
from fashiongen.dcgan.training.trainer import DcganTrainer
from fashiongen.runtime.devices import build_fabric


def test_the_first_step_gives_the_losses_of_the_study_on_probabilities(images, params_with):
    """Equation 5.3 with BCELoss on the Sigmoid's output, network by network, without any of our loop."""
    params = params_with(flip=False)
    fabric = build_fabric(params.runtime, seed=params.seed)
    ours, oracle = DcganTrainer(params, fabric), DcganTrainer(params, fabric)
    real, latents = next(draw_batches(images, params, ours.rng))
    Loss_D, Loss_G, D_x, D_G_z1, D_G_z2 = train_step(ours, real, latents, params, fabric, step=0).tolist()

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
    train_step(trainer, real, latents, params, fabric, step=0)
    assert all(weight.requires_grad for weight in trainer.discriminator.parameters())
