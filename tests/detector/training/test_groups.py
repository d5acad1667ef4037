"""AP by the size of the garment and by the light: images whose boxes and grey are known."""

import json

import pytest
from PIL import Image

from fashiongen.coco.detection import Detection
from fashiongen.detector.data.targets import read_targets
from fashiongen.detector.training.groups import score_groups

SIDE_PX = 100
TWO_TYPES = [{"id": 1, "name": "upper"}, {"id": 2, "name": "lower"}]


@pytest.fixture
def score(tmp_path):
    """The rows by group, of images (grey, side of the box), of which those with a number in `seen` are detected."""

    def score(images, seen):
        content = {"categories": TWO_TYPES, "images": [], "annotations": []}
        found = []
        for number, (grey, box_px) in enumerate(images):
            name = f"{number}.png"
            Image.new("RGB", (SIDE_PX, SIDE_PX), (grey, grey, grey)).save(tmp_path / name)
            bbox = [0.0, 0.0, float(box_px), float(box_px)]
            content["images"].append({"id": number, "file_name": name})
            row = {"id": number + 1, "image_id": number, "category_id": 1 + number % 2, "bbox": bbox, "area": box_px**2}
            content["annotations"].append(row)
            found.append([Detection(number, 1 + number % 2, tuple(bbox), 0.9)] if number in seen else [])
        path = tmp_path / "val.json"
        path.write_text(json.dumps(content))
        return {row.group: row for row in score_groups(path, read_targets(path, tmp_path), found)}

    return score


def test_a_detector_that_sees_only_in_the_light_says_so(score):
    """The nine images are darker, the larger their garment."""
    rows = score([(25 * number, 90 - 10 * number) for number in range(9)], seen={6, 7, 8})
    assert {name: (row.AP, row.AP50) for name, row in rows.items()} == {
        "small garments": (1, 1),
        "middle garments": (0, 0),
        "large garments": (0, 0),
        "dark pictures": (0, 0),
        "middling pictures": (0, 0),
        "light pictures": (1, 1),
    }


def test_a_row_tells_the_values_between_which_it_lies_and_its_images(score):
    rows = score([(0, 10), (51, 20), (102, 30), (153, 40), (204, 50), (255, 100)], seen=())
    assert [(row.low, row.high, row.images) for row in rows.values()] == [
        (0.01, 0.04, 2),
        (0.09, 0.16, 2),
        (0.25, 1, 2),
        (0, 0.2, 2),
        (0.4, 0.6, 2),
        (0.8, 1, 2),
    ]


def test_fewer_images_than_groups_leave_the_others_out(score):
    assert list(score([(0, 10)], seen={0})) == ["small garments", "dark pictures"]
