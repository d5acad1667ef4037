"""A detection's box as pixels of its image."""

import hashlib
import io
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from fashiongen.coco.detection import Detection
from fashiongen.coco.garment_types import CATEGORY_NAMES
from fashiongen.crops.boxes import PixelBox
from fashiongen.crops.cutout import Cutout, cut_garment
from fashiongen.crops.params import CropParams
from fashiongen.images.manifest import CropRecord, ImageRecord
from fashiongen.images.reading.decode import read_image


class Crop(NamedTuple):
    """A row of crops.csv and the PNG files that it describes."""

    record: CropRecord
    png: bytes
    mask_png: bytes | None  # on the crop's frame, pixel for pixel; None where cut-outs are off
    cutout_png: bytes | None  # in a frame of its own, with alpha; None where the mask failed too


def crop_box(bbox: tuple[float, float, float, float], *, size: tuple[int, int], params: CropParams) -> PixelBox:
    """The pixels to cut for a box (x, y, width, height) of an image of `size` (width, height).

    The box is padded, then widened about its centre to the aspect. A result that passes the image's edge is shifted
    inside, and one larger than the image is reduced to it, so that no pixel is made up.
    """
    x, y, width, height = bbox
    wanted_width, wanted_height = (side * (1 + 2 * params.padding_frac) for side in (width, height))
    if params.aspect is not None:
        wanted_width, wanted_height = (
            max(wanted_width, wanted_height * params.aspect),
            max(wanted_height, wanted_width / params.aspect),
        )
    left, right = _span(x + width / 2, wanted_width, size[0])
    top, bottom = _span(y + height / 2, wanted_height, size[1])
    return PixelBox(left, top, right, bottom)


def _span(centre: float, length: float, limit: int) -> tuple[int, int]:
    """Start and end in whole pixels, within 0 and `limit`, of a span of `length` about `centre`; at least one pixel."""
    whole = min(limit, max(1, math.floor(length + 0.5)))
    start = min(max(0, math.floor(centre - whole / 2 + 0.5)), limit - whole)
    return start, start + whole


def cut_crop(source: ImageRecord, folder: Path, detection: Detection, params: CropParams) -> Crop:
    """Cut a detection out of the image `source` in `folder`; for what it raises see `read_image`."""
    image = read_image(folder / source.file)
    box = crop_box(detection.bbox, size=image.size, params=params)
    png = _encode(image.crop(box))
    record = _record(source, detection, box.size, png)
    if params.cutout is None:
        return Crop(record, png, None, None)
    cutout = cut_garment(np.asarray(image), detection.bbox, params.cutout)
    mask_png = _encode(Image.fromarray(cutout.mask[box.rows, box.columns]))
    cutout_png = None if cutout.rgba is None else _encode(Image.fromarray(cutout.rgba))
    return Crop(record.model_copy(update=_describe(cutout, cutout_png)), png, mask_png, cutout_png)


def _encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _describe(cutout: Cutout, png: bytes | None) -> dict[str, Any]:
    """The columns of a cut-out."""
    judged = {"mask": cutout.verdict, "mask_certainty": round(cutout.certainty, 6)}
    if cutout.rgba is None or png is None:
        return judged
    height, width = cutout.rgba.shape[:2]
    sha256 = hashlib.sha256(png).hexdigest()
    return {**judged, "cutout_width_px": width, "cutout_height_px": height, "cutout_sha256": sha256}


def _record(source: ImageRecord, detection: Detection, size: tuple[int, int], png: bytes) -> CropRecord:
    """The row of a crop; its box is the detection's, without padding."""
    x, y, width, height = (round(value, 2) for value in detection.bbox)
    return CropRecord(
        file=Path(source.file).with_suffix(".png").as_posix(),
        source=source.file,
        **source.model_dump(include={"pin_id", "brand", "board", "season", "pinned_on", "title", "split"}),
        label=CATEGORY_NAMES[detection.category_id],
        score=round(detection.score, 6),
        x_px=x,
        y_px=y,
        w_px=width,
        h_px=height,
        width_px=size[0],
        height_px=size[1],
        sha256=hashlib.sha256(png).hexdigest(),
        mask=None,
        mask_certainty=None,
        cutout_width_px=None,
        cutout_height_px=None,
        cutout_sha256=None,
    )
