"""Which trained detector a name means, and that detector as params.yaml has it run."""

from pathlib import Path
from typing import get_args

from fashiongen import config
from fashiongen.detector import inference
from fashiongen.detector.export.output import NamedDetector
from fashiongen.detector.networks.model_folder import CARD, read_card
from fashiongen.detector.params import BackboneName, InferParams
from fashiongen.errors import MissingInput
from fashiongen.runtime.devices import build_fabric
from fashiongen.runtime.params import RuntimeParams

BEST = "best"
MODELS = Path("models")


def find_detector(name: str) -> Path:
    """The model folder of the best detector, of a backbone's, or the one at a path.

    Raises:
        MissingInput: it is not trained yet, or there is none; the message says which, and what to do.
    """
    if name == BEST:
        return _require(MODELS / "best_detector", "select_detector")
    if name in get_args(BackboneName):
        return _require(MODELS / "detector" / name, f"train_detector@{name}")
    if (Path(name) / CARD).is_file():
        return Path(name)
    raise MissingInput(f"{name}: no detector; name {BEST}, a backbone that is trained, or a folder with a {CARD}")


def _require(folder: Path, stage: str) -> Path:
    if not (folder / CARD).is_file():
        raise MissingInput(f"{folder}: not trained yet; `dvc repro {stage}`, or `dvc pull {folder}`")
    return folder


def load_detector(folder: Path, engine: str | None, *, min_score: float) -> NamedDetector:
    """The detector in a model folder, as `detector.infer` (but for its `min_score`) and `detector.runtime` say.

    Raises:
        ConfigError: there is no such engine, or params.yaml is wrong.
        MissingInput: the engine is not installed.
        CheckpointError: the folder is incomplete, or of another version.
    """
    infer = config.load(InferParams, "detector.infer").model_copy(update={"min_score": min_score})
    runtime = config.load(RuntimeParams, "detector.runtime").model_copy(update={"threads": None})  # a person waits
    fabric = build_fabric(runtime, seed=0)  # nothing is drawn at random here
    detector = inference.load(folder, infer=infer, fabric=fabric, engine=engine)
    return NamedDetector(detector, read_card(folder).categories)
