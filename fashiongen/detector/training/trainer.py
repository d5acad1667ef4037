"""A detector in training with its optimiser, and one training step."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import SGD

from fashiongen.detector.data.batches import Batch
from fashiongen.detector.networks.contract import LOSSES, DetectorNetwork
from fashiongen.detector.params import TrainParams
from fashiongen.detector.training.self_training import PseudoLabels
from fashiongen.runtime.averaging import Average
from fashiongen.runtime.shared_norm import share_statistics

NORMS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm)


class DetectorTrainer:
    """All that a training changes: a network, its average, its optimiser, and its pseudo-labels."""

    def __init__(self, network: DetectorNetwork, params: TrainParams, fabric: Fabric) -> None:
        self.params = params
        self.fabric = fabric
        self.network = network.train()
        fabric.to_device(self.network)
        halflife = params.ema_halflife_images
        self.average = None if halflife is None else Average(self.network, halflife_images=halflife)
        if fabric.world_size > 1:
            share_statistics(self.network)
        optimizer = SGD(
            _parameter_groups(self.network, params), lr=params.base_lr, momentum=params.momentum, fused=True
        )
        self.optimizer = cast(SGD, fabric.setup_optimizers(optimizer))
        self.pseudo_labels: PseudoLabels | None = None  # None: it has labelled no photographs yet
        self.ddp_network: nn.Module = self.network  # what a step calls
        if fabric.world_size > 1:
            self.ddp_network = DistributedDataParallel(self.network, forward_sync_buffers=False)

    @property
    def ema_network(self) -> DetectorNetwork:
        """The averaged network, which is evaluated and kept; the trained one where no average is kept."""
        return self.network if self.average is None else self.average.network

    def step(self, parts: Sequence[Batch], *, iteration: int, lr: float) -> dict[str, Tensor]:
        """One step of the optimiser on the mean over the parts of a batch; returns the four losses, on the device.

        `iteration` counts from 0.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.optimizer.zero_grad(set_to_none=True)
        rows = [self._add_gradients(part, is_last=part is parts[-1], share=1 / len(parts)) for part in parts]
        self.optimizer.step()
        if self.average is not None:
            seen, batch_size = (iteration + 1) * self.params.batch_size, self.params.batch_size
            self.average.update(self.network, batch_size=batch_size, images_seen=seen)
        means = torch.stack([torch.stack([row[name].detach() for row in rows]).mean() for name in LOSSES])
        if self.fabric.world_size > 1:
            means = cast(Tensor, self.fabric.all_reduce(means))
        return dict(zip(LOSSES, means, strict=True))

    def _add_gradients(self, batch: Batch, *, is_last: bool, share: float) -> dict[str, Tensor]:
        """Add the gradients of a part of a batch; the devices exchange them after the last part. Returns the losses."""
        images, targets = self.fabric.to_device((batch.images, batch.targets))
        no_exchange: AbstractContextManager[Any] = nullcontext()
        if isinstance(self.ddp_network, DistributedDataParallel) and not is_last:
            no_exchange = self.ddp_network.no_sync()
        with no_exchange:
            with self.fabric.autocast():
                losses: dict[str, Tensor] = self.ddp_network(images, batch.sizes, targets, batch.seeds)
            self.fabric.backward(cast(Tensor, sum(losses.values())) * share)
        return losses

    def copy_weights(self) -> dict[str, Tensor]:
        """The weights of `ema_network` under torchvision's names, copied to the CPU."""
        weights = self.ema_network.named_weights()
        return {name: tensor.detach().cpu().clone() for name, tensor in weights.items()}

    def state_dict(self) -> dict[str, Any]:
        """Weights, running statistics, average, momentum and pseudo-labels."""
        return {
            "network": self.network.state_dict(),
            "average": None if self.average is None else self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "pseudo_labels": self.pseudo_labels and self.pseudo_labels._asdict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.network.load_state_dict(state["network"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.pseudo_labels = state["pseudo_labels"] and PseudoLabels(**state["pseudo_labels"])


def _parameter_groups(network: nn.Module, params: TrainParams) -> list[dict[str, Any]]:
    """The trainable parameters in two groups: those of normalisations have a weight decay of their own."""
    norms = [module for module in network.modules() if isinstance(module, NORMS)]
    of_norms = {id(parameter) for norm in norms for parameter in norm.parameters(recurse=False)}
    trainable = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups = (
        ([parameter for parameter in trainable if id(parameter) not in of_norms], params.weight_decay),
        ([parameter for parameter in trainable if id(parameter) in of_norms], params.weight_decay_norm),
    )
    return [{"params": parameters, "weight_decay": decay} for parameters, decay in groups if parameters]
