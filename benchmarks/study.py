"""The settings that all benchmarks of the DCGAN start from."""

from pathlib import Path
from typing import Any

from fashiongen import config
from fashiongen.cli.profiles import read_profile
from fashiongen.dcgan.params import TrainingParams

PROFILES = Path(__file__).parent.parent / "profiles"


def read_study() -> dict[str, Any]:
    """The study's own, from the thesis profile: all of `TrainingParams` but the seed."""
    variant = config.section(read_profile("thesis", PROFILES), "dcgan.variants.cropped")
    return {name: value for name, value in variant.items() if name in TrainingParams.model_fields}
