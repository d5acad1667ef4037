"""A closed path through the latents, for an animation that loops without a jump."""

import torch
from jaxtyping import Float
from torch import Tensor

SMALLEST_SINE = 1e-6  # of the angle; below it, arc and line are equal in float32


def closed_loop(stops: Float[Tensor, "stops latent 1 1"], *, frames: int) -> Float[Tensor, "frames latent 1 1"]:
    """`frames` latents in equal steps from stop to stop and back to the first, which is not repeated at the end."""
    positions = torch.arange(frames, dtype=torch.float64) * len(stops) / frames
    before = positions.long()
    after = (before + 1) % len(stops)
    return slerp(stops[before].flatten(1), stops[after].flatten(1), positions - before)[..., None, None]


def slerp(
    starts: Float[Tensor, "n latent"], ends: Float[Tensor, "n latent"], fracs: Float[Tensor, " n"]
) -> Float[Tensor, "n latent"]:
    """The point at a fraction (0 to 1) of the way from each start to its end, along the arc about the origin.

    The direction is interpolated on the sphere (slerp, Shoemake 1985) and the length linearly. A straight line would
    pass closer to the origin than normal latents lie (White 2016, arXiv:1609.04468). Opposite directions have no single
    arc between them and are interpolated linearly.
    """
    # In float32 the arc cosine would be off by 1e-3.
    starts, ends, fracs = starts.double(), ends.double(), fracs.double()[:, None]
    from_length, to_length = (rows.norm(dim=1, keepdim=True) for rows in (starts, ends))
    from_unit, to_unit = starts / from_length, ends / to_length
    angle = torch.acos((from_unit * to_unit).sum(1, keepdim=True).clamp(-1, 1))
    turned = (torch.sin((1 - fracs) * angle) * from_unit + torch.sin(fracs * angle) * to_unit) / torch.sin(angle)
    arc = turned * torch.lerp(from_length, to_length, fracs)
    return torch.where(torch.sin(angle) > SMALLEST_SINE, arc, torch.lerp(starts, ends, fracs)).float()
