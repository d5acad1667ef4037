"""Batches hold real images in [-1, 1], each at most once in an epoch, some of them mirrored."""

import torch

from fashiongen.dcgan.training.batches import draw_batches


def test_real_batches_are_the_images_in_minus_one_to_one_each_at_most_once(images, params_with):
    params = params_with(flip=False)
    batches = list(draw_batches(images, params, torch.Generator().manual_seed(0)))
    real = torch.cat([batch for batch, _ in batches])
    pixels = real.add(1).mul(127.5).round().to(torch.uint8)
    matches = (pixels[:, None] == images[None]).flatten(2).all(2)
    assert real.shape == (16, 3, 32, 32)
    assert matches.sum(1).tolist() == [1] * 16
    assert matches.sum(0).max() == 1


def test_a_flip_mirrors_about_half_of_the_images(params_with):
    ramp = torch.arange(32, dtype=torch.uint8).expand(400, 3, 32, 32).contiguous()
    batches = draw_batches(ramp, params_with(batch_size=400), torch.Generator().manual_seed(0))
    rising = next(batches)[0][:, 0, 0, 0] == -1
    assert 150 < int(rising.sum()) < 250
