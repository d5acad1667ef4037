"""The crops of many images, cut in threads while the detector goes on."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from fashiongen.coco.detection import Detection
from fashiongen.crops.choose import choose
from fashiongen.crops.cut import cut_crop
from fashiongen.crops.params import CropParams
from fashiongen.files import write_bytes
from fashiongen.images.manifest import CropRecord, ImageRecord

WAITING_PER_WORKER = 8  # crops that may wait to be cut: it bounds the memory


class CroppedImage(NamedTuple):
    """What was detected in an image, and its crop's row if one was cut."""

    detections: tuple[Detection, ...]
    crop: CropRecord | None


def write_crops(
    images: Sequence[ImageRecord],
    detected: Iterable[tuple[Detection, ...]],
    *,
    source: Path,
    target: Path,
    params: CropParams,
) -> Iterator[CroppedImage]:
    """Cut the chosen garment out of each image in `source`; yield the images in their order.

    Below `target`, images/ gets the crops, masks/ the garments' masks and cutouts/ the garments under them.

    Raises:
        MissingInput, CorruptImage: as `read_image`.
    """

    def cut(image: ImageRecord, chosen: Detection) -> CropRecord:
        crop = cut_crop(image, source, chosen, params)
        for folder, content in (("images", crop.png), ("masks", crop.mask_png), ("cutouts", crop.cutout_png)):
            if content is not None:
                write_bytes(target / folder / crop.record.file, content)
        return crop.record

    waiting: deque[tuple[tuple[Detection, ...], Future[CropRecord] | None]] = deque()
    with ThreadPoolExecutor(params.workers) as pool:
        for image, detections in zip(images, detected, strict=True):
            chosen = choose(detections, params)
            waiting.append((detections, None if chosen is None else pool.submit(cut, image, chosen)))
            while len(waiting) > params.workers * WAITING_PER_WORKER or (waiting and _is_done(waiting[0][1])):
                yield _finished(*waiting.popleft())
        while waiting:
            yield _finished(*waiting.popleft())


def _is_done(crop: Future[CropRecord] | None) -> bool:
    return crop is None or crop.done()


def _finished(detections: tuple[Detection, ...], crop: Future[CropRecord] | None) -> CroppedImage:
    return CroppedImage(detections, None if crop is None else crop.result())
