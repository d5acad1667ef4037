"""The arc between latents, against scipy's, and the loop that closes."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import geometric_slerp

from fashiongen.dcgan.export.interpolation import closed_loop, slerp
from fashiongen.dcgan.networks.sampling import sample_latents

FRACS = torch.linspace(0, 1, 9)


def between(start, end):
    return slerp(start.expand(len(FRACS), -1), end.expand(len(FRACS), -1), FRACS)


@given(st.integers(2, 100), st.integers(0, 1000))
def test_directions_follow_the_arc_that_scipy_finds(latent_dim, seed):
    start, end = torch.randn(2, latent_dim, generator=torch.Generator().manual_seed(seed))
    unit = [(row / row.norm()).double().numpy() for row in (start, end)]
    unit = [row / np.linalg.norm(row) for row in unit]
    expected = geometric_slerp(*unit, FRACS.double().numpy())
    got = between(start, end)
    np.testing.assert_allclose((got / got.norm(dim=1, keepdim=True)).numpy(), expected, atol=1e-5)


@given(st.integers(1, 100), st.integers(0, 1000))
def test_lengths_change_evenly_and_the_ends_are_met(latent_dim, seed):
    """In one dimension there are no directions: two latents of one sign, or the line through zero."""
    start, end = torch.randn(2, latent_dim, generator=torch.Generator().manual_seed(seed)) * torch.tensor([[1.0], [3]])
    got = between(start, end)
    torch.testing.assert_close(got[[0, -1]], torch.stack([start, end]), atol=1e-5, rtol=1e-4)
    if latent_dim > 1:
        torch.testing.assert_close(got.norm(dim=1), torch.lerp(start.norm(), end.norm(), FRACS), atol=1e-4, rtol=1e-4)


def test_a_quarter_turn_at_a_third_is_thirty_degrees():
    got = slerp(torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 2.0]]), torch.tensor([1 / 3]))
    torch.testing.assert_close(got, torch.tensor([[math.sqrt(3), 1.0]]))


@pytest.mark.parametrize("end", [[3.0, 4.0], [-3.0, -4.0], [0.0, 0.0]])
def test_where_there_is_no_one_arc_it_takes_the_line(end):
    start = torch.tensor([3.0, 4.0])
    torch.testing.assert_close(between(start, torch.tensor(end)), start + FRACS[:, None] * (torch.tensor(end) - start))


@pytest.mark.parametrize(("stops", "frames"), [(8, 96), (3, 9), (5, 7), (1, 4), (4, 1)])
def test_a_loop_steps_evenly_and_closes(stops, frames):
    """From the last frame it is one more step to the first: in angle, no step between two stops is longer."""
    latents = sample_latents(stops, latent_dim=20, seed=3)
    loop = closed_loop(latents, frames=frames)
    assert loop.shape == (frames, 20, 1, 1)
    torch.testing.assert_close(loop[0], latents[0])
    if frames % stops == 0:
        torch.testing.assert_close(loop[:: frames // stops], latents)
        per_stop = frames // stops
        steps = angles(loop, loop.roll(-1, 0)).view(stops, per_stop)
        expected = angles(latents, latents.roll(-1, 0)) / per_stop
        torch.testing.assert_close(steps, expected[:, None].expand(-1, per_stop), atol=2e-3, rtol=1e-3)


def angles(first, second):
    return torch.acos(torch.cosine_similarity(first.double().flatten(1), second.double().flatten(1)).clamp(-1, 1))


def test_latents_in_between_are_as_long_as_latents_are():
    """Normal latents of 100 dimensions lie near a sphere of radius 10; the middle of a line would lie at 7."""
    loop = closed_loop(sample_latents(8, latent_dim=100, seed=7), frames=96)
    assert float(loop.flatten(1).norm(dim=1).min()) > 8
