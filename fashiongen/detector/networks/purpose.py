"""What a network is built for: it decides which numbers of the params it needs."""

from dataclasses import dataclass
from typing import TypeAlias

from fashiongen.detector.params import InferParams, TrainParams


@dataclass(frozen=True)
class ForTraining:
    """The network computes the four losses; it is never in evaluation mode."""

    params: TrainParams


@dataclass(frozen=True)
class ForInference:
    """The network detects; it is never in training mode."""

    params: InferParams


@dataclass(frozen=True)
class ForWeights:
    """The network holds weights, or its backbone runs alone; it neither trains nor detects."""


Purpose: TypeAlias = ForTraining | ForInference | ForWeights
