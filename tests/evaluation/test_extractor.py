"""Features in batches, and the hash that names an extractor: equal for equal weights, another for any other."""

import copy

import pytest
import torch
from torch import nn

from fashiongen.evaluation.metrics.extractor import IMAGES_PER_BATCH, Extractor, hash_module


@pytest.fixture
def module() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2))


def test_a_copy_hashes_alike(module):
    assert hash_module(copy.deepcopy(module)) == hash_module(module)


def test_memory_format_does_not_matter(module):
    assert hash_module(copy.deepcopy(module).to(memory_format=torch.channels_last)) == hash_module(module)


@pytest.mark.parametrize("name", ["0.weight", "1.running_mean", "1.num_batches_tracked"])
def test_one_changed_number_changes_the_hash(module, name):
    before = hash_module(module)
    module.state_dict()[name].view(-1)[0] += 1
    assert hash_module(module) != before


def test_a_last_short_batch_counts():
    extractor = Extractor(nn.Flatten(), name="pixels")
    images = torch.randint(0, 256, (2 * IMAGES_PER_BATCH + 3, 3, 2, 2)).to(torch.uint8)
    assert torch.equal(extractor.extract(images), images.flatten(1).double())


def test_an_extractor_is_frozen_and_names_its_weights(module):
    extractor = Extractor(module, name="small")
    assert not any(parameter.requires_grad for parameter in module.parameters())
    assert not module.training
    assert extractor.sha256 == hash_module(module)
