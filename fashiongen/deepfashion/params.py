"""The section `deepfashion` of params.yaml."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from fashiongen.config import Params, Seed

SplitName = Literal["random", "official", "item"]


class DeepfashionParams(Params):
    """Where the benchmark lies, and how its images are split."""

    root: Path
    split: SplitName
    train_frac: Annotated[float, Field(gt=0, lt=1)]  # of images; the official partition has its own
    seed: Seed
