"""What a whole params.yaml must hold: each section with its params model."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from fashiongen import config
from fashiongen.boards.params import ScrapeParams
from fashiongen.cli.profiles import PROFILES, profile_names
from fashiongen.config import PARAMS_FILE, Params, Slug, parse, require_distinct
from fashiongen.crops.params import CropParams
from fashiongen.dcgan.params import DcganParams
from fashiongen.deepfashion.params import DeepfashionParams
from fashiongen.detector.params import BackboneName, DetectorParams
from fashiongen.errors import ConfigError
from fashiongen.evaluation.params import EvaluateParams
from fashiongen.executor.params import ExecutorParams
from fashiongen.images.params import DedupParams, StorageParams
from fashiongen.studio.proposals import ProposeParams
from fashiongen.trends.params import TrendsParams

BACKBONES = 3  # that dvc.yaml names
NAMED = ("cropped", "original", "subset", "cutout")  # the variants that dvc.yaml names


class AboutParams(Params):
    """The section `about`: what people are told of a profile."""

    free_disk_gb: Annotated[float, Field(ge=0)]  # what a run needs
    page_note: str  # one sentence at the head of the report page


class SourcesParams(Params):
    """The section `sources`: the items of the stages that prepare a profile's inputs; none where others do."""

    street: Annotated[list[Literal["ccp"]], Field(max_length=1)]
    thesis: Annotated[list[Literal["deepfashion"]], Field(max_length=1)]


class ThreeBackbones(DetectorParams):
    """The section `detector` of the pipeline, whose dvc.yaml names three backbones by their index."""

    backbones: Annotated[
        list[BackboneName], Field(min_length=BACKBONES, max_length=BACKBONES), AfterValidator(require_distinct)
    ]


class DcganSection(Params):
    """The section `dcgan`: what the variants and their queries share, by YAML's merge keys, and the variants."""

    settings: dict[str, Any]
    query: dict[str, Any]
    variants: Annotated[dict[Slug, DcganParams], Field(min_length=1)]

    @model_validator(mode="after")
    def _fit_is_one(self) -> "DcganSection":
        fits = {name: variant.fit for name, variant in self.variants.items()}
        if len(set(fits.values())) > 1:
            raise ValueError(f"variants differ in fit ({fits}): set it once, in dcgan.settings, or none is comparable")
        return self

    @model_validator(mode="after")
    def _named_ones_are_there(self) -> "DcganSection":
        if missing := [name for name in NAMED if name not in self.variants]:
            raise ValueError(f"variants: {', '.join(missing)} missing: dvc.yaml names {', '.join(NAMED)}, keep them")
        return self


class ProfileParams(Params):
    """A whole params.yaml."""

    profile: Slug  # the one that it began as
    about: AboutParams
    sources: SourcesParams
    executor: ExecutorParams
    storage: StorageParams
    scrape: ScrapeParams
    dedup: DedupParams
    deepfashion: DeepfashionParams
    detector: ThreeBackbones
    crop: CropParams
    dcgan: DcganSection
    trends: TrendsParams
    evaluate: EvaluateParams
    propose: ProposeParams

    @model_validator(mode="after")
    def _cutouts_are_cut(self) -> "ProfileParams":
        asking = [name for name, variant in self.dcgan.variants.items() if variant.query.source == "cutouts"]
        if asking and self.crop.cutout is None:
            raise ValueError(f"crop.cutout is null, and dcgan.variants.{asking[0]} trains on cut-outs: set crop.cutout")
        return self


def read_params(path: Path = PARAMS_FILE) -> dict[str, Any]:
    """The values of params.yaml.

    Raises:
        ConfigError: as `validate`, or there is no such file, or it is not YAML.
    """
    values = config.read_yaml(path)
    validate(values, path)
    return values


def validate(values: dict[str, Any], path: Path, profiles: Path = PROFILES) -> ProfileParams:
    """`values`, read from `path`, as a whole params.yaml.

    Raises:
        ConfigError: a section or key is missing, unknown or has a wrong value, or there is no such profile; the message
            names file, key and value.
    """
    params = parse(ProfileParams, values, "", path)
    names = profile_names(profiles)
    if params.profile not in names:
        raise ConfigError(f"{path}: profile: {params.profile}: no such profile; choose from {', '.join(names)}")
    return params
