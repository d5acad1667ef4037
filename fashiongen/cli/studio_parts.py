"""The studio of this project: its networks, its detector, its training images, its collection."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp

from fashiongen import config
from fashiongen.cli.models import BEST, find_detector, load_detector
from fashiongen.cli.networks import MODELS
from fashiongen.crops.params import CropParams
from fashiongen.detector.inference import Detector
from fashiongen.evaluation.nearest_images import read_training_set
from fashiongen.images.select import Source
from fashiongen.studio.app import build_app
from fashiongen.studio.collection import Collection
from fashiongen.studio.drawing import Drawing
from fashiongen.studio.generators import Generators
from fashiongen.studio.kept_garments import KeptGarments
from fashiongen.studio.photographs import LEAST_SCORE, GarmentFinder
from fashiongen.studio.real_garments import RealGarments

REPORTS = Path("reports/dcgan")
FIRST = ("cutout",)  # its garments stand on white, where an outline can be told
SOURCES: Final[dict[Source, Path]] = {
    "images": Path("data/pinterest/images"),
    "crops": Path("data/crops/images"),
    "cutouts": Path("data/crops/cutouts"),
}


def build_studio(collection: Path, *, host: str) -> ASGIApp:
    """The application for this folder's networks; it is to be served on `host`.

    Raises:
        MissingInput: no network is trained, or params.yaml is not here.
        BadInput: the collection is none.
    """
    generators = Generators(MODELS, first=FIRST)
    side_px = config.section(config.read_yaml(config.PARAMS_FILE), "evaluate.features_side_px")
    kept = Collection(collection)
    drawing = Drawing(
        generators,
        GarmentFinder(_load_detector, config.load(CropParams, "crop")),
        RealGarments(partial(find_detector, BEST), _find_training_images, side_px=int(side_px)),
    )
    return build_app(drawing, KeptGarments(generators, kept), kept, host=host)


def _find_training_images(variant: str) -> Sequence[Path]:
    return read_training_set(REPORTS / variant, SOURCES)[1]


def _load_detector() -> Detector:
    detector = load_detector(find_detector(BEST), None, min_score=LEAST_SCORE).detector
    return detector._replace(infer=detector.infer.model_copy(update={"workers": 0}))  # of one picture at a time
