"""What a whole params.yaml must hold: each section with its params model."""

from pathlib import Path
from typing import Any, Literal

from fashiongen.boards.params import ScrapeParams
from fashiongen.config import Params, parse, section
from fashiongen.crops.params import CropParams
from fashiongen.dcgan.params import DcganParams
from fashiongen.deepfashion.params import DeepfashionParams
from fashiongen.detector.params import EngineName, InferParams, ModelParams, TrainParams
from fashiongen.errors import ConfigError
from fashiongen.images.params import DedupParams
from fashiongen.report.params import EvaluateParams
from fashiongen.runtime import RuntimeParams


class DetectorParams(Params):
    """The section `detector`; its backbones are the items of a matrix in dvc.yaml."""

    backbones: list[str]
    engine: EngineName
    runtime: RuntimeParams
    model: ModelParams
    train: TrainParams
    infer: InferParams


class SourcesParams(Params):
    """The section `sources`: the items of the stages that make a profile's inputs, none where another makes them."""

    street: list[Literal["ccp"]]


class ProfileParams(Params):
    """A whole params.yaml."""

    profile: str
    sources: SourcesParams
    scrape: ScrapeParams
    dedup: DedupParams
    deepfashion: DeepfashionParams
    detector: DetectorParams
    crop: CropParams
    dcgan: "DcganSection"
    evaluate: EvaluateParams


class DcganSection(Params):
    """The section `dcgan`: `settings` is what the variants share by YAML's merge keys, and is not read by itself."""

    settings: dict[str, Any]
    variants: dict[str, DcganParams]


def validate(values: dict[str, Any], path: Path) -> ProfileParams:
    """`values`, read from `path`, as a whole profile.

    Raises:
        ConfigError: a section or key is missing, unknown or of the wrong type, or a variant draws as many images as
            a variant that is not there.
    """
    params = parse(ProfileParams, values, path.name, path)
    return params
