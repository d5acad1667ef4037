"""Differentiable augmentation: each change against its definition, and its gradient against finite differences."""

import pytest
import torch
from torch.autograd import gradcheck

from fashiongen.dcgan.training.augmentation import augment


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def images(n: int = 6, side_px: int = 16, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.rand(n, 3, side_px, side_px, generator=rng(1), dtype=dtype) * 2 - 1


def test_no_policy_changes_nothing_and_draws_nothing():
    generator = rng()
    assert augment(images(), [], generator) is not None
    assert torch.equal(augment(images(), [], generator), images())
    assert torch.equal(generator.get_state(), rng().get_state())


def test_a_probability_of_none_changes_nothing_and_draws_nothing():
    generator = rng()
    assert torch.equal(augment(images(), ["colour", "cutout"], generator, prob=0.0), images())
    assert torch.equal(generator.get_state(), rng().get_state())


def test_a_share_of_the_images_is_changed_by_each_part_alone():
    """Of 4,000 images 30 % by one part, and 1 - 0.7 x 0.7 of them by one of two."""
    many = images(4000, 8)
    for policy, expected in ((["colour"], 0.3), (["colour", "cutout"], 0.51)):
        changed = (augment(many, policy, rng(), prob=0.3) != many).flatten(1).any(1)
        assert float(changed.double().mean()) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("policy", [["colour"], ["translation"], ["cutout"], ["colour", "translation", "cutout"]])
def test_the_generator_alone_decides(policy):
    first, again, other = (augment(images(), policy, rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.shape == images().shape


@pytest.mark.parametrize("policy", [["colour"], ["translation"], ["cutout"]])
def test_gradients_reach_the_images(policy):
    assert gradcheck(lambda x: augment(x, policy, rng()), images(2, 8, torch.float64).requires_grad_())


def test_a_translation_moves_every_image_by_at_most_an_eighth_and_leaves_grey():
    """Each result is the one roll of its image that fits, with zeros where the roll came round."""
    shown, moves = augment(images(), ["translation"], rng()), set()
    for before, after in zip(images(), shown, strict=True):
        found = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if torch.equal(after, shifted(before, down, right))
        ]
        assert len(found) == 1
        moves.update(found)
    assert len(moves) > 1


@pytest.mark.parametrize("frame", [(32, 16), (16, 32)])
def test_each_side_of_a_frame_is_shifted_and_cut_by_its_own_length(frame):
    """Of many images the farthest shift is an eighth of the side, and the longest cut is half of it."""
    ones = torch.ones(200, 3, *frame)
    shifted_in = augment(ones, ["translation"], rng())[:, 0] == 0
    cut_out = augment(ones, ["cutout"], rng())[:, 0] == 0
    for dim, side_px in enumerate(frame):
        others = 2 - dim
        assert shifted_in.all(others).sum(1).max() == side_px // 8
        assert cut_out.any(others).sum(1).max() == side_px // 2


def shifted(image: torch.Tensor, down: int, right: int) -> torch.Tensor:
    padded = torch.nn.functional.pad(image, (2, 2, 2, 2))
    return padded[:, 2 - down : 18 - down, 2 - right : 18 - right]


def test_a_cutout_greys_a_rectangle_of_at_most_half_the_side_and_nothing_else():
    ones = torch.ones(40, 3, 16, 16)
    shown = augment(ones, ["cutout"], rng())
    assert set(shown.unique().tolist()) == {0.0, 1.0}
    for hole in (shown == 0)[:, 0]:
        rows, columns = hole.any(1), hole.any(0)
        assert rows.sum() <= 8
        assert columns.sum() <= 8
        assert torch.equal(hole, rows[:, None] & columns[None])
    assert float((shown == 0).float().mean()) == pytest.approx(0.25 * 0.76, abs=0.06)  # a quarter, less the borders


def test_colour_keeps_the_place_of_every_edge():
    """It is affine in an image's values: where neighbours are equal they stay so, and a grey image stays grey."""
    grey = torch.linspace(-1, 1, 256).view(1, 1, 16, 16).expand(4, 3, 16, 16)
    shown = augment(grey, ["colour"], rng())
    torch.testing.assert_close(shown[:, 0], shown[:, 2])
    steps = shown[:, 0].flatten(1).diff(dim=1)
    torch.testing.assert_close(steps, steps[:, :1].expand_as(steps), atol=1e-5, rtol=1e-3)
    assert not torch.allclose(shown, grey)
