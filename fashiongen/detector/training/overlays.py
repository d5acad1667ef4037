"""Ground truth and predictions drawn on images."""

from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageOps

from fashiongen.coco.detection import Detection
from fashiongen.detector.data.targets import Target
from fashiongen.images.reading.decode import read_image

TRUTH_RGB = (40, 200, 90)
FOUND_RGB = (235, 50, 60)
BACKGROUND = (255, 255, 255)
CAPTION_PX = 14


def render_overlays(
    targets: Sequence[Target],
    found: Sequence[Sequence[Detection]],
    categories: Mapping[int, str],
    *,
    columns: int,
    cell_px: int,
) -> Image.Image:
    """A page of images with captions, row by row: true boxes in green, the strongest detection in red."""
    rows = max(1, -(-len(targets) // columns))
    sheet = Image.new("RGB", (columns * cell_px, rows * (cell_px + CAPTION_PX)), BACKGROUND)
    for index, (target, detections) in enumerate(zip(targets, found, strict=True)):
        left, top = index % columns * cell_px, index // columns * (cell_px + CAPTION_PX)
        sheet.paste(_drawn(target, detections, cell_px), (left, top))
        ImageDraw.Draw(sheet).text((left + 3, top + cell_px), _caption(target, detections, categories), fill="black")
    return sheet


def _drawn(target: Target, detections: Sequence[Detection], side_px: int) -> Image.Image:
    picture = read_image(target.image.path)
    scale = side_px / max(picture.size)
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    draw = ImageDraw.Draw(picture)
    boxes = [(box.tolist(), TRUTH_RGB) for box in target.boxes_xyxy]
    for box, colour in [*boxes, *((_corners(detection), FOUND_RGB) for detection in detections[:1])]:
        draw.rectangle([value * scale for value in box], outline=colour, width=2)
    return ImageOps.pad(picture, (side_px, side_px), color=BACKGROUND)


def _caption(target: Target, detections: Sequence[Detection], categories: Mapping[int, str]) -> str:
    truth = ", ".join(categories[int(label)] for label in target.labels)
    if not detections:
        return f"{truth}; nothing found"
    return f"{truth}; found {categories[detections[0].category_id]} {detections[0].score:.2f}"


def _corners(detection: Detection) -> tuple[float, float, float, float]:
    x, y, width, height = detection.bbox
    return (x, y, x + width, y + height)
