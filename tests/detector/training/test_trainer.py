"""A step is SGD's on the mean of its parts, normalisations decay by themselves, and the average follows."""

from copy import deepcopy

import pytest
import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins import MixedPrecision
from torch import nn
from torch.optim import SGD

from fashiongen.detector.data.batches import MemoryReader, Share, TrainingBatches
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.networks.contract import LOSSES
from fashiongen.detector.networks.purpose import ForTraining
from fashiongen.detector.training.trainer import DetectorTrainer
from fashiongen.runtime.averaging import ema_decay


@pytest.fixture
def build_trainer(model, training, fabric):
    def build(engine="torchvision", norm="batch", **changes):
        params = training.model_copy(update=changes)
        update = {"norm": norm, "trainable_layers": 3 if norm == "frozen_batch" else 5}
        network = get_engine(engine).build(
            "resnet18", model.model_copy(update=update), ForTraining(params), categories=3
        )
        return DetectorTrainer(network, params, fabric)

    return build


@pytest.fixture
def parts_of(data, model):
    """The parts of the first batch."""

    def build(params):
        reader = MemoryReader(data.images, model, short_side_px=64)
        return TrainingBatches(data.targets, reader, params, divisor_px=32, share=Share(0, 1))[0]

    return build


def copied(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


@pytest.mark.parametrize("norm", ["batch", "frozen_batch"])
def test_norms_have_a_weight_decay_of_their_own(build_trainer, engine, norm):
    """All that learns is in one of the two groups, once; a frozen normalisation has no parameters."""
    trainer = build_trainer(engine, norm, weight_decay=0.1, weight_decay_norm=0.3)
    groups = trainer.optimizer.param_groups
    decay = {id(parameter): group["weight_decay"] for group in groups for parameter in group["params"]}
    expected = {}
    for module in trainer.network.modules():
        own = 0.3 if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm)) else 0.1
        expected |= {id(p): own for p in module.parameters(recurse=False) if p.requires_grad}
    assert decay == expected
    assert set(decay.values()) == ({0.1, 0.3} if norm == "batch" else {0.1})
    assert sum(len(group["params"]) for group in groups) == len(decay)


@pytest.mark.slow
def test_a_step_is_sgds_on_the_gradient_of_the_four_losses(build_trainer, parts_of, training, engine):
    """Computed again by PyTorch's own optimiser on a copy, with a decay that shows."""
    trainer, copy = (build_trainer(engine, weight_decay=0.2, weight_decay_norm=0.7) for _ in range(2))
    copy.network.load_state_dict(trainer.network.state_dict())
    [batch] = parts_of(training)
    found = trainer.step([batch], iteration=0, lr=0.003)
    assert found.keys() == set(LOSSES)
    losses = copy.network(batch.images, batch.sizes, batch.targets, batch.seeds)
    sum(losses.values()).backward()
    decays = [(group["params"], group["weight_decay"]) for group in copy.optimizer.param_groups]
    SGD([{"params": params, "weight_decay": decay} for params, decay in decays], lr=0.003, momentum=0.9).step()
    for name in LOSSES:
        assert found[name].item() == pytest.approx(losses[name].item(), rel=1e-5)
        assert not found[name].requires_grad
    expected = copy.network.state_dict()
    for name, value in trainer.network.state_dict().items():
        torch.testing.assert_close(value, expected[name], msg=name)


def test_the_losses_of_parts_are_their_mean(build_trainer, parts_of):
    trainer = build_trainer(norm="frozen_batch", accumulate=2)
    parts = parts_of(trainer.params)
    alone = [trainer.network(part.images, part.sizes, part.targets, part.seeds) for part in parts]
    found = trainer.step(parts, iteration=0, lr=0.0)
    for name in LOSSES:
        one, other = (losses[name].item() for losses in alone)
        assert one != pytest.approx(other, rel=1e-4)
        assert found[name].item() == pytest.approx((one + other) / 2, rel=1e-5)


def test_the_average_follows_at_its_half_life(build_trainer, parts_of, training, engine):
    """Weights and running statistics alike keep `decay` of what they were."""
    trainer = build_trainer(engine, ema_halflife_images=30.0)
    parts = parts_of(training)
    for iteration in range(2):
        before = copied(trainer.ema_network)
        trainer.step(parts, iteration=iteration, lr=0.01)
        decay = ema_decay(batch_size=4, halflife_images=30.0, images_seen=4 * (iteration + 1))
        weights = trainer.network.state_dict()
        for name, value in trainer.ema_network.state_dict().items():
            if value.is_floating_point():
                expected = decay * before[name] + (1 - decay) * weights[name]
                torch.testing.assert_close(value, expected, rtol=1e-4, atol=1e-6, msg=name)
    assert not trainer.ema_network.training
    assert any(not torch.equal(value, weights[name]) for name, value in trainer.ema_network.state_dict().items())


def test_without_a_half_life_the_trained_network_is_evaluated_and_kept(build_trainer):
    trainer = build_trainer(ema_halflife_images=None)
    assert trainer.ema_network is trainer.network


def test_a_trainer_goes_on_from_its_state_as_if_it_had_not_stopped(build_trainer, parts_of, training, engine):
    """Momentum, average and statistics too: the next step is the same to the bit."""
    parts = parts_of(training)
    first, second = build_trainer(engine), build_trainer(engine)
    first.step(parts, iteration=0, lr=0.01)
    second.load_state_dict(deepcopy(first.state_dict()))
    for trainer in (first, second):
        trainer.step(parts, iteration=1, lr=0.01)
    for one, other in ((first.network, second.network), (first.ema_network, second.ema_network)):
        weights = other.state_dict()
        assert all(torch.equal(value, weights[name]) for name, value in one.state_dict().items())


@pytest.mark.slow
class TestHalfPrecision:
    """float16 wants a scaled loss; a GPU's arithmetic, on the processor."""

    @pytest.fixture
    def build(self, model, training):
        def build(scale: float) -> DetectorTrainer:
            scaler = torch.amp.GradScaler("cpu", init_scale=scale)
            fabric = Fabric(accelerator="cpu", plugins=MixedPrecision("16-mixed", "cpu", scaler))
            torch.manual_seed(3)
            network = get_engine("torchvision").build("resnet18", model, ForTraining(training), categories=3)
            return DetectorTrainer(network, training, fabric)

        return build

    def test_a_step_that_overflows_is_left_out_and_the_scale_halved(self, build, parts_of, training):
        """Of one image: a processor is slow in float16."""
        trainer = build(2.0**30)
        before = {name: parameter.detach().clone() for name, parameter in trainer.network.named_parameters()}
        losses = trainer.step(parts_of(training.model_copy(update={"batch_size": 1})), iteration=0, lr=0.01)
        assert all(value.isfinite() for value in losses.values())
        assert [name for name, one in trainer.network.named_parameters() if not torch.equal(one, before[name])] == []
        assert trainer.fabric.strategy.precision.state_dict()["scale"] == 2.0**29
