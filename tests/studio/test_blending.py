"""Blends, ways and choices, by their degenerate cases."""

import pytest
import torch

from fashiongen.studio.blending import blend, choose_alike, path_between, vary


@pytest.fixture
def latents(generator):
    return generator.sample(0, 4, seed=2, truncation=1.0)


def test_all_weight_on_one_gives_it(latents):
    assert torch.allclose(blend(latents, [0.0, 3.0, 0.0, 0.0]), latents[1], atol=1e-6)


def test_a_blend_of_equals_is_the_same(latents):
    assert torch.allclose(blend(latents[:1].expand(3, -1), [0.2, 0.3, 0.5]), latents[0], atol=1e-6)


def test_a_blend_is_as_long_as_its_parts(latents):
    mixed = blend(latents, [1.0] * 4)
    assert float(mixed.norm()) == pytest.approx(float(latents.norm(dim=1).mean()), rel=1e-5)


@pytest.mark.parametrize("weights", [[1.0, 1.0], [0.0] * 4, [1.0, -1.0, 1.0, 1.0], [1.0, 1.0, 1.0, float("nan")]])
def test_weights_that_mean_nothing_are_refused(latents, weights):
    with pytest.raises(ValueError, match="weights"):
        blend(latents, weights)


def test_a_way_begins_and_ends_at_its_garments(latents):
    way = path_between(latents[0], latents[1], steps=9)
    assert torch.allclose(way[[0, -1]], latents[:2], atol=1e-6)
    steps = way.diff(dim=0).norm(dim=1)
    assert float(steps.max() / steps.min()) < 1.6


def test_variations_are_near_and_the_same_each_time(latents):
    near = vary(latents[0], 15, seed=1)
    assert torch.equal(near, vary(latents[0], 15, seed=1))
    to_it = (near - latents[0]).norm(dim=1).mean()
    assert to_it < (torch.randn(200, 8) - latents[0]).norm(dim=1).mean()


def test_likes_are_nearer_and_dislikes_farther_than_random_ones(generator, latents):
    liked, disliked = latents[:1], latents[1:2]

    def distance(found, to):
        pictures = [generator.draw(one).float() for one in (found, to)]
        return float((pictures[0] - pictures[1]).abs().mean())

    none = torch.zeros(0, 8)
    random = generator.sample(0, 64, seed=50, truncation=1.0)
    more = choose_alike(generator, liked, none, 16, seed=1)
    less = choose_alike(generator, none, disliked, 16, seed=1)
    assert distance(more, liked) < 0.6 * distance(random, liked)
    assert distance(less, disliked) > 1.2 * distance(random, disliked)
    assert len(choose_alike(generator, liked, disliked, 16, seed=1)) == 16
