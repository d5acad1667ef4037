"""What a whole params.yaml must hold: each section with its params model."""

from pathlib import Path
from typing import Any, Literal

from fashiongen.boards.params import ScrapeParams
from fashiongen.config import Params, parse
from fashiongen.crops.params import CropParams
from fashiongen.dcgan.params import DcganParams
from fashiongen.deepfashion.params import DeepfashionParams
from fashiongen.detector.params import DetectorParams
from fashiongen.evaluation.params import EvaluateParams
from fashiongen.images.params import DedupParams


class SourcesParams(Params):
    """The section `sources`: the items of the stages that make a profile's inputs, none where another makes them."""

    street: list[Literal["ccp"]]
    thesis: list[Literal["deepfashion"]]


class DcganSection(Params):
    """The section `dcgan`: what the variants and their queries share, by YAML's merge keys, and the variants."""

    settings: dict[str, Any]
    query: dict[str, Any]
    variants: dict[str, DcganParams]


class ProfileParams(Params):
    """A whole params.yaml."""

    profile: Literal["demo", "street", "thesis"]  # the one that it began as
    sources: SourcesParams
    scrape: ScrapeParams
    dedup: DedupParams
    deepfashion: DeepfashionParams
    detector: DetectorParams
    crop: CropParams
    dcgan: DcganSection
    evaluate: EvaluateParams


def validate(values: dict[str, Any], path: Path) -> ProfileParams:
    """`values`, read from `path`, as a whole profile.

    Raises:
        ConfigError: a section or key is missing, unknown or of the wrong type; the message names file and key.
    """
    return parse(ProfileParams, values, "", path)
