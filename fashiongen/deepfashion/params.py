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
    decode_images: bool  # whether every image is decoded to its end; else a whole JPEG's header is enough
    check_boxes: bool  # whether boxes that belong to images of another size are scaled to them, or refused
