"""Where and how precisely a training computes: the section `runtime` of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from fashiongen.config import Params


class RuntimeParams(Params):
    """Device and precision of one training, as Lightning Fabric names them."""

    accelerator: Literal["auto", "cpu", "cuda", "mps"]
    devices: Annotated[int, Field(ge=1, le=64)]  # of each node
    nodes: Annotated[int, Field(ge=1, le=1024)]
    precision: Literal["32-true", "bf16-mixed", "16-mixed"]
    threads: Annotated[int, Field(ge=1, le=1024)] | None  # of PyTorch in each process; None: one per core

    @property
    def processes(self) -> int:
        """One for each device of each node."""
        return self.devices * self.nodes
