"""The real garments nearest to a drawn one: of those that its network was trained on."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import torch
from jaxtyping import UInt8
from torch import Tensor

from fashiongen.evaluation.metrics.backbone import load_backbone
from fashiongen.evaluation.nearest_images import TrainingImages
from fashiongen.evaluation.originality import TrainingDescriptors, describe_images
from fashiongen.studio.generators import StudioGenerator


class RealGarment(NamedTuple):
    """A training image at its network's size."""

    image: UInt8[Tensor, "3 height width"]
    name: str  # of its file
    distance: float  # to the drawn one: of features of unit length, from 0 to 2


class RealGarments:
    """The training images of all variants, compared in the features of the best detector.

    Those of a variant are read and described when they are first asked for, which can take a minute for thousands.
    """

    def __init__(
        self, find_detector: Callable[[], Path], find_files: Callable[[str], Sequence[Path]], *, side_px: int
    ) -> None:
        """`find_detector` gives the detector's model folder, `find_files` the training images of a variant.

        `side_px` is the longer side of what the features see.
        """
        self._find_detector, self._find_files, self._side_px = find_detector, find_files, side_px
        self._known: dict[str, tuple[TrainingImages, list[Path], TrainingDescriptors]] = {}
        self._lock = Lock()

    def nearest(
        self, generator: StudioGenerator, drawn: UInt8[Tensor, "3 height width"], count: int
    ) -> list[RealGarment]:
        """The `count` nearest training images of a drawn one, upright or mirrored, the nearest first.

        Raises:
            MissingInput: the images, or the detector, are not there.
        """
        images, paths, known = self._describe(generator)
        own = describe_images(drawn[None], images.extractor.extract(drawn[None])).features
        distances = torch.minimum(*(torch.cdist(own, side.features)[0] for side in (known.upright, known.mirrored)))
        order = distances.argsort(stable=True)[:count].tolist()
        packed = images.pack([paths[place] for place in order], frame=generator.frame)
        return [
            RealGarment(image, paths[place].name, float(distances[place]))
            for image, place in zip(packed, order, strict=True)
        ]

    def _describe(self, generator: StudioGenerator) -> tuple[TrainingImages, list[Path], TrainingDescriptors]:
        with self._lock:
            if generator.name not in self._known:
                paths = list(self._find_files(generator.name))
                images = TrainingImages(load_backbone(self._find_detector(), side_px=self._side_px), generator.card.fit)
                self._known[generator.name] = images, paths, images.describe(paths, frame=generator.frame)
            return self._known[generator.name]
