"""The losses of the two networks, from the discriminator's logits."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import relu, softplus

Loss = Literal["bce", "hinge"]  # those that are a sum over single images
Logits = Float[Tensor, " n"]
Scalar = Float[Tensor, ""]


def loss_on_real(logits: Logits, loss: Loss) -> Scalar:
    """The discriminator's loss on real images: -log D(x), or max(0, 1 - logit) (hinge, Lim and Ye 2017)."""
    return softplus(-logits).mean() if loss == "bce" else relu(1 - logits).mean()


def loss_on_fake(logits: Logits, loss: Loss) -> Scalar:
    """The discriminator's loss on fake images: -log(1 - D(G(z))), or max(0, 1 + logit)."""
    return softplus(logits).mean() if loss == "bce" else relu(1 + logits).mean()


def loss_of_generator(logits: Logits, loss: Loss) -> Scalar:
    """The generator's loss, non-saturating: -log D(G(z)), or the negative logit (hinge)."""
    return softplus(-logits).mean() if loss == "bce" else -logits.mean()


def loss_of_pairs(better: Logits, worse: Logits) -> Scalar:
    """The relativistic loss: -log sigmoid of by how much one image's logit is above the other's.

    For the discriminator real images are the better ones, for the generator fake ones (Huang et al. 2024, eq. 2; the
    pairing is Jolicoeur-Martineau's, 2018).
    """
    return softplus(worse - better).mean()


def gradient_penalty(logits: Logits, images: Float[Tensor, "n 3 height width"]) -> Scalar:
    """Half the mean squared norm of the logits' gradient at the images (Mescheder et al. 2018, eq. 9).

    At real images it is R1, at fake ones R2. `images` must require gradients; the penalty is differentiable.
    """
    (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean() / 2
