"""Where work on many images runs: the section `executor` of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fashiongen.config import Params


class ExecutorParams(Params):
    """The engine and its size. No output depends on them, so no stage is stale after a change."""

    engine: Literal["local", "ray"]
    address: str | None  # of a Ray cluster, such as 10.0.0.1:6379; None: one that lives as long as the stage
    workers: Annotated[int, Field(ge=1, le=100_000)] | None  # None: one per core, of the cluster's with Ray

    @model_validator(mode="after")
    def _address_is_rays(self) -> "ExecutorParams":
        if self.address is not None and self.engine != "ray":
            raise ValueError("address is that of a Ray cluster: set engine to ray, or address to null")
        return self
