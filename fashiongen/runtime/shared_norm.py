"""BatchNorm over a batch that is spread over several devices: the training is that of one device with the whole batch.

PyTorch's own SyncBatchNorm runs on CUDA only, and has no second derivative for R1.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn


class SharedBatchNorm2d(nn.BatchNorm2d):
    """BatchNorm2d with the mean and variance of the images of all processes, which must have equally many images."""

    def forward(self, values: Float[Tensor, "n channels height width"]) -> Float[Tensor, "n channels height width"]:
        """Normalise over all processes in training, and by the running statistics in evaluation."""
        if not self.training:
            return super().forward(values)
        processes = torch.distributed.get_world_size()
        axes = (0, 2, 3)
        mean = _SumOverProcesses.apply(values.float().mean(axes)) / processes
        centred = values - mean.view(1, -1, 1, 1)
        variance = _SumOverProcesses.apply(centred.float().square().mean(axes)) / processes
        self._update_running_statistics(
            mean.detach(), variance.detach(), count=processes * values.numel() // values.shape[1]
        )
        scale = self.weight * (variance + self.eps).rsqrt()
        normalised: Float[Tensor, "n channels height width"] = (
            centred * scale.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)
        ).to(values.dtype)
        return normalised

    @torch.no_grad()
    def _update_running_statistics(self, mean: Tensor, variance: Tensor, *, count: int) -> None:
        """Update the running statistics as BatchNorm2d does: by `momentum`, with the unbiased variance."""
        assert self.running_mean is not None and self.running_var is not None and self.momentum is not None
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance * (count / (count - 1)), self.momentum)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)


def share_statistics(network: nn.Module) -> None:
    """Turn every BatchNorm2d in `network` into a SharedBatchNorm2d, which keeps its weights and statistics."""
    for module in network.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = SharedBatchNorm2d


class _SumOverProcesses(torch.autograd.Function):
    """The sum over all processes; its gradient is that of the sum of their losses, and is itself differentiable."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        total = values.clone()
        torch.distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return _SumOverProcesses.apply(gradients[0])
