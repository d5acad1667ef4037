"""A garment in a photograph that someone uploads: found, cut out, and brought to the size of a network."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from fashiongen.coco.detection import Detection
from fashiongen.coco.garment_types import CATEGORY_NAMES
from fashiongen.crops.cut import crop_box
from fashiongen.crops.cutout import cut_garment
from fashiongen.crops.params import CropParams
from fashiongen.detector.data.targets import ImageFile
from fashiongen.detector.inference import Detector, detect
from fashiongen.errors import BadInput, CorruptImage
from fashiongen.images.pack import Frame, fit_frame
from fashiongen.images.reading.decode import MAX_PIXELS, decode_reduced
from fashiongen.studio.generators import StudioGenerator

UPLOAD = Path("upload")  # what the decoder calls uploaded bytes
LEAST_SCORE = 0.2  # below it nothing is a garment
SEEN_PX = 400  # drawn garments are enlarged to this height for the detector, which was trained on photographs


class FoundGarment(NamedTuple):
    """What the detector sees in a picture."""

    label: str  # upper, lower or full
    score: float
    box: tuple[float, float, float, float]  # x, y, width, height as shares of the picture's sides


class CutGarment(NamedTuple):
    """The garment that was found in a photograph."""

    seen: FoundGarment
    picture: Image.Image  # on white if its outline was found, else with what is around it
    is_cut_out: bool
    target: UInt8[Tensor, "3 height width"]  # at the network's size


class GarmentFinder:
    """The best detector, loaded when something is first looked at."""

    def __init__(self, load: Callable[[], Detector], crop: CropParams) -> None:
        self._load, self._crop = load, crop
        self._detector: Detector | None = None
        self._lock = Lock()

    def find(self, image: Image.Image) -> list[FoundGarment]:
        """All garments in a picture, the surest first.

        Raises:
            MissingInput: no detector is trained.
        """
        return [_describe(one, image.size) for one in self._detect(image)]

    def find_in_drawn(self, image: Image.Image) -> list[FoundGarment]:
        """As `find`, for a small drawn picture."""
        scale = max(1, SEEN_PX // image.height)
        return self.find(image.resize((image.width * scale, image.height * scale), Image.Resampling.BICUBIC))

    def cut(self, content: bytes, generator: StudioGenerator) -> CutGarment:
        """The surest garment of the type that the pipeline crops, else the surest of any, in a photograph's bytes.

        Raises:
            CorruptImage: the bytes do not decode.
            BadInput: no garment is in the photograph.
        """
        image = read_upload(content)
        found = [one for one in self._detect(image) if one.score >= LEAST_SCORE]
        if not found:
            raise BadInput(
                "no garment was found in this photograph; choose one that shows a whole person from the front"
            )
        asked = [one for one in found if CATEGORY_NAMES[one.category_id] == self._crop.label]
        best = max(asked or found, key=lambda one: one.score)
        picture, is_cut_out = self._lift(image, best, on_white=generator.is_on_white)
        target = to_target(picture, generator.frame, generator)
        return CutGarment(_describe(best, image.size), picture, is_cut_out, target)

    def _lift(self, image: Image.Image, best: Detection, *, on_white: bool) -> tuple[Image.Image, bool]:
        if on_white and self._crop.cutout is not None:
            cutout = cut_garment(np.asarray(image), best.bbox, self._crop.cutout)
            if cutout.rgba is not None:
                garment = Image.fromarray(cutout.rgba)
                ground = Image.new("RGBA", garment.size, "white")
                return Image.alpha_composite(ground, garment).convert("RGB"), True
        return image.crop(crop_box(best.bbox, size=image.size, params=self._crop)), False

    def _detect(self, image: Image.Image) -> tuple[Detection, ...]:
        with self._lock, tempfile.TemporaryDirectory() as folder:
            if self._detector is None:
                self._detector = self._load()
            path = Path(folder) / "picture.png"
            image.save(path, compress_level=1)
            return next(detect(self._detector, [ImageFile(0, path)]))


def _describe(one: Detection, size: tuple[int, int]) -> FoundGarment:
    """A detection in an image of `size` (width, height)."""
    (x, y, w, h), (width, height) = one.bbox, size
    return FoundGarment(CATEGORY_NAMES[one.category_id], one.score, (x / width, y / height, w / width, h / height))


def read_upload(content: bytes) -> Image.Image:
    """The image in uploaded bytes, by the reader of all images, with its limits.

    Raises:
        CorruptImage: it does not decode; the message says what to do about it.
    """
    try:
        return decode_reduced(content, UPLOAD, at_least_px=None).image
    except CorruptImage as error:
        raise CorruptImage(_explain(str(error))) from error


def to_target(picture: Image.Image, frame: Frame, generator: StudioGenerator) -> UInt8[Tensor, "3 height width"]:
    """A picture in a network's frame, fitted as its training images were."""
    fitted = fit_frame(picture, frame, generator.card.fit)
    return torch.from_numpy(np.array(fitted)).permute(2, 0, 1).contiguous()


def _explain(fault: str) -> str:
    """What someone can do about an image that does not decode, from what the reader says of it."""
    if "cannot identify" in fault:
        return "this file is no picture that can be read here: save it as JPEG, PNG or WebP, then choose it again"
    if " pixels" in fault:
        return f"this picture is too large: it may have {MAX_PIXELS // 1_000_000} million pixels"
    return "this picture is damaged, or of a kind that is not read here: save it again as JPEG or PNG"
